//! The envelope: which version, where the header blocks and the call are (SO-1.2, SO-2.6, SO-2.7).

use super::fault::Fault;
use super::tree::{NodeId, Ns, Tree};

/// A version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.1
    V11,
    /// 1.2
    V12,
}

impl Version {
    /// Namespace of its envelope.
    pub fn namespace(self) -> &'static str {
        match self {
            Version::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Version::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The only content type clients of that version take.
    pub fn content_type(self) -> &'static str {
        match self {
            Version::V11 => "text/xml; charset=utf-8",
            Version::V12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// What attributes of the envelope belong to.
    pub fn ns(self) -> Ns {
        match self {
            Version::V11 => Ns::ENV11,
            Version::V12 => Ns::ENV12,
        }
    }
}

/// The version of a message.
///
/// # Errors
/// A version fault for an envelope of another namespace, the client's for a root that is no envelope.
pub fn version(tree: &Tree<'_>) -> Result<Version, Fault> {
    let root = tree.node(tree.root());
    match (root.ns, root.name) {
        (Ns::ENV11, "Envelope") => Ok(Version::V11),
        (Ns::ENV12, "Envelope") => Ok(Version::V12),
        (_, "Envelope") => Err(Fault::version()),
        _ => Err(Fault::client("the root element is not an Envelope")),
    }
}

/// The parts of a message.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// `Header`
    pub header: Option<NodeId>,
    /// `Body`
    pub body: NodeId,
    /// The first child of `Body`.
    pub call: Option<NodeId>,
    /// Whether the message says by what rules it is encoded; answers then carry types (SO-3.9).
    pub is_encoded: bool,
}

/// Where the header is, looked at before anything else is checked: what must be understood comes first (SO-3.10).
pub fn find_header(tree: &Tree<'_>, version: Version) -> Option<NodeId> {
    let first = tree.children(tree.root()).next()?;
    let node = tree.node(first);
    ((node.ns, node.name) == (version.ns(), "Header")).then_some(first)
}

/// Checks the shape of the envelope.
///
/// # Errors
/// The client's, or of an unknown encoding.
pub fn open(tree: &Tree<'_>, version: Version) -> Result<Envelope, Fault> {
    let root = tree.root();
    let header = find_header(tree, version);
    let mut parts = tree.children(root).skip(usize::from(header.is_some()));
    let body = parts.next().filter(|id| (tree.node(*id).ns, tree.node(*id).name) == (version.ns(), "Body"));
    let Some(body) = body else {
        return Err(Fault::client("the Envelope has no Body where it belongs"));
    };
    if parts.next().is_some() {
        return Err(Fault::client("something stands after the Body"));
    }
    let styled = |id: NodeId| tree.attribute(id, version.ns(), "encodingStyle");
    let outer = [Some(root), header, Some(body)];
    let mut is_encoded = outer.iter().flatten().any(|id| styled(*id).is_some());
    if version == Version::V12 {
        check_strictly(tree, outer, is_encoded)?;
    }
    let mut children = tree.children(body);
    let call = children.next();
    for other in children {
        if identity(tree, other).is_none() {
            return Err(Fault::client("the Body holds more than one call"));
        }
    }
    if let Some(style) = call.and_then(styled) {
        is_encoded = true;
        if !style.split_ascii_whitespace().all(is_known_style) {
            return Err(Fault::encoding(style));
        }
    }
    // SOAP 1.2 lets the parameters say it too.
    is_encoded |= call.is_some_and(|call| tree.children(call).any(|id| styled(id).is_some()));
    Ok(Envelope { header, body, call, is_encoded })
}

fn check_strictly(tree: &Tree<'_>, outer: [Option<NodeId>; 3], is_styled: bool) -> Result<(), Fault> {
    if is_styled {
        return Err(Fault::client("encodingStyle cannot stand on Envelope, Header or Body"));
    }
    let is_plain = |id: &NodeId| tree.attributes_of(*id).iter().any(|one| one.ns == Ns::NONE);
    if outer.iter().flatten().any(is_plain) {
        return Err(Fault::client("an attribute without a namespace on Envelope, Header or Body"));
    }
    Ok(())
}

/// What other elements call this one by.
pub fn identity<'t>(tree: &'t Tree<'_>, id: NodeId) -> Option<&'t str> {
    tree.attribute(id, Ns::NONE, "id").or_else(|| tree.attribute(id, Ns::ENC12, "id"))
}

/// SOAP's own encodings, and the ways of saying that there is none.
fn is_known_style(style: &str) -> bool {
    matches!(
        style,
        "http://schemas.xmlsoap.org/soap/encoding/"
            | "http://schemas.xmlsoap.org/soap/encoding"
            | "http://www.w3.org/2003/05/soap-encoding"
            | "http://www.w3.org/2003/05/soap-envelope/encoding/none"
            | "http://xml.apache.org/xml-soap/literalxml"
    )
}
