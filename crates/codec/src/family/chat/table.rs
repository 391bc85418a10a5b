//! The families that speak the shared shape, and their differences.

use super::marks::Marks;
use super::{Chat, Dialect};

/// OpenAI's open models, which reason inside the text.
pub(in crate::family) static OPENAI: Chat = Chat {
    providers: &["openai"],
    models: "",
    dialect: Dialect { name: "openai", reasoning: Some(&TAGS), ..PLAIN },
};

/// Alibaba's Qwen.
pub(in crate::family) static QWEN: Chat = Chat {
    providers: &["qwen"],
    models: "",
    dialect: Dialect { name: "qwen", images: true, ..PLAIN },
};

/// Writer's Palmyra.
pub(in crate::family) static WRITER: Chat = Chat {
    providers: &["writer"],
    models: "",
    dialect: Dialect { name: "writer", images: true, ..PLAIN },
};

/// Moonshot's Kimi, which has two names as a provider.
pub(in crate::family) static KIMI: Chat = Chat {
    providers: &["moonshot", "moonshotai"],
    models: "",
    dialect: Dialect {
        name: "kimi",
        images: true,
        stop_sequences: false,
        reasoning: Some(&TAGS),
        ..PLAIN
    },
};

/// MiniMax.
pub(in crate::family) static MINIMAX: Chat = Chat {
    providers: &["minimax"],
    models: "",
    dialect: Dialect { name: "minimax", stop_sequences: false, ..PLAIN },
};

/// Z.AI's GLM.
pub(in crate::family) static GLM: Chat =
    Chat { providers: &["zai"], models: "", dialect: Dialect { name: "glm", ..PLAIN } };

/// Google's Gemma.
pub(in crate::family) static GEMMA: Chat = Chat {
    providers: &["google"],
    models: "",
    dialect: Dialect { name: "gemma", images: true, ..PLAIN },
};

/// NVIDIA's Nemotron.
pub(in crate::family) static NEMOTRON: Chat = Chat {
    providers: &["nvidia"],
    models: "",
    dialect: Dialect { name: "nemotron", images: true, ..PLAIN },
};

/// AI21's Jamba.
pub(in crate::family) static JAMBA: Chat =
    Chat { providers: &["ai21"], models: "jamba", dialect: Dialect { name: "jamba", ..PLAIN } };

/// A dialect without peculiarities, and without a name.
pub(in crate::family) const PLAIN: Dialect = Dialect {
    name: "",
    images: false,
    stop_sequences: true,
    any_tool: "required",
    named_tool: true,
    reasoning: None,
    prompted_reasoning: None,
};

/// Reasoning as the service marks it, in streams around every token of it.
const TAGS: Marks = Marks { open: "<reasoning>", close: "</reasoning>", begun: false };
