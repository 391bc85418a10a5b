//! What a request may ask of a format, by name.

use core::fmt;

/// Something that a request may hold and not every format can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Capability {
    /// Tools that the model may call.
    Tools,
    /// Whether and which tool the model must call.
    ToolChoice,
    /// Whether a tool's result is a success or an error.
    ToolStatus,
    /// A system text.
    System,
    /// Images.
    Images,
    /// Documents.
    Documents,
    /// Videos.
    Video,
    /// Audio.
    Audio,
    /// Reasoning that is sent back.
    Reasoning,
    /// Text with its sources.
    Citations,
    /// Results of a search, to be cited.
    SearchResults,
    /// Text or images marked for a guardrail.
    GuardContent,
    /// Marks up to which a request may be cached.
    CachePoints,
    /// Texts at which to stop.
    StopSequences,
    /// A further parameter of inference, such as `topK`.
    Parameters,
    /// A member that only Converse has in the body, such as `guardrailConfig`.
    ConverseMembers,
}

impl Capability {
    /// Its name, for messages and for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::ToolChoice => "tool choice",
            Self::ToolStatus => "tool status",
            Self::System => "system",
            Self::Images => "images",
            Self::Documents => "documents",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Reasoning => "reasoning",
            Self::Citations => "citations",
            Self::SearchResults => "search results",
            Self::GuardContent => "guard content",
            Self::CachePoints => "cache points",
            Self::StopSequences => "stop sequences",
            Self::Parameters => "parameters",
            Self::ConverseMembers => "Converse members",
        }
    }

    /// The capability that a member of the neutral request stands for.
    pub(crate) fn of_member(key: &str) -> Option<Self> {
        MEMBERS.iter().find(|(known, _)| *known == key).map(|(_, capability)| *capability)
    }

    /// The capability that a path in the neutral request is about: that of the innermost member
    /// that stands for one.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let words =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut found = None;
        for (at, word) in words.enumerate() {
            found = match (Self::of_member(word), at) {
                (Some(capability), _) => Some(capability),
                (None, 1) if path.starts_with(".inferenceConfig.") => Some(Self::Parameters),
                (None, _) => found,
            };
        }
        found
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const MEMBERS: &[(&str, Capability)] = &[
    ("toolConfig", Capability::Tools),
    ("toolUse", Capability::Tools),
    ("toolResult", Capability::Tools),
    ("toolChoice", Capability::ToolChoice),
    ("status", Capability::ToolStatus),
    ("system", Capability::System),
    ("image", Capability::Images),
    ("document", Capability::Documents),
    ("video", Capability::Video),
    ("audio", Capability::Audio),
    ("reasoningContent", Capability::Reasoning),
    ("citationsContent", Capability::Citations),
    ("searchResult", Capability::SearchResults),
    ("guardContent", Capability::GuardContent),
    ("cachePoint", Capability::CachePoints),
    ("stopSequences", Capability::StopSequences),
    ("guardrailConfig", Capability::ConverseMembers),
    ("requestMetadata", Capability::ConverseMembers),
    ("performanceConfig", Capability::ConverseMembers),
    ("serviceTier", Capability::ConverseMembers),
    ("outputConfig", Capability::ConverseMembers),
    ("promptVariables", Capability::ConverseMembers),
    ("additionalModelResponseFieldPaths", Capability::ConverseMembers),
];
