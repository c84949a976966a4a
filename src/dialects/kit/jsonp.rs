//! JSONP: a reply as a script that calls a function of the page, for browser clients of the time before CORS.

/// Longest accepted callback name, in bytes.
pub const MAX_NAME_BYTES: usize = 128;

/// Whether `name` may be called: a path of ASCII identifiers, `show`, `page.list.show`, `callbacks[3]` or `_0$`.
///
/// Everything else is refused, because the name becomes script text in our answer.
pub fn is_callback(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && name.split('.').all(is_step)
}

/// `name({...});`. The JSON must be ASCII, as [`super::php_json`] writes it: then U+2028 and U+2029, which end a line in older script engines,
/// stand there escaped. Any that do occur are escaped here.
pub fn wrap(name: &str, json: &str) -> String {
    let json = json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("{name}({json});")
}

/// An identifier, perhaps followed by indexes in brackets.
fn is_step(step: &str) -> bool {
    let (identifier, indexes) = step.split_at(step.find('[').unwrap_or(step.len()));
    is_identifier(identifier) && are_indexes(indexes)
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'$');
    starts && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
}

fn are_indexes(mut text: &str) -> bool {
    while let Some((index, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        if index.is_empty() || !index.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        text = rest;
    }
    text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identifier_paths_are_callbacks() {
        let good = ["a", "_", "$", "jQuery183_17", "a.b.c", "angular.callbacks._0", "cb[0]", "cb[0][12].x"];
        for name in good {
            assert!(is_callback(name), "{name}");
        }
        let bad = [
            "",
            ".",
            "a.",
            ".a",
            "1a",
            "a b",
            "a-b",
            "a(",
            "a;b",
            "cb[]",
            "cb[x]",
            "cb[0",
            "cb]0[",
            "cb[0]x",
            "é",
            "a\n",
            "<script>",
            "a\u{2028}",
        ];
        for name in bad {
            assert!(!is_callback(name), "{name:?}");
        }
        assert!(is_callback(&"a".repeat(MAX_NAME_BYTES)));
        assert!(!is_callback(&"a".repeat(MAX_NAME_BYTES + 1)));
    }

    #[test]
    fn wrapping_keeps_line_ends_out_of_the_script() {
        assert_eq!(wrap("cb", "{\"a\":1}"), "cb({\"a\":1});");
        assert_eq!(wrap("cb", "\"\u{2028}\u{2029}\""), "cb(\"\\u2028\\u2029\");");
    }
}
