//! Merge tags: `%Subscriber:EmailAddress%` and its like in subjects and bodies, replaced in one pass (OE-10).

/// Where a text stands, so that what is put in cannot break out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A plain body.
    Plain,
    /// An HTML body: put-in values are escaped.
    Html,
    /// A header: control characters of put-in values become blanks.
    Header,
}

/// A longer name is no tag.
const MAX_TAG_BYTES: usize = 64;

/// Replaces every `%Group:Name%` that `value_of` knows (it is asked with group and name as written); others stay as they are. Put-in values are not
/// searched for tags again.
#[must_use]
pub fn render(text: &str, place: Place, value_of: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let value = tag_at(after).and_then(|(group, name, end)| value_of(group, name).map(|value| (value, end)));
        if let Some((value, end)) = value {
            push(&mut out, &value, place);
            rest = &after[end..];
        } else {
            out.push('%');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Group, name and the place behind the closing sign of a tag that begins here.
pub(super) fn tag_at(text: &str) -> Option<(&str, &str, usize)> {
    let end = text.bytes().take(MAX_TAG_BYTES).position(|byte| byte == b'%')?;
    let (group, name) = text[..end].split_once(':')?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    (is_word(group) && is_word(name)).then_some((group, name, end + 1))
}

/// Puts a value in, so that it cannot break out of its place.
pub(super) fn push(out: &mut String, value: &str, place: Place) {
    match place {
        Place::Plain => out.push_str(value),
        Place::Header => out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
        Place::Html => {
            for c in value.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&#39;"),
                    c => out.push(c),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(group: &str, name: &str) -> Option<String> {
        match (group, name) {
            ("Subscriber", "EmailAddress") => Some("a&b@x.example".to_owned()),
            ("Subscriber", "CustomField1") => Some("%Subscriber:EmailAddress%\r\nBcc: x".to_owned()),
            ("Subscriber", "Empty") => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn known_tags_are_replaced_once_and_others_stay() {
        let cases = [
            ("Hi %Subscriber:EmailAddress%!", Place::Plain, "Hi a&b@x.example!"),
            ("Hi %Subscriber:EmailAddress%!", Place::Html, "Hi a&amp;b@x.example!"),
            ("%Subscriber:CustomField1%", Place::Header, "%Subscriber:EmailAddress%  Bcc: x"),
            ("100% of %Subscriber:Nothing% and 5%", Place::Plain, "100% of %Subscriber:Nothing% and 5%"),
            ("50%%Subscriber:Empty%%", Place::Plain, "50%%"),
            ("%%Subscriber:EmailAddress%", Place::Plain, "%a&b@x.example"),
            ("%é:x% %", Place::Plain, "%é:x% %"),
        ];
        for (text, place, want) in cases {
            assert_eq!(render(text, place, &value_of), want, "{text}");
        }
    }
}
