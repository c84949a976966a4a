//! PHP's array as far as request variables need it: ordered, keys as text, `[]` counting on.

use indexmap::IndexMap;

/// A variable's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A text; numbers and booleans of JSON are texts too.
    Text(String),
    /// Named or numbered nodes.
    Array(Array),
}

impl Node {
    /// The text, `None` for an array.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            Node::Array(_) => None,
        }
    }

    /// The array, `None` for a text.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Node::Text(_) => None,
            Node::Array(array) => Some(array),
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Node::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Node::Text(text)
    }
}

impl From<Array> for Node {
    fn from(array: Array) -> Self {
        Node::Array(array)
    }
}

/// Nodes by key, in the order of their first appearance. Keys are unique and exact; looking one up takes the same time at any size.
#[derive(Debug, Clone, Default)]
pub struct Array {
    nodes: IndexMap<String, Node>,
    /// The number that the next `[]` gets. `None` when the numbers are used up.
    next_number: NextNumber,
}

#[derive(Debug, Clone, Copy)]
struct NextNumber(Option<i64>);

impl Default for NextNumber {
    fn default() -> Self {
        Self(Some(0))
    }
}

impl PartialEq for Array {
    /// Same keys in the same order with equal nodes.
    fn eq(&self, other: &Self) -> bool {
        self.nodes.len() == other.nodes.len() && self.nodes.iter().eq(other.nodes.iter())
    }
}

impl Array {
    /// An array without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The node of that exact key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.nodes.get(key)
    }

    /// The text of that exact key, `None` when it is absent or an array.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_text)
    }

    /// The array of that exact key, `None` when it is absent or a text.
    pub fn array(&self, key: &str) -> Option<&Array> {
        self.get(key).and_then(Node::as_array)
    }

    /// All keys and nodes in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Number of nodes directly in this array.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Sets a node; one of the same key is replaced where it stands. A key that PHP would take for a number moves the count of [`Array::push`].
    pub fn insert(&mut self, key: impl Into<String>, node: impl Into<Node>) {
        let key = key.into();
        self.count_from(&key);
        self.nodes.insert(key, node.into());
    }

    /// Adds a node under the next free number, as `[]` does. `false` when there is none left, the node is then dropped.
    pub fn push(&mut self, node: impl Into<Node>) -> bool {
        let Some(number) = self.next_number.0 else { return false };
        self.insert(number.to_string(), node);
        true
    }

    /// The array under `key`, made if absent; a text standing there gives way to it, as in PHP.
    pub(super) fn array_at(&mut self, key: &str) -> &mut Array {
        if self.array(key).is_none() {
            self.insert(key, Array::new());
        }
        match self.nodes.get_mut(key) {
            Some(Node::Array(array)) => array,
            _ => unreachable!("the lines above put an array under this key"),
        }
    }

    /// A new array under the next number, `None` when there is none left.
    pub(super) fn push_array(&mut self) -> Option<&mut Array> {
        if !self.push(Array::new()) {
            return None;
        }
        match self.nodes.last_mut() {
            Some((_, Node::Array(array))) => Some(array),
            _ => unreachable!("the push above put an array last: its number was free"),
        }
    }

    /// This array with every variable that `other` has too taken from `other`; those stand last, in `other`'s order.
    #[must_use]
    pub fn replaced_by(mut self, other: Array) -> Array {
        if self.is_empty() {
            return other;
        }
        self.nodes.retain(|key, _| !other.nodes.contains_key(key));
        for (key, node) in other.nodes {
            self.insert(key, node);
        }
        self
    }

    /// The same array with every key at every depth in ASCII lower case. Of keys that become one, the last wins (OE-2).
    #[must_use]
    pub fn fold_keys(self) -> Array {
        let mut folded = Array { nodes: IndexMap::with_capacity(self.nodes.len()), next_number: NextNumber::default() };
        for (mut key, node) in self.nodes {
            key.make_ascii_lowercase();
            match node {
                Node::Array(array) => folded.insert(key, array.fold_keys()),
                Node::Text(text) => folded.insert(key, text),
            }
        }
        folded
    }

    fn count_from(&mut self, key: &str) {
        if let (Some(number), Some(next)) = (php_number(key), self.next_number.0)
            && number >= next
        {
            self.next_number.0 = number.checked_add(1);
        }
    }
}

impl IntoIterator for Array {
    type Item = (String, Node);
    type IntoIter = indexmap::map::IntoIter<String, Node>;

    fn into_iter(self) -> Self::IntoIter {
        self.nodes.into_iter()
    }
}

/// A key that PHP stores as a number: digits without a leading zero. Negative ones are left out: older PHP did not count on from them.
fn php_number(key: &str) -> Option<i64> {
    let canonical = key == "0" || !key.starts_with(['0', '+', '-']);
    if canonical { key.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(array: &Array) -> Vec<&str> {
        array.iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn push_counts_on_from_the_largest_number() {
        let cases: [(&[&str], Option<&str>); 8] = [
            (&[], Some("0")),
            (&["0"], Some("1")),
            (&["7", "3"], Some("8")),
            (&["07", "-5", "+9", "1.5", "x", " 4"], Some("0")),
            (&["9223372036854775806"], Some("9223372036854775807")),
            (&["9223372036854775807"], None),
            (&["9223372036854775808"], Some("0")),
            (&["a", "2"], Some("3")),
        ];
        for (given, want) in cases {
            let mut array = Array::new();
            for key in given {
                array.insert(*key, "x");
            }
            assert_eq!(array.push("new"), want.is_some(), "{given:?}");
            if let Some(want) = want {
                assert_eq!(array.text(want), Some("new"), "{given:?}");
            }
        }
    }

    #[test]
    fn folding_reaches_every_depth_and_the_last_wins() {
        let mut fields = Array::new();
        fields.insert("CustomField1", "a");
        fields.insert("customfield1", "b");
        fields.insert("0", "c");
        let mut top = Array::new();
        top.insert("Command", "first");
        top.insert("Fields", fields);
        top.insert("COMMAND", "second");
        top.insert("GRÖSSE", "x");
        let folded = top.fold_keys();
        assert_eq!(keys(&folded), ["command", "fields", "grÖsse"]);
        assert_eq!(folded.text("command"), Some("second"));
        let fields = folded.array("fields").unwrap();
        assert_eq!(keys(fields), ["customfield1", "0"]);
        assert_eq!(fields.text("customfield1"), Some("b"));
    }

    #[test]
    fn replacing_takes_whole_variables() {
        let mut fields = Array::new();
        fields.insert("a", "1");
        let mut old = Array::new();
        old.insert("Fields", fields);
        old.insert("Kept", "k");
        let mut other = Array::new();
        other.insert("b", "2");
        let mut new = Array::new();
        new.insert("Fields", other);
        let merged = old.replaced_by(new);
        assert_eq!(keys(&merged), ["Kept", "Fields"]);
        assert_eq!(keys(merged.array("Fields").unwrap()), ["b"]);
    }
}
