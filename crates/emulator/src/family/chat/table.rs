//! The families that speak the shared shape, and their differences.

use super::{Chat, ChatFamily, Envelope, Thoughts};

/// OpenAI's open models, which reason inside the text.
pub(in crate::family) static OPENAI: ChatFamily =
    ChatFamily { name: "openai", wire: &IN_TEXT, ..PLAIN };

/// Alibaba's Qwen.
pub(in crate::family) static QWEN: ChatFamily = ChatFamily { name: "qwen", ..PLAIN };

/// Writer's Palmyra, which says little unless asked for more.
pub(in crate::family) static WRITER: ChatFamily =
    ChatFamily { name: "writer", default_max_tokens: Some(16), ..PLAIN };

/// Moonshot's Kimi, which reasons inside the text.
pub(in crate::family) static KIMI: ChatFamily =
    ChatFamily { name: "kimi", wire: &IN_TEXT, stops: false, ..PLAIN };

/// MiniMax.
pub(in crate::family) static MINIMAX: ChatFamily =
    ChatFamily { name: "minimax", stops: false, ..PLAIN };

/// Z.AI's GLM.
pub(in crate::family) static GLM: ChatFamily = ChatFamily { name: "glm", ..PLAIN };

/// Google's Gemma.
pub(in crate::family) static GEMMA: ChatFamily = ChatFamily { name: "gemma", ..PLAIN };

/// NVIDIA's Nemotron.
pub(in crate::family) static NEMOTRON: ChatFamily = ChatFamily { name: "nemotron", ..PLAIN };

/// AI21's Jamba, with an envelope of its own.
pub(in crate::family) static JAMBA: ChatFamily = ChatFamily {
    name: "jamba",
    wire: &Chat { envelope: Envelope::Jamba, ..Chat::PLAIN },
    default_max_tokens: Some(4096),
    ..PLAIN
};

const PLAIN: ChatFamily =
    ChatFamily { name: "", wire: &Chat::PLAIN, stops: true, default_max_tokens: None };

static IN_TEXT: Chat = Chat { thoughts: Thoughts::InText, ..Chat::PLAIN };
