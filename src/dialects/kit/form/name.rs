//! PHP's rules for variable names: `a[b][]` is a path, and what cannot be a PHP variable is mangled.

use std::borrow::Cow;

/// A variable's name, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// The name proper, mangled: neither dot nor blank in it.
    pub(super) top: Cow<'a, str>,
    /// What stood in brackets.
    pub(super) steps: Vec<Step<'a>>,
}

/// One pair of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// `[]`
    Next,
    /// `[key]`, taken as it is.
    Key(&'a str),
}

impl<'a> Name<'a> {
    /// Takes a name apart as PHP does (`php_register_variable_ex`):
    /// - blanks before it are dropped, dots and blanks in the top-level name become `_`; a name that is then empty is no variable;
    /// - a first `[` without `]` is no bracket: it becomes `_`, as do later ones, dots and blanks, and the whole is a top-level name;
    /// - a later `[` without `]`, and anything between a `]` and the next `[`, ends the name;
    /// - more than `max_steps` pairs of brackets: no variable.
    pub(super) fn parse(name: &'a str, max_steps: usize) -> Option<Self> {
        let name = name.trim_start_matches(' ');
        let bracket = name.find('[').unwrap_or(name.len());
        if bracket == 0 {
            return None;
        }
        let (top, mut rest) = name.split_at(bracket);
        if !rest.is_empty() && !rest.contains(']') {
            return Some(Self { top: mangle(name), steps: Vec::new() });
        }
        let mut steps = Vec::new();
        while let Some((key, after)) = rest.strip_prefix('[').and_then(|inner| split_key(inner)) {
            if steps.len() == max_steps {
                return None;
            }
            steps.push(if key.is_empty() { Step::Next } else { Step::Key(key) });
            rest = after;
        }
        Some(Self { top: mangle(top), steps })
    }
}

/// The key up to `]` and what follows. A single blank before the `]` counts as nothing, so `[ ]` is `[]`.
fn split_key(inner: &str) -> Option<(&str, &str)> {
    let spaced = inner.strip_prefix([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    match spaced.and_then(|inner| inner.strip_prefix(']')) {
        Some(after) => Some(("", after)),
        None => inner.split_once(']'),
    }
}

fn mangle(top: &str) -> Cow<'_, str> {
    if top.contains([' ', '.', '[']) { Cow::Owned(top.replace([' ', '.', '['], "_")) } else { Cow::Borrowed(top) }
}

#[cfg(test)]
mod tests {
    use super::Step::{Key, Next};
    use super::*;

    #[test]
    fn names_are_taken_apart_as_php_does() {
        let cases: [(&str, &str, &[Step<'_>]); 20] = [
            ("a", "a", &[]),
            ("  a", "a", &[]),
            ("a.b c", "a_b_c", &[]),
            ("a ", "a_", &[]),
            ("a]", "a]", &[]),
            ("a[]", "a", &[Next]),
            ("a[ ]", "a", &[Next]),
            ("a[b]", "a", &[Key("b")]),
            ("a[b.c d]", "a", &[Key("b.c d")]),
            ("a[ b ]", "a", &[Key(" b ")]),
            ("a.x[b][][c]", "a_x", &[Key("b"), Next, Key("c")]),
            ("a[0]", "a", &[Key("0")]),
            ("a[b]c", "a", &[Key("b")]),
            ("a[b]c[d]", "a", &[Key("b")]),
            ("a[b][c", "a", &[Key("b")]),
            ("a[b", "a_b", &[]),
            ("a[b.c[d", "a_b_c_d", &[]),
            ("a[[b]", "a", &[Key("[b")]),
            ("a[b[c]d]", "a", &[Key("b[c")]),
            ("@", "@", &[]),
        ];
        for (name, top, steps) in cases {
            let got = Name::parse(name, 64).unwrap();
            assert_eq!((got.top.as_ref(), got.steps.as_slice()), (top, steps), "{name}");
        }
        for dropped in ["", " ", "[a]", " [a]", "[", "a[1][2][3]"] {
            assert_eq!(Name::parse(dropped, 2), None, "{dropped}");
        }
        assert!(Name::parse("a[1][2]", 2).is_some());
    }
}
