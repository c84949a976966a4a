//! How a refusal looks on this wire: codes, texts, status (OE-4). Which number a command answers stands beside the command.

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::access::Denied;
use crate::domain::core::Unavailable;

/// A refusal.
#[derive(Debug, Clone)]
pub struct Fault {
    kind: Kind,
    extra: Object,
    /// The choices of the account it concerns, once known.
    wire: Option<Box<Wire>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Codes of the command itself, explained by its table.
    Command(Vec<i64>),
    /// Not logged in, not permitted: always one number (OE-4).
    Access(i64, &'static str),
    /// The call as such is wrong or the server failed: number, text, HTTP status.
    Hard(i64, &'static str, u16),
}

impl Fault {
    /// One code of the command.
    #[must_use]
    pub fn code(code: i64) -> Self {
        Self::codes(vec![code])
    }

    /// Several codes of the command; a scalar command answers the first.
    #[must_use]
    pub fn codes(codes: Vec<i64>) -> Self {
        Self { kind: Kind::Command(codes), extra: Object::new(), wire: None }
    }

    /// A further key beside the codes.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.extra.insert(key, value);
        self
    }

    /// Nobody is logged in, or the permission is missing.
    #[must_use]
    pub fn denied(denied: Denied) -> Self {
        let kind = match denied {
            Denied::NotLoggedIn => Kind::Access(99998, "Authentication failure or session expired"),
            Denied::NotPermitted(_) => Kind::Access(99999, "Not enough privileges"),
        };
        Self { kind, extra: Object::new(), wire: None }
    }

    /// The body is no JSON object (OE-4).
    #[must_use]
    pub fn not_json() -> Self {
        Self::hard(100_000, "Request body is not valid JSON", 400)
    }

    /// The request cannot be read: broken, too large, too many parameters.
    #[must_use]
    pub fn unreadable(text: &'static str, status: u16) -> Self {
        Self::hard(100_001, text, status)
    }

    /// There is no such command.
    #[must_use]
    pub fn unknown_command() -> Self {
        Self::hard(100_003, "Unknown API command", 400)
    }

    /// The store or the program failed. Logs the whole chain; the client learns only that it may try again.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a call failed");
        Self::hard(100_005, "Internal error, please try again", 500)
    }

    fn hard(code: i64, text: &'static str, status: u16) -> Self {
        Self { kind: Kind::Hard(code, text, status), extra: Object::new(), wire: None }
    }

    /// Notes by whose choices it is to be rendered; the first note stays.
    #[must_use]
    pub fn under(mut self, wire: Wire) -> Self {
        self.wire.get_or_insert_with(|| Box::new(wire));
        self
    }

    /// The refusal as its HTTP status, envelope and choices. `texts` explains the command's codes.
    #[must_use]
    pub fn into_reply(self, codes: Codes, texts: &[(i64, &'static str)], server: &Wire) -> (u16, Object, Wire) {
        let wire = self.wire.map_or_else(|| server.clone(), |wire| *wire);
        let explain = |code: i64| texts.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| *text);
        let mut status = 200;
        let mut reply = Object::new().put("Success", false);
        match self.kind {
            Kind::Command(list) if wire.codes_are_array(codes) => {
                let explained: Vec<Value> = list.iter().map(|code| explain(*code).into()).collect();
                let numbers: Vec<Value> = list.into_iter().map(Value::Int).collect();
                reply = reply.put("ErrorCode", numbers).put("ErrorText", explained);
            }
            Kind::Command(list) => {
                let code = list.first().copied().unwrap_or_default();
                reply = reply.put("ErrorCode", code).put("ErrorText", explain(code));
            }
            Kind::Access(code, text) => reply = reply.put("ErrorCode", code).put("ErrorText", text),
            Kind::Hard(code, text, hard_status) => {
                let row = Object::new().put("Code", code).put("Message", text);
                reply = reply.put("ErrorCode", code).put("ErrorText", text).put("Errors", vec![Value::from(row)]);
                let keeps_status = hard_status >= 500 || wire.is("http_errors", "v5");
                status = if keeps_status { hard_status } else { 200 };
            }
        }
        reply.extend(self.extra);
        (status, reply, wire)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::denied(denied)
    }
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::internal(&error)
    }
}
