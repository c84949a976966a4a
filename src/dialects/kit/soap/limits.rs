//! How much a message may hold and how long things may take (SO-4). More than that is a fault, never a wait without end.

use std::time::Duration;

/// The bounds; `Default` gives those of SO-4.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request's body as received.
    pub body_bytes: usize,
    /// Bytes of a body once inflated.
    pub inflated_bytes: usize,
    /// How many times larger than received an inflated body may be.
    pub inflated_ratio: usize,
    /// Elements inside of each other, the envelope included; also what is reached by references.
    pub depth: usize,
    /// Elements in a message; what is reached by references counts each time.
    pub elements: usize,
    /// Child elements of one element.
    pub children: usize,
    /// Attributes and namespace declarations of one element.
    pub attributes: usize,
    /// Attributes in a message, declarations, `xsi:type` and `xsi:nil` excepted.
    pub all_attributes: usize,
    /// Bytes of one attribute's value as written.
    pub attribute_bytes: usize,
    /// Namespace declarations in scope at once.
    pub bindings: usize,
    /// Different namespaces in a message.
    pub namespaces: usize,
    /// Bytes of a name with its prefix.
    pub name_bytes: usize,
    /// Bytes of the text of one element.
    pub text_bytes: usize,
    /// Header blocks.
    pub header_blocks: usize,
    /// Elements that can be referred to.
    pub ids: usize,
    /// References inside of what references lead to.
    pub hops: usize,
    /// Bytes of the request line and the header fields together.
    pub head_bytes: usize,
    /// A body is there within this time.
    pub body_time: Duration,
    /// From this time on a body comes at [`Limits::body_rate`] on average.
    pub body_grace: Duration,
    /// Bytes a second.
    pub body_rate: usize,
    /// A call is answered within this time.
    pub call_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            inflated_bytes: 4 * 1024 * 1024,
            inflated_ratio: 100,
            depth: 64,
            elements: 20_000,
            children: 5_000,
            attributes: 32,
            all_attributes: 20_000,
            attribute_bytes: 8 * 1024,
            bindings: 64,
            namespaces: 256,
            name_bytes: 256,
            text_bytes: 512 * 1024,
            header_blocks: 16,
            ids: 1_000,
            hops: 16,
            head_bytes: 16 * 1024,
            body_time: Duration::from_secs(30),
            body_grace: Duration::from_secs(5),
            body_rate: 1024,
            call_time: Duration::from_secs(55),
        }
    }
}
