//! From the tree to the types that wsdl-codegen writes, tolerant of the many shapes that clients make (SO-2.9 to SO-2.14).
//!
//! Structs come as children by name, as a `Map` of `item/key/value`, as a list of Name and Value, or by position; lists come as children of any
//! name. References are followed wherever they stand. What is read from elsewhere than its own place counts as if it stood there again.

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::any;
use super::chars::is_blank;
use super::fault::Fault;
use super::lexical::{self, Any, Binary, DateTime, Decimal};
use super::limits::Limits;
use super::references;
use super::tree::{Node, NodeId, Ns, Tree};

/// Something that can be read from an element.
pub trait Decode: Sized {
    /// Names of a struct's members; empty for everything else.
    const MEMBERS: &'static [&'static str] = &[];

    /// Reads it.
    ///
    /// # Errors
    /// A fault that names the element and says what was expected.
    fn decode(at: At<'_, '_>) -> Result<Self, Fault>;

    /// What an empty or absent element stands for where a value must be.
    fn empty() -> Option<Self> {
        None
    }
}

/// A message being read.
#[derive(Debug)]
pub struct Reading<'x> {
    /// The message.
    pub tree: Tree<'x>,
    limits: Limits,
    /// Elements seen again through references.
    n_again: Cell<usize>,
}

impl<'x> Reading<'x> {
    /// Begins to read.
    pub fn new(tree: Tree<'x>, limits: &Limits) -> Self {
        Self { tree, limits: limits.clone(), n_again: Cell::new(0) }
    }

    /// The element of that place, or the one it refers to.
    ///
    /// # Errors
    /// When the reference leads nowhere.
    pub fn at(&self, id: NodeId) -> Result<At<'_, 'x>, Fault> {
        At { reading: self, id, depth: 0, hops: 0 }.follow()
    }
}

/// An element being read.
#[derive(Debug, Clone, Copy)]
pub struct At<'r, 'x> {
    reading: &'r Reading<'x>,
    pub(super) id: NodeId,
    depth: u16,
    hops: u16,
}

impl<'r, 'x> At<'r, 'x> {
    pub(super) fn tree(self) -> &'r Tree<'x> {
        &self.reading.tree
    }

    /// The element.
    pub fn node(self) -> &'r Node<'x> {
        self.tree().node(self.id)
    }

    /// Follows references until there is none.
    fn follow(mut self) -> Result<Self, Fault> {
        let limits = &self.reading.limits;
        if usize::from(self.depth) > limits.depth {
            return Err(Fault::limit(format!(
                "elements and references are nested too deeply (the limit is {})",
                limits.depth
            )));
        }
        while let Some(id) = references::target(self.tree(), self.id)? {
            self.hops += 1;
            if usize::from(self.hops) > limits.hops {
                return Err(Fault::limit(format!(
                    "references lead in a circle or too far (the limit is {})",
                    limits.hops
                )));
            }
            self.id = id;
        }
        if self.hops > 0 {
            let n_again = self.reading.n_again.get() + 1;
            self.reading.n_again.set(n_again);
            if n_again + self.tree().len() > limits.elements {
                return Err(Fault::limit(format!(
                    "too many elements through references (the limit is {})",
                    limits.elements
                )));
            }
        }
        Ok(self)
    }

    /// A child, or what it refers to.
    pub(super) fn go(self, id: NodeId) -> Result<Self, Fault> {
        At { id, depth: self.depth + 1, ..self }.follow()
    }

    /// Child elements as they stand.
    pub(super) fn children(self) -> impl Iterator<Item = NodeId> + Clone + use<'r, 'x> {
        self.tree().children(self.id)
    }

    /// The first child of that name, without following it.
    pub(super) fn child(self, name: &str) -> Option<NodeId> {
        self.tree().child_named(self.id, name)
    }

    /// Whether the element says that there is no value: `xsi:nil`, or nothing but white space inside (SO-2.10).
    pub fn is_absent(self) -> bool {
        let node = self.node();
        node.is_nil || (node.n_children == 0 && is_blank(&node.text))
    }

