//! A refusal, by JSON and by SOAP: a code and a text; by JSON with status 200 but for what is no call or the server's own failure (OF-2.9, OF-2.10).

use crate::dialects::ofsys::codes::Code;
use crate::domain::access::Denied;
use crate::domain::core::Unavailable;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its word.
    pub code: Code,
    /// What is wrong, in a sentence for people. Never empty (OF-2.6).
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}

impl Fault {
    /// A refusal with its reason.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 200 }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A member that must be there is not (OF-3.7).
    #[must_use]
    pub fn missing(path: &str) -> Self {
        Self::new(Code::MissingParameter, format!("{path} is missing"))
    }

    /// A member cannot be what it is (OF-3.7). `reason` goes on after the member's name.
    #[must_use]
    pub fn invalid(path: &str, reason: &str) -> Self {
        Self::new(Code::InvalidParameter, format!("{path} {reason}"))
    }

    /// The store or the program failed. Logs the whole chain; the client learns only that it may try again.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a call failed");
        Self::new(Code::InternalError, "Internal error, please try again").with_status(500)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotLoggedIn => Self::new(Code::AuthenticationFailed, "The key is not valid"),
            Denied::NotPermitted(_) => Self::new(Code::AccessDenied, "The key does not permit this call"),
        }
    }
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::internal(&error)
    }
}
