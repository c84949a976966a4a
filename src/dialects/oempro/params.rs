//! The parameters of a call, read as liberally as the old platform read them (OE-2).

use crate::dialects::kit::form::{Array, Node};
use crate::dialects::oempro::fault::Fault;

/// Parameters with every key in lower case, at every depth. An empty text counts as not given.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: Array,
}

impl Params {
    /// Folds the keys, so that `CustomField1`, `customfield1` and `Fields[CUSTOMFIELD1]` are found alike.
    #[must_use]
    pub fn new(values: Array) -> Self {
        Self { values: values.fold_keys() }
    }

    /// A text that is not empty. `name` in any case. For an array, its last text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let node = self.node(name)?;
        let text = match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Array(array) => array.iter().filter_map(|(_, node)| node.as_text()).last(),
        };
        text.filter(|text| !text.is_empty())
    }

    /// The text, or empty when not given.
    #[must_use]
    pub fn text_or_empty(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// The text when the key was sent at all, empty included: for parameters that clear a value.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.has(name).then(|| self.text_or_empty(name))
    }

    /// Whether the key was sent, even empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.node(name).is_some()
    }

    /// The value as it was sent.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.values.get(&name.to_ascii_lowercase())
    }

    /// A nested array; `None` when absent, empty text or no array.
    #[must_use]
    pub fn array(&self, name: &str) -> Option<&Array> {
        self.node(name)?.as_array()
    }

    /// Every text of an array, or the one text.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.node(name) {
            None => Vec::new(),
            Some(Node::Text(text)) => vec![text.as_str()],
            Some(Node::Array(array)) => array.iter().filter_map(|(_, node)| node.as_text()).collect(),
        }
    }

    /// An id. `None` when not given; 0, which no row has, when it is no number, so that it ends as "unknown" and not as "absent".
    #[must_use]
    pub fn id(&self, name: &str) -> Option<i64> {
        self.text(name).map(|text| text.trim().parse().unwrap_or(0))
    }

    /// A whole number; `None` when not given or no number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A truth: `true`, `1`, `yes`, `on` in any case; everything else is false (OE-2.6). `None` when not given.
    #[must_use]
    pub fn truth(&self, name: &str) -> Option<bool> {
        let text = self.text(name)?.trim();
        Some(["true", "1", "yes", "on"].iter().any(|word| text.eq_ignore_ascii_case(word)))
    }

    /// Ids joined by commas, or given as an array; blanks are dropped, what is no number is `Err` with its text.
    ///
    /// # Errors
    /// The first piece that is no whole number.
    pub fn ids(&self, name: &str) -> Result<Vec<i64>, String> {
        let pieces = self.texts(name).into_iter().flat_map(|text| text.split(',')).map(str::trim);
        pieces.filter(|piece| !piece.is_empty()).map(|piece| piece.parse().map_err(|_| piece.to_owned())).collect()
    }

    /// Every parameter, keys in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.values.iter()
    }

    /// Starts collecting what a command cannot do without.
    #[must_use]
    pub fn need(&self) -> Need<'_> {
        Need { params: self, missing: Vec::new() }
    }
}

/// A line without control characters, cut to what its column held, in characters; the old database cut it likewise.
#[must_use]
pub fn clip_line(text: &str, max_chars: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(max_chars).collect()
}

/// A text of several lines, without other control characters, cut likewise.
#[must_use]
pub fn clip_text(text: &str, max_chars: usize) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).take(max_chars).collect()
}

/// Collects the codes of parameters that are missing, so that all are answered at once where codes are an array (OE-4.9).
pub struct Need<'a> {
    params: &'a Params,
    missing: Vec<i64>,
}

impl<'a> Need<'a> {
    /// A text that must not be empty, or `code`. Empty until [`Need::done`] has been asked.
    pub fn text(&mut self, name: &str, code: i64) -> &'a str {
        self.params.text(name).unwrap_or_else(|| {
            self.missing.push(code);
            ""
        })
    }

    /// An id that must be given, or `code`. 0 until [`Need::done`] has been asked.
    pub fn id(&mut self, name: &str, code: i64) -> i64 {
        self.params.id(name).unwrap_or_else(|| {
            self.missing.push(code);
            0
        })
    }

    /// Something else that must hold, or `code`.
    pub fn that(&mut self, holds: bool, code: i64) {
        if !holds {
            self.missing.push(code);
        }
    }

    /// Goes on only when nothing is missing.
    ///
    /// # Errors
    /// A fault with every collected code, in the order asked.
    pub fn done(self) -> Result<(), Fault> {
        if self.missing.is_empty() { Ok(()) } else { Err(Fault::codes(self.missing)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    fn params(query: &str) -> Params {
        Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query"))
    }

    #[test]
    fn keys_have_no_case_and_empty_is_absent() {
        let params = params("LISTID=5&emailaddress=&FIELDS[CustomField1]=x&Lists=1,+2,,3&Bad=1,x");
        assert_eq!(params.id("ListID"), Some(5));
        assert_eq!(params.text("EmailAddress"), None);
        assert_eq!(params.sent("EmailAddress"), Some(""));
        assert_eq!(params.array("Fields").and_then(|fields| fields.text("customfield1")), Some("x"));
        assert_eq!(params.ids("Lists"), Ok(vec![1, 2, 3]));
        assert_eq!(params.ids("Bad"), Err("x".to_owned()));
        assert_eq!(params.ids("Nothing"), Ok(vec![]));
    }

    #[test]
    fn truths_and_ids_are_read_as_the_platform_did() {
        let params = params("a=TRUE&b=0&c=on&d=no&e=&list=abc");
        assert_eq!(params.truth("a"), Some(true));
        assert_eq!(params.truth("b"), Some(false));
        assert_eq!(params.truth("c"), Some(true));
        assert_eq!(params.truth("d"), Some(false));
        assert_eq!(params.truth("e"), None);
        assert_eq!(params.id("list"), Some(0));
        assert_eq!(params.id("none"), None);
    }
}