    /// The text of an element without children.
    ///
    /// # Errors
    /// When there are child elements.
    pub fn text(self) -> Result<&'r str, Fault> {
        let node = self.node();
        if node.n_children > 0 {
            return Err(self.bad("a simple value"));
        }
        Ok(&node.text)
    }

    /// The fault of a value that is not what it should be.
    pub fn bad(self, expected: &str) -> Fault {
        let node = self.node();
        let shown: String = node.text.trim().chars().take(40).collect();
        let found = if node.n_children > 0 { "child elements".to_owned() } else { format!("{shown:?}") };
        Fault::bad_argument(format!("{} must be {expected}, not {found}", node.name))
    }

    /// A member that has to be there.
    ///
    /// # Errors
    /// When it is not, and nothing can stand for it.
    pub fn needed<T: Decode>(self, value: Option<T>, name: &str) -> Result<T, Fault> {
        value.or_else(T::empty).ok_or_else(|| Fault::bad_argument(format!("{name} is missing in {}", self.node().name)))
    }

    /// Reads a member into its place; an absent one leaves it empty.
    ///
    /// # Errors
    /// Those of the member's type.
    pub fn set<T: Decode>(self, place: &mut Option<T>) -> Result<(), Fault> {
        if !self.is_absent() {
            *place = Some(T::decode(self)?);
        }
        Ok(())
    }

    /// Gives each known member to `take`, by its place in `names`. Unknown ones are passed over (SO-2.9).
    ///
    /// # Errors
    /// A member that stands twice, a value without a name, and whatever `take` finds.
    pub fn members(self, names: &[&str], mut take: impl FnMut(usize, Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.node().n_children == 0 {
            return match self.is_absent() {
                true => Ok(()),
                false => Err(self.bad("a struct with named members")),
            };
        }
        let mut seen = 0_u64;
        let mut give = |name: &str, value: Self| {
            let Some(i) = names.iter().position(|known| *known == name) else {
                tracing::debug!(member = name, "member of a SOAP request is not known and was ignored");
                return Ok(());
            };
            let bit = 1_u64.checked_shl(u32::try_from(i).unwrap_or(64)).unwrap_or(0);
            if seen & bit != 0 {
                return Err(Fault::bad_argument(format!("{name} stands twice")));
            }
            seen |= bit;
            take(i, value)
        };
        match any::shape(self, names) {
            any::Shape::Named => {
                for child in self.children() {
                    let node = self.tree().node(child);
                    // Members of another namespace are somebody else's.
                    if matches!(node.ns, Ns::NONE | Ns::SERVICE) {
                        give(node.name, self.go(child)?)?;
                    }
                }
            }
            any::Shape::Map => {
                for child in self.children() {
                    let (key, value) = any::entry(self.go(child)?)?;
                    if let Some(value) = value {
                        give(&key, value)?;
                    }
                }
            }
            any::Shape::NameValue => {
                for child in self.children() {
                    let (key, value) = any::name_value(self.go(child)?)?;
                    if let Some(value) = value {
                        give(&key, value)?;
                    }
                }
            }
            any::Shape::Positional => {
                for (i, child) in self.children().enumerate() {
                    let place = any::position(self.tree().node(child).name).unwrap_or(i);
                    if let Some(name) = names.get(place) {
                        give(name, self.go(child)?)?;
                    }
                }
            }
            any::Shape::List => return Err(self.bad("a struct with named members")),
        }
        Ok(())
    }

    /// The list behind the one key `item` of a `Map`: what PHP makes of `["item" => [ … ]]` without a WSDL.
    fn named_item(self) -> Result<Option<Self>, Fault> {
        let mut children = self.children();
        let (Some(only), None) = (children.next(), children.next()) else { return Ok(None) };
        let entry = self.go(only)?;
        if any::value_of_entry(entry).is_none() {
            return Ok(None);
        }
        let (key, value) = any::entry(entry)?;
        Ok(value.filter(|value| key == "item" && any::shape(*value, &[]) == any::Shape::List))
    }

    /// The members of a list: child elements of any name, or the values of a `Map` (SO-2.13).
    ///
    /// # Errors
    /// A text where a list belongs, and those of the members' type.
    pub fn items<T: Decode>(self) -> Result<Vec<T>, Fault> {
        let node = self.node();
        if node.n_children == 0 {
            return match is_blank(&node.text) {
                true => Ok(Vec::new()),
                false => Err(self.bad("a list")),
            };
        }
        if let Some(inner) = self.named_item()? {
            return inner.items();
        }
        let mut items = Vec::with_capacity(node.n_children as usize);
        for child in self.children() {
            let mut item = self.go(child)?;
            if !T::MEMBERS.contains(&"key")
                && let Some(value) = any::value_of_entry(item)
            {
                item = item.go(value)?;
            }
            if item.node().is_nil {
                items.push(T::empty().ok_or_else(|| item.bad("a value"))?);
            } else {
                items.push(T::decode(item)?);
            }
        }
        Ok(items)
    }
}

macro_rules! decode_text {
    ($($type:ty, $expected:literal, $read:expr;)*) => { $(
        impl Decode for $type {
            fn decode(at: At<'_, '_>) -> Result<Self, Fault> {
                let read: fn(&str) -> Option<$type> = $read;
                read(at.text()?).ok_or_else(|| at.bad($expected))
            }
        }
    )* };
}

decode_text! {
    bool, "true or false", lexical::boolean;
    i32, "a whole number of 32 bits", lexical::whole;
    i64, "a whole number of 64 bits", lexical::whole;
    f64, "a number", lexical::float;
    // A number too large for 32 bits becomes infinite, as XML Schema rounds it.
    f32, "a number", |text| lexical::float(text).map(|number| number as f32);
    Decimal, "a decimal number", Decimal::parse;
    DateTime, "a time such as 2026-01-31T10:00:00Z", DateTime::parse;
    Binary, "base64", |text| {
        let dense: String = text.split_ascii_whitespace().collect();
        STANDARD.decode(dense).ok().map(Binary)
    };
}

impl Decode for String {
    fn decode(at: At<'_, '_>) -> Result<Self, Fault> {
        at.text().map(str::to_owned)
    }

    fn empty() -> Option<Self> {
        Some(String::new())
    }
}

impl Decode for Any {
    fn decode(at: At<'_, '_>) -> Result<Self, Fault> {
        any::read(at)
    }

    fn empty() -> Option<Self> {
        Some(Any::Null)
    }
}
