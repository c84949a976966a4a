//! Text with names in braces: filled in for a request, matched against an answer.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::bail;
use regex::Regex;

use super::steps::encode;

/// What names stand for.
pub type Bindings = BTreeMap<String, String>;

static NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"\{([A-Za-z_][A-Za-z0-9_]*)\}"));

/// Placeholders for what cannot be known beforehand, with the text they take.
static KINDS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    vec![
        ("int", regex(r"^-?[0-9]+")),
        ("date", regex(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}")),
        ("datetime", regex(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")),
        ("dotted", regex(r"^[0-9]{4}\.[0-9]{2}\.[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")),
        ("guid", regex(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
        ("hex32", regex(r"^[0-9a-f]{32}")),
        ("key", regex(r"^[0-9a-fA-F]{4}(?:-[0-9a-fA-F]{4}){7}")),
        ("text", regex(r#"^[^"<>]*"#)),
    ]
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern stands above and is tested")
}

enum Part<'a> {
    Literal(String),
    Kind(&'a str, &'a Regex),
}

/// Fills in every name.
///
/// # Errors
/// A name that is bound to nothing.
pub fn fill(text: &str, bindings: &Bindings) -> anyhow::Result<String> {
    let mut filled = String::new();
    for part in parts(text, bindings)? {
        match part {
            Part::Literal(text) => filled.push_str(&text),
            Part::Kind(name, _) => bail!("{{{name}}} stands for an unknown text and cannot be sent"),
        }
    }
    Ok(filled)
}

/// Fills in every name for a place where text is urlencoded: an address, a form's body.
///
/// # Errors
/// A name that is bound to nothing.
pub fn fill_encoded(text: &str, bindings: &Bindings) -> anyhow::Result<String> {
    let encoded = bindings.iter().map(|(name, value)| (name.clone(), encode(value))).collect();
    fill(text, &encoded)
}

/// Compares an answer with what was expected. `Ok(None)` when they agree, else where and how they part.
///
/// # Errors
/// A name in `expected` that is bound to nothing.
pub fn difference(expected: &str, actual: &str, bindings: &Bindings) -> anyhow::Result<Option<String>> {
    let parts = parts(expected, bindings)?;
    let mut at = 0;
    for (i, part) in parts.iter().enumerate() {
        let rest = &actual[at..];
        match part {
            Part::Literal(text) => {
                if !rest.starts_with(text.as_str()) {
                    let common = common_prefix(text, rest);
                    return Ok(Some(point_out(&parts, i, &text[common..], actual, at + common)));
                }
                at += text.len();
            }
            Part::Kind(name, taken) => match taken_by(taken, rest, parts.get(i + 1)) {
                Some(n) => at += n,
                None => return Ok(Some(point_out(&parts, i, &format!("{{{name}}}"), actual, at))),
            },
        }
    }
    Ok((at < actual.len()).then(|| point_out(&parts, parts.len(), "the end", actual, at)))
}

/// How many bytes a placeholder takes; `{text}` stops where the following literal begins.
fn taken_by(kind: &Regex, rest: &str, next: Option<&Part<'_>>) -> Option<usize> {
    let n = kind.find(rest)?.end();
    if kind.as_str().ends_with('*')
        && let Some(Part::Literal(next)) = next
        && let Some(begins) = rest.find(next.as_str()).filter(|begins| *begins <= n)
    {
        return Some(begins);
    }
    Some(n)
}

fn parts<'a>(text: &'a str, bindings: &Bindings) -> anyhow::Result<Vec<Part<'a>>> {
    let mut parts = vec![Part::Literal(String::new())];
    let mut at = 0;
    for found in NAME.captures_iter(text) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
        push(&mut parts, &text[at..whole.start()]);
        at = whole.end();
        if let Some(value) = bindings.get(name.as_str()) {
            push(&mut parts, value);
        } else if let Some((kind, pattern)) = KINDS.iter().find(|(kind, _)| *kind == name.as_str()) {
            parts.push(Part::Kind(kind, pattern));
        } else {
            bail!("{} is bound to nothing", whole.as_str());
        }
    }
    push(&mut parts, &text[at..]);
    Ok(parts)
}

fn push(parts: &mut Vec<Part<'_>>, text: &str) {
    match parts.last_mut() {
        Some(Part::Literal(literal)) => literal.push_str(text),
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// Shows both sides around the place where they part.
fn point_out(parts: &[Part<'_>], i: usize, expected_rest: &str, actual: &str, at: usize) -> String {
    let mut wanted = expected_rest.to_owned();
    for part in parts.iter().skip(i + 1) {
        match part {
            Part::Literal(text) => wanted.push_str(text),
            Part::Kind(name, _) => wanted.push_str(&format!("{{{name}}}")),
        }
    }
    let before: String = {
        let mut last: Vec<char> = actual[..at].chars().rev().take(60).collect();
        last.reverse();
        last.into_iter().collect()
    };
    let cut = |text: &str| text.chars().take(160).collect::<String>();
    format!(
        "at byte {at}, after {before:?}\n      expected {:?}\n      got      {:?}",
        cut(&wanted),
        cut(&actual[at..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings() -> Bindings {
        Bindings::from([("list".to_owned(), "7".to_owned())])
    }

    #[test]
    fn bound_names_and_kinds_match_and_json_braces_are_left_alone() {
        let expected =
            r#"{"ListID":"{list}","Total":{int},"At":"{datetime}","Text":"{text}","Rest":"{text} of {text}"}"#;
        let actual = r#"{"ListID":"7","Total":12,"At":"2026-01-31 23:59:59","Text":"","Rest":"a b of c"}"#;
        assert_eq!(difference(expected, actual, &bindings()).unwrap(), None);
    }

    #[test]
    fn the_first_difference_is_shown_with_both_sides() {
        let told = difference(r#"{"ListID":"{list}","A":1}"#, r#"{"ListID":"7","B":1}"#, &bindings()).unwrap().unwrap();
        assert!(told.contains(r#"expected "A\":1}""#) && told.contains(r#"got      "B\":1}""#), "{told}");
        let told = difference("{int}", "x", &bindings()).unwrap().unwrap();
        assert!(told.contains("{int}"), "{told}");
        assert!(difference("a", "ab", &bindings()).unwrap().unwrap().contains("the end"));
        assert!(difference("ab", "a", &bindings()).unwrap().is_some());
        assert!(difference("é", "è", &bindings()).unwrap().is_some());
    }

    #[test]
    fn unbound_names_are_errors_and_kinds_cannot_be_sent() {
        assert!(fill("{nobody}", &bindings()).is_err());
        assert!(fill("{int}", &bindings()).is_err());
        let secret = Bindings::from([("p".to_owned(), "a+b&c".to_owned())]);
        assert_eq!(fill_encoded("Password={p}&x=1", &secret).unwrap(), "Password=a%2Bb%26c&x=1");
        assert_eq!(fill("ListID={list}&x={}", &bindings()).unwrap(), "ListID=7&x={}");
    }
}
