//! Open containers (`xsd:anyType`) and the shapes in which members come (SO-2.12, SO-2.13).

use super::decode::At;
use super::fault::Fault;
use super::tree::{NodeId, Ns};
use crate::dialects::kit::value::{Object, Value};

/// How the members of an element stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One child for each, named like it.
    Named,
    /// `item` children with `key` and `value`.
    Map,
    /// Children of any name with `Name` and `Value`.
    NameValue,
    /// `param0`, `param1`, `c-gensym3`: in order.
    Positional,
    /// Without names.
    List,
}

/// The shape of an element with children, where `names` are the members it should have.
pub fn shape(at: At<'_, '_>, names: &[&str]) -> Shape {
    let tree = at.tree();
    let node = at.node();
    if let Some((ns, name)) = node.xsi_type {
        if name == "Map" && ns == Ns::APACHE {
            return Shape::Map;
        }
        if name == "Array" && matches!(ns, Ns::ENC11 | Ns::ENC12) {
            return if is_of_pairs(at) { Shape::NameValue } else { Shape::List };
        }
    }
    let Some(first) = at.children().next() else { return Shape::Named };
    let child = tree.node(first);
    if child.ns == Ns::XSD {
        return Shape::List;
    }
    if names.contains(&child.name) {
        return Shape::Named;
    }
    if child.name == "item" && tree.child_named(first, "key").is_some() {
        return Shape::Map;
    }
    if is_of_pairs(at) {
        return Shape::NameValue;
    }
    if child.name == "item" || has_array_attribute(at) {
        return Shape::List;
    }
    if at.children().all(|child| is_nameless(tree.node(child).name)) {
        return Shape::Positional;
    }
    Shape::Named
}

/// Whether every child is a pair of Name and Value.
fn is_of_pairs(at: At<'_, '_>) -> bool {
    at.children().all(|child| at.go(child).is_ok_and(|pair| pair_parts(pair).is_some()))
}

fn has_array_attribute(at: At<'_, '_>) -> bool {
    at.tree().attributes_of(at.id).iter().any(|one| {
        (one.ns == Ns::ENC11 && one.name == "arrayType")
            || (one.ns == Ns::ENC12 && matches!(one.name, "itemType" | "arraySize"))
    })
}

/// The place that `param3` names.
pub fn position(name: &str) -> Option<usize> {
    let digits = name.strip_prefix("param")?;
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name that a client made up because it had none: PHP's `param0`, Perl's `c-gensym3`.
pub fn is_nameless(name: &str) -> bool {
    position(name).is_some()
        || name
            .strip_prefix("c-gensym")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Key and value of an `item`. Without a value there is none.
///
/// # Errors
/// When there is no key, or it is no text.
pub fn entry<'r, 'x>(item: At<'r, 'x>) -> Result<(String, Option<At<'r, 'x>>), Fault> {
    let key = item.child("key").ok_or_else(|| item.bad("a pair of key and value"))?;
    let key = item.go(key)?.text()?.trim().to_owned();
    let value = item.child("value").map(|value| item.go(value)).transpose()?;
    Ok((key, value))
}

/// The value of an element that holds a key and a value and nothing else: what PHP makes of a list with gaps.
pub fn value_of_entry(item: At<'_, '_>) -> Option<NodeId> {
    let mut children = item.children();
    let (key, value) = (children.next()?, children.next()?);
    let named = |id: NodeId, name: &str| item.tree().node(id).name == name;
    (named(key, "key") && named(value, "value") && children.next().is_none()).then_some(value)
}

fn pair_parts(pair: At<'_, '_>) -> Option<(NodeId, Option<NodeId>)> {
    let named = |id: &NodeId, name: &str| pair.tree().node(*id).name.eq_ignore_ascii_case(name);
    let name = pair.children().find(|child| named(child, "name"))?;
    let value = pair.children().find(|child| named(child, "value"));
    let n_parts = 1 + usize::from(value.is_some());
    (pair.children().count() == n_parts && value.is_some()).then_some((name, value))
}

/// Name and value of a pair.
///
/// # Errors
/// When it is none.
pub fn name_value<'r, 'x>(pair: At<'r, 'x>) -> Result<(String, Option<At<'r, 'x>>), Fault> {
    let (name, value) = pair_parts(pair).ok_or_else(|| pair.bad("a pair of Name and Value"))?;
    let name = pair.go(name)?.text()?.trim().to_owned();
    Ok((name, value.map(|value| pair.go(value)).transpose()?))
}

/// Reads whatever is there. Texts stay texts whatever their `xsi:type`, so that the same value means the same with and without one.
///
/// # Errors
/// A name that stands twice, text beside elements, and `Array`, which an old client writes in place of the values.
pub fn read(at: At<'_, '_>) -> Result<Value, Fault> {
    let node = at.node();
    if node.is_nil {
        return Ok(Value::Null);
    }
    if node.n_children == 0 {
        return match node.text.as_ref() {
            "Array" => Err(at.bad("the values themselves")),
            text => Ok(Value::Text(text.to_owned())),
        };
    }
    if !node.text.trim().is_empty() {
        return Err(at.bad("either text or elements"));
    }
    match shape(at, &[]) {
        Shape::List => list(at),
        Shape::Map => {
            let entries = at.children().map(|child| entry(at.go(child)?));
            object(entries)
        }
        Shape::NameValue => {
            let pairs = at.children().map(|child| name_value(at.go(child)?));
            object(pairs)
        }
        Shape::Named | Shape::Positional if is_repetition(at) => list(at),
        Shape::Named | Shape::Positional => {
            let members = at.children().map(|child| Ok((at.tree().node(child).name.to_owned(), Some(at.go(child)?))));
            object(members)
        }
    }
}

/// Whether one name stands again and again, which can only be a list.
fn is_repetition(at: At<'_, '_>) -> bool {
    let mut names = at.children().map(|child| at.tree().node(child).name);
    let first = names.next();
    at.node().n_children > 1 && names.all(|name| Some(name) == first)
}

fn list(at: At<'_, '_>) -> Result<Value, Fault> {
    at.items::<Value>().map(Value::List)
}

fn object<'r, 'x: 'r>(
    members: impl Iterator<Item = Result<(String, Option<At<'r, 'x>>), Fault>>,
) -> Result<Value, Fault> {
    let mut object = Object::new();
    for member in members {
        let (name, value) = member?;
        if object.get(&name).is_some() {
            return Err(Fault::bad_argument(format!("{name} stands twice")));
        }
        let value = value.map_or(Ok(Value::Null), read)?;
        object.insert(name, value);
    }
    Ok(Value::Object(object))
}

/// The members of a container whose values must have names, such as the fields of a contact.
///
/// # Errors
/// A fault naming the container, when it holds values without names.
pub fn named_members(container: Option<Value>, name: &str) -> Result<Object, Fault> {
    match container {
        None | Some(Value::Null) => Ok(Object::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(Value::Text(text)) if text.trim().is_empty() => Ok(Object::new()),
        Some(_) => Err(Fault::bad_argument(format!("{name} must hold named values"))),
    }
}
