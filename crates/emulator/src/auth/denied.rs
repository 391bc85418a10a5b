//! Why a request was turned away, in the words of the service. None of them holds a secret.

use crate::error::{Kind, Refusal};

/// A request whose sender is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    /// It is neither signed nor brings a token.
    #[error("Missing Authentication Token")]
    NoToken,
    /// What follows the algorithm in the header is no list of pairs.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 \
         and encoded with Base64): '{header_hash}'."
    )]
    NotPairs { header_hash: String },
    /// The header lacks what it needs; one sentence for each.
    #[error("{lacks} (Hashed with SHA-256 and encoded with Base64) Authorization={header_hash}")]
    Lacks { lacks: String, header_hash: String },
    #[error("Unsupported AWS 'algorithm': '{algorithm}'.")]
    Algorithm { algorithm: String },
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )]
    Date { date: String },
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term."
    )]
    Credential,
    #[error("X-Amz-Expires must be a number of seconds from 1 to 604800.")]
    Expires,
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostUnsigned,
    #[error("Credential should be scoped to a valid region.")]
    Region,
    #[error("Credential should be scoped to correct service: '{expected}'.")]
    Service { expected: &'static str },
    #[error("Credential should be scoped with a valid terminator: 'aws4_request'.")]
    Terminator,
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '{scope}' != '{header}', from '{stamp}'."
    )]
    ScopeDate { scope: String, header: String, stamp: String },
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    #[error("The security token included in the request is expired")]
    SessionExpired,
    #[error("Signature expired: {stamp} is now earlier than {earliest} ({now} - {minutes} min.)")]
    Expired { stamp: String, earliest: String, now: String, minutes: i64 },
    #[error(
        "Signature not yet current: {stamp} is still later than {latest} ({now} + {minutes} min.)"
    )]
    NotYetCurrent { stamp: String, latest: String, now: String, minutes: i64 },
    /// The texts say what should have been signed, which is what helps whoever writes a signer.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details.\
         \n\nThe Canonical String for this request should have been\n'{canonical}'\
         \n\nThe String-to-Sign should have been\n'{to_sign}'\n"
    )]
    Mismatch { canonical: String, to_sign: String },
    #[error("Authentication failed: Please make sure your API Key is valid.")]
    ApiKey,
    #[error("Bearer Token has expired")]
    ApiKeyExpired,
}

impl Denied {
    const fn kind(&self) -> Kind {
        match self {
            Self::NoToken => Kind::MissingAuthenticationToken,
            Self::NotPairs { .. }
            | Self::Lacks { .. }
            | Self::Algorithm { .. }
            | Self::Date { .. }
            | Self::Credential
            | Self::Expires => Kind::IncompleteSignature,
            Self::UnknownKey => Kind::UnrecognizedClient,
            Self::SessionExpired => Kind::ExpiredToken,
            Self::ApiKey | Self::ApiKeyExpired => Kind::ApiKey,
            Self::HostUnsigned
            | Self::Region
            | Self::Service { .. }
            | Self::Terminator
            | Self::ScopeDate { .. }
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Mismatch { .. } => Kind::InvalidSignature,
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::new(denied.kind(), denied.to_string())
    }
}
