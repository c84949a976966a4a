//! The reply tree: what a command answers, in order, before a dialect's envelope turns it into bytes.
//!
//! It is deliberately not serde: the order of keys, the spelling of numbers and the empty cases belong to each wire.

use indexmap::IndexMap;
use std::borrow::Cow;

/// One node of a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// MySQL's NULL, PHP's `null`.
    #[default]
    Null,
    /// A PHP boolean. How `false` looks differs by wire.
    Bool(bool),
    /// A whole number, written without quotes where the wire knows numbers.
    Int(i64),
    /// Text. May hold any character, also those a wire cannot carry; the writer deals with them.
    Text(String),
    /// Items without names.
    List(Vec<Value>),
    /// Named members in order.
    Object(Object),
}

/// Named members in the order in which they were put. Keys are unique and exact; putting and finding one takes the same time at any size.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: IndexMap<Cow<'static, str>, Value>,
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a member and hands the object back, so that a reply reads as one expression.
    #[must_use]
    pub fn put(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.insert(key, value);
        self
    }

    /// Adds a member at the end, or replaces the value of an existing one where it stands.
    pub fn insert(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.members.insert(key.into(), value.into());
    }

    /// The member of that exact name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.members.get(key)
    }

    /// The member of that exact name, to be changed in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.members.get_mut(key)
    }

    /// All members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds the members of another object, each as by [`Object::insert`].
    pub fn extend(&mut self, other: Object) {
        self.members.extend(other.members);
    }
}

impl PartialEq for Object {
    /// Same members in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.members.len() == other.members.len() && self.members.iter().eq(other.members.iter())
    }
}

impl Eq for Object {}

impl IntoIterator for Object {
    type Item = (Cow<'static, str>, Value);
    type IntoIter = indexmap::map::IntoIter<Cow<'static, str>, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Value::Text(text.into_owned())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Int(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}

impl From<usize> for Value {
    /// Counts beyond `i64::MAX` cannot occur in memory; they would be written as `i64::MAX`.
    fn from(number: usize) -> Self {
        Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is [`Value::Null`].
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_a_member_keeps_its_place() {
        let mut reply = Object::new().put("Success", true).put("ErrorCode", 0).put("Success", false);
        reply.extend(Object::new().put("ErrorCode", vec![3]).put("ErrorText", "no"));
        let keys: Vec<&str> = reply.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["Success", "ErrorCode", "ErrorText"]);
        assert_eq!(reply.get("Success"), Some(&Value::Bool(false)));
        assert_eq!(reply.get("ErrorCode"), Some(&Value::List(vec![Value::Int(3)])));
        assert_eq!(reply.get("errorcode"), None, "names are exact when writing");
    }

    #[test]
    fn order_counts_when_comparing() {
        let ab = Object::new().put("a", 1).put("b", 2);
        assert_ne!(ab, Object::new().put("b", 2).put("a", 1));
        assert_ne!(ab, Object::new().put("a", 1));
        assert_eq!(ab, Object::new().put("a", 0).put("b", 2).put("a", 1));
    }

    #[test]
    fn rust_values_become_nodes() {
        let cases: Vec<(Value, Value)> = vec![
            ("a".into(), Value::Text("a".into())),
            (String::from("a").into(), Value::Text("a".into())),
            (7i32.into(), Value::Int(7)),
            (7u32.into(), Value::Int(7)),
            (7usize.into(), Value::Int(7)),
            (usize::MAX.into(), Value::Int(i64::MAX)),
            (None::<i64>.into(), Value::Null),
            (Some("a").into(), Value::Text("a".into())),
            (vec![Object::new()].into(), Value::List(vec![Value::Object(Object::new())])),
        ];
        for (got, want) in cases {
            assert_eq!(got, want);
        }
    }
}
