//! Which operation a message calls (SO-2.6 to SO-2.8, SO-1.4).

use super::contract::Contract;
use super::decode::At;
use super::envelope::Envelope;
use super::fault::Fault;
use super::tree::{NodeId, Ns, Tree};

/// A call found in a message.
#[derive(Debug, Clone, Copy)]
pub struct Called {
    /// Place of the operation in the contract.
    pub operation: usize,
    /// The element that holds the parameters: the Body itself when it is empty and the SOAPAction says it all.
    pub wrapper: NodeId,
    /// The name that the answer is to carry.
    pub name: &'static str,
}

/// Finds the operation. The element decides; the action helps when it names none, and must not name another one.
///
/// # Errors
/// No operation, a wrapper of another namespace, or an action that contradicts.
pub fn find(contract: &Contract, tree: &Tree<'_>, envelope: &Envelope, action: &str) -> Result<Called, Fault> {
    let by_action = contract.find_by_action(action);
    let Some(wrapper) = envelope.call else {
        let operation = by_action.ok_or_else(|| Fault::client("empty Body: no operation is called"))?;
        return Ok(Called { operation, wrapper: envelope.body, name: name_of(contract, operation) });
    };
    let node = tree.node(wrapper);
    let Some(operation) = contract.find(node.name) else {
        let operation = by_action.ok_or_else(Fault::unknown_operation)?;
        return Ok(Called { operation, wrapper, name: name_of(contract, operation) });
    };
    if node.ns != Ns::SERVICE {
        let message = format!("{} is not of namespace {}", node.name, contract.namespace);
        return Err(Fault::client(message));
    }
    if by_action.is_some_and(|other| other != operation) {
        return Err(Fault::client("SOAPAction names another operation than the Body"));
    }
    let one = contract.operations.get(operation).ok_or_else(Fault::unknown_operation)?;
    let name = if node.name == one.safe_name { one.safe_name } else { one.name };
    Ok(Called { operation, wrapper, name })
}

fn name_of(contract: &Contract, operation: usize) -> &'static str {
    contract.operations.get(operation).map_or("", |one| one.name)
}

/// The element whose members are the request: the parameter under its name, a single one without a name, or the wrapper itself (SO-2.13).
///
/// # Errors
/// A reference that leads nowhere.
pub fn argument<'r, 'x>(wrapper: At<'r, 'x>, parameter: &str) -> Result<At<'r, 'x>, Fault> {
    let only = only_child(wrapper);
    // SOAP::Lite with a WSDL of document style writes the call's element twice.
    let wrapper = match only {
        Some(only) if wrapper.tree().node(only).name == wrapper.node().name => wrapper.go(only)?,
        _ => wrapper,
    };
    if let Some(named) = wrapper.child(parameter) {
        return wrapper.go(named);
    }
    match only_child(wrapper) {
        Some(only) if super::any::is_nameless(wrapper.tree().node(only).name) => wrapper.go(only),
        _ => Ok(wrapper),
    }
}

fn only_child(at: At<'_, '_>) -> Option<NodeId> {
    let mut children = at.children();
    children.next().filter(|_| children.next().is_none())
}
