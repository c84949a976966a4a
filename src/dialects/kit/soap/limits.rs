//! How much a message may hold and how long things may take (SO-4). More than that is a fault, never a wait without end.

use std::time::Duration;

use crate::config::SoapSettings;

/// The bounds; `Default` gives those of SO-4.1. Each can be set in the section `[soap]`.
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

impl Limits {
    /// The bounds of the settings.
    #[must_use]
    pub fn of(settings: &SoapSettings) -> Self {
        Self {
            body_bytes: settings.body_bytes,
            inflated_bytes: settings.inflated_bytes,
            inflated_ratio: settings.inflated_ratio,
            depth: settings.depth,
            elements: settings.elements,
            children: settings.children,
            attributes: settings.attributes,
            all_attributes: settings.all_attributes,
            attribute_bytes: settings.attribute_bytes,
            bindings: settings.bindings,
            namespaces: settings.namespaces,
            name_bytes: settings.name_bytes,
            text_bytes: settings.text_bytes,
            header_blocks: settings.header_blocks,
            ids: settings.ids,
            hops: settings.hops,
            head_bytes: settings.head_bytes,
            body_time: Duration::from_secs(settings.body_seconds),
            body_grace: Duration::from_secs(settings.body_grace_seconds),
            body_rate: settings.body_bytes_per_second,
            call_time: Duration::from_secs(settings.call_seconds),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&SoapSettings::default())
    }
}
