//! Header blocks: what must be understood is, or nothing is done (SO-3.10 to SO-3.12, SO-3.16).

use super::envelope::Version;
use super::fault::Fault;
use super::limits::Limits;
use super::security::{self, Logins, Token};
use super::tree::{NodeId, Ns, Tree};

/// What a service says of header blocks.
#[derive(Clone, Copy)]
pub struct Known<'s> {
    /// Logins it takes.
    pub logins: Logins,
    /// Its role, beside those of everybody who receives a message in the end; empty for none.
    pub role: &'s str,
    /// Whether it knows a block, by namespace and name.
    pub knows: &'s dyn Fn(&str, &str) -> bool,
}

/// What stood in a header.
#[derive(Debug, Default)]
pub struct Found {
    /// The login.
    pub token: Option<Token>,
    /// The blocks that the service knows, in their order.
    pub blocks: Vec<NodeId>,
}

/// Goes through the blocks and gives the login among them, and those that the service knows.
///
/// # Errors
/// A fault that names every mandatory block that is not understood; none of them is looked into before.
pub fn read(
    tree: &Tree<'_>,
    header: Option<NodeId>,
    version: Version,
    known: Known<'_>,
    limits: &Limits,
) -> Result<Found, Fault> {
    let Some(header) = header else { return Ok(Found::default()) };
    if tree.node(header).n_children as usize > limits.header_blocks {
        return Err(Fault::limit(format!("too many header blocks (the limit is {})", limits.header_blocks)));
    }
    let mut strange = Vec::new();
    let mut token = None;
    let mut blocks = Vec::new();
    for block in tree.children(header).filter(|block| is_for_us(tree, *block, version, known.role)) {
        let node = tree.node(block);
        let is_mandatory = is_mandatory(tree, block, version)?;
        let is_understood = match (node.ns, node.name) {
            (Ns::WSSE, "Security") => match security::find(tree, block, known.logins) {
                Some(found) => {
                    token = Some(found);
                    true
                }
                None => false,
            },
            (Ns::WSA | Ns::WSA2004, name) => is_harmless_address(tree, block, name),
            (ns, name) if (known.knows)(tree.space(ns), name) => {
                blocks.push(block);
                true
            }
            _ => false,
        };
        if !is_understood && is_mandatory {
            strange.push((tree.space(node.ns).to_owned(), node.name.to_owned()));
        }
    }
    match strange.is_empty() {
        true => Ok(Found { token: token.map(security::read).transpose()?, blocks }),
        false => Err(Fault::not_understood(strange)),
    }
}

/// No role, the next node, whoever receives the message in the end, or the service's own.
fn is_for_us(tree: &Tree<'_>, block: NodeId, version: Version, own: &str) -> bool {
    let role = match version {
        Version::V11 => tree.attribute(block, Ns::ENV11, "actor"),
        Version::V12 => tree.attribute(block, Ns::ENV12, "role"),
    };
    let role = role.map_or("", str::trim);
    role == own
        || matches!(
            role,
            "" | "http://schemas.xmlsoap.org/soap/actor/next"
                | "http://www.w3.org/2003/05/soap-envelope/role/next"
                | "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
        )
}

fn is_mandatory(tree: &Tree<'_>, block: NodeId, version: Version) -> Result<bool, Fault> {
    match tree.attribute(block, version.ns(), "mustUnderstand").map_or("0", str::trim) {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Fault::header("mustUnderstand is neither true nor false")),
    }
}

/// WS-Addressing decides nothing here; only an answer to another address is more than we do (SO-3.12).
fn is_harmless_address(tree: &Tree<'_>, block: NodeId, name: &str) -> bool {
    match name {
        "ReplyTo" | "FaultTo" => tree.child_named(block, "Address").is_some_and(|address| {
            matches!(
                tree.node(address).text.trim(),
                "http://www.w3.org/2005/08/addressing/anonymous"
                    | "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
            )
        }),
        "Action" | "To" | "From" | "MessageID" | "RelatesTo" => true,
        _ => false,
    }
}
