//! The hostile set for a SOAP service: messages that want to do harm, and what must come back for each.
//!
//! One set for both users: `cargo xtask hostile` (the real program) and the integration tests (a service that gives back what it got), which
//! include this folder by path.

pub mod answers;
pub mod bodies;
pub mod characters;
pub mod documents;
pub mod limits;
pub mod references;
pub mod slow;

use std::sync::atomic::{AtomicU32, Ordering};

/// The namespace of SOAP 1.1 envelopes.
pub const ENV11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The namespace of SOAP 1.2 envelopes.
pub const ENV12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// The service that the messages are for.
#[derive(Debug)]
pub struct Service {
    /// Its path.
    pub path: &'static str,
    /// Its namespace.
    pub namespace: &'static str,
    /// The operation that is called.
    pub operation: &'static str,
    /// Members that each call has.
    pub needed: String,
    /// A member that is a number, and a good value.
    pub number: (&'static str, String),
    /// The member that takes any content.
    pub any: &'static str,
    /// What that member holds in a good call; `{n}` becomes another number in each.
    pub any_needed: &'static str,
    /// What the answer to a good call holds.
    pub done: &'static str,
    /// What is answered to maps inside of maps in the member that takes any content.
    pub deep_maps: Expected,
    /// What no answer may tell: secrets of the one who calls, and where the server keeps its data.
    pub private: Vec<String>,
    /// Counts the good calls.
    pub n_calls: AtomicU32,
}

/// What must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// What a good call is answered.
    Done,
    /// Status 200: done, or refused by the business.
    Answered,
    /// A refusal of the business with this code.
    Refused(&'static str),
    /// A fault of the client with this code in its detail, and this status.
    Fault(&'static str, u16),
    /// An answer of the web server itself, with this status.
    Bare(u16),
}

impl Expected {
    /// A limit was passed.
    pub const LIMIT: Self = Self::Fault("LimitExceeded", 500);
    /// A limit on bytes was passed.
    pub const TOO_LARGE: Self = Self::Fault("LimitExceeded", 413);
    /// The message cannot be read.
    pub const UNREADABLE: Self = Self::Fault("InvalidRequest", 500);
}

/// A request to send, and what must be answered.
#[derive(Debug)]
pub struct Case {
    /// Tells it from the others of its row.
    pub name: String,
    /// Header fields, `Content-Type` among them.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What must be answered.
    pub expected: Expected,
}

/// A row of the table: what is still allowed, and what is not.
#[derive(Debug)]
pub struct Row {
    /// What it is about.
    pub name: &'static str,
    /// At the limit; may be empty.
    pub allowed: Vec<Case>,
    /// Beyond it; may be empty.
    pub refused: Vec<Case>,
}

impl Case {
    /// An envelope sent as most clients do.
    pub fn new(name: impl Into<String>, message: impl Into<Vec<u8>>, expected: Expected) -> Self {
        let fields = vec![("Content-Type".to_owned(), "text/xml; charset=utf-8".to_owned())];
        Self { name: name.into(), fields, body: message.into(), expected }
    }

    /// The same with another content type.
    pub fn typed(mut self, content_type: &str) -> Self {
        self.fields.retain(|(name, _)| name != "Content-Type");
        self.with("Content-Type", content_type)
    }

    /// The same with a further field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Row {
    /// A limit: a message at its value is done, one with one more is too much.
    fn limit(name: &'static str, n: usize, message: impl Fn(usize) -> String) -> Self {
        Self {
            name,
            allowed: vec![Case::new(format!("{n}"), message(n), Expected::Done)],
            refused: vec![Case::new(format!("{}", n + 1), message(n + 1), Expected::LIMIT)],
        }
    }

    /// The same where the business may have something against what is still allowed.
    fn limit_inside(name: &'static str, n: usize, message: impl Fn(usize) -> String) -> Self {
        let mut row = Self::limit(name, n, message);
        row.allowed.iter_mut().for_each(|case| case.expected = Expected::Answered);
        row
    }
}

impl Service {
    /// An envelope of SOAP 1.1 around a body.
    pub fn envelope(&self, body: &str) -> String {
        format!("<e:Envelope xmlns:e=\"{ENV11}\" xmlns:t=\"{}\"><e:Body>{body}</e:Body></e:Envelope>", self.namespace)
    }

    /// A good call with further members, which the operation does not know.
    pub fn call(&self, more: &str) -> String {
        self.holding(&self.good_content(), more)
    }

    /// A good call whose member of any content holds something else, with further members.
    pub fn holding(&self, content: &str, more: &str) -> String {
        let (name, value) = &self.number;
        let any = self.any;
        self.request(&format!("<{name}>{value}</{name}><{any}>{content}</{any}>{more}"), "")
    }

    /// A call whose member of any content is elsewhere, in elements beside the call.
    pub fn referring(&self, beside: &str) -> String {
        let (name, value) = &self.number;
        self.request(&format!("<{name}>{value}</{name}><{} href=\"#r1\"/>", self.any), beside)
    }

    /// A good call whose number is elsewhere, in elements beside the call.
    pub fn number_elsewhere(&self, beside: &str) -> String {
        let (any, content) = (self.any, self.good_content());
        self.request(&format!("<{} href=\"#r1\"/><{any}>{content}</{any}>", self.number.0), beside)
    }

    /// A call with these members beside those that each has.
    fn request(&self, members: &str, beside: &str) -> String {
        let (operation, needed) = (self.operation, &self.needed);
        self.envelope(&format!("<t:{operation}><Request>{needed}{members}</Request></t:{operation}>{beside}"))
    }

    fn good_content(&self) -> String {
        let n = self.n_calls.fetch_add(1, Ordering::Relaxed);
        self.any_needed.replace("{n}", &format!("{n:05}"))
    }

    /// Every row whose requests are sent at once and in one piece.
    pub fn rows(&self) -> Vec<Row> {
        let topics: [fn(&Self) -> Vec<Row>; 5] =
            [limits::rows, references::rows, bodies::rows, characters::rows, documents::rows];
        topics.iter().flat_map(|rows| rows(self)).collect()
    }
}
