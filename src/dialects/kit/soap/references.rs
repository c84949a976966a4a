//! References between elements: `href="#x"` of SOAP 1.1 and `enc:ref="x"` of SOAP 1.2 (SO-2.14).

use super::fault::Fault;
use super::tree::{NodeId, Ns, Tree};

/// The element that this one refers to; `None` when it stands for itself.
///
/// # Errors
/// A reference to nothing, to more than one element, or out of the message.
pub fn target(tree: &Tree<'_>, id: NodeId) -> Result<Option<NodeId>, Fault> {
    if tree.attributes_of(id).is_empty() {
        return Ok(None);
    }
    let name = match (tree.attribute(id, Ns::NONE, "href"), tree.attribute(id, Ns::ENC12, "ref")) {
        (Some(href), _) => match href.strip_prefix('#') {
            Some(name) => name,
            None => return Err(Fault::client("a reference leads out of the message")),
        },
        (None, Some(name)) => name.strip_prefix('#').unwrap_or(name),
        (None, None) => return Ok(None),
    };
    let begin = tree.ids.partition_point(|(known, _)| known.as_ref() < name);
    let mut found = tree.ids.iter().skip(begin).take_while(|(known, _)| known == name);
    match (found.next(), found.next()) {
        (Some((_, id)), None) => Ok(Some(*id)),
        (None, _) => Err(Fault::client("a reference leads to no element of the message")),
        _ => Err(Fault::client("a reference leads to more than one element")),
    }
}
