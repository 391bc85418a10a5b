//! Open sets of words: the known ones by name, and any other as it came.

/// Declares an enum whose variants stand for words on the wire. An unknown word is kept.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// Another word, as it stands on the wire.
            Other(alloc::string::String),
        }

        impl $name {
            /// The word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }

            pub(crate) fn from_json(value: $crate::Value) -> Result<Self, $crate::DecodeError> {
                $crate::json::string(value).map(|word| Self::from(word.as_str()))
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}
pub(crate) use words;
