//! A message as the gate leaves it: elements in one list, names resolved, texts borrowed from the message wherever they stand there as they are.

use std::borrow::Cow;

/// A namespace of a message, as a number that can be compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ns(pub u16);

impl Ns {
    /// No namespace.
    pub const NONE: Ns = Ns(0);
    /// SOAP 1.1's envelope.
    pub const ENV11: Ns = Ns(1);
    /// SOAP 1.2's envelope.
    pub const ENV12: Ns = Ns(2);
    /// `xsi:type`, `xsi:nil`.
    pub const XSI: Ns = Ns(3);
    /// XML Schema.
    pub const XSD: Ns = Ns(4);
    /// SOAP 1.1's encoding.
    pub const ENC11: Ns = Ns(5);
    /// SOAP 1.2's encoding.
    pub const ENC12: Ns = Ns(6);
    /// Apache's, with the type `Map` that PHP and Perl write.
    pub const APACHE: Ns = Ns(7);
    /// WS-Security.
    pub const WSSE: Ns = Ns(8);
    /// WS-Security's times.
    pub const WSU: Ns = Ns(9);
    /// WS-Addressing of 2005.
    pub const WSA: Ns = Ns(10);
    /// WS-Addressing of 2004.
    pub const WSA2004: Ns = Ns(11);
    /// `xml:`
    pub const XML: Ns = Ns(12);
    /// The service's own.
    pub const SERVICE: Ns = Ns(13);
}

/// The namespaces that have a number of their own, in the order of the numbers; the service's own comes after them.
pub const KNOWN: [&str; 13] = [
    "",
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/2001/XMLSchema",
    "http://schemas.xmlsoap.org/soap/encoding/",
    "http://www.w3.org/2003/05/soap-encoding",
    "http://xml.apache.org/xml-soap",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "http://www.w3.org/2005/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://www.w3.org/XML/1998/namespace",
];

/// Place of an element in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) const NOTHING: NodeId = NodeId(u32::MAX);

    fn some(self) -> Option<Self> {
        (self != Self::NOTHING).then_some(self)
    }
}

/// An element.
#[derive(Debug)]
pub struct Node<'x> {
    /// Its namespace.
    pub ns: Ns,
    /// Its name without prefix.
    pub name: &'x str,
    /// Its own text, pieces joined; empty when it is only white space beside child elements.
    pub text: Cow<'x, str>,
    /// The type that `xsi:type` names.
    pub xsi_type: Option<(Ns, &'x str)>,
    /// Whether `xsi:nil` says so.
    pub is_nil: bool,
    /// Where it begins, in bytes of the decoded message.
    pub at: usize,
    pub(super) attributes: (u32, u32),
    pub(super) first_child: NodeId,
    pub(super) next: NodeId,
    pub(super) n_children: u32,
}

/// An attribute, namespace declarations, `xsi:type` and `xsi:nil` excepted.
#[derive(Debug)]
pub struct Attribute<'x> {
    /// Its namespace; none without a prefix.
    pub ns: Ns,
    /// Its name without prefix.
    pub name: &'x str,
    /// Its value, normalised.
    pub value: Cow<'x, str>,
}

/// A message.
#[derive(Debug)]
pub struct Tree<'x> {
    pub(super) nodes: Vec<Node<'x>>,
    pub(super) attributes: Vec<Attribute<'x>>,
    /// Namespaces beyond [`KNOWN`]; the first is the service's.
    pub(super) spaces: Vec<Cow<'x, str>>,
    /// Elements that can be referred to, sorted by id.
    pub(super) ids: Vec<(Cow<'x, str>, NodeId)>,
}

impl<'x> Tree<'x> {
    /// The root element.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never so for what the gate let pass.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The element of that place; places come from this tree.
    pub fn node(&self, id: NodeId) -> &Node<'x> {
        &self.nodes[id.0 as usize]
    }

    /// The child elements in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + Clone {
        std::iter::successors(self.node(id).first_child.some(), |id| self.node(*id).next.some())
    }

    /// The first child element of that name, whatever its namespace.
    pub fn child_named(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.children(id).find(|child| self.node(*child).name == name)
    }

    /// The attributes.
    pub fn attributes_of(&self, id: NodeId) -> &[Attribute<'x>] {
        let (begin, end) = self.node(id).attributes;
        self.attributes.get(begin as usize..end as usize).unwrap_or_default()
    }

    /// One attribute's value.
    pub fn attribute(&self, id: NodeId, ns: Ns, name: &str) -> Option<&str> {
        self.attributes_of(id).iter().find(|one| one.ns == ns && one.name == name).map(|one| one.value.as_ref())
    }

    /// The text of a namespace.
    pub fn space(&self, ns: Ns) -> &str {
        let n = usize::from(ns.0);
        KNOWN.get(n).copied().unwrap_or_else(|| self.spaces.get(n - KNOWN.len()).map_or("", AsRef::as_ref))
    }
}
