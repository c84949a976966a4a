//! Header-like fields outside of headers: the groups of a delivery status and the fields of a feedback report (RFC 3464 2.1, RFC 5965 3), and
//! headers that stand somewhere in a text.

/// Groups read at most.
const MAX_GROUPS: usize = 200;
/// Fields of one group read at most.
const MAX_FIELDS: usize = 100;
/// A longer value is cut, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Fields that stand together, in their order. Names are in lower case, values unfolded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    fields: Vec<(String, String)>,
}

impl Group {
    /// The first value of this name, given in lower case; `None` when there is none or it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Every value of this name that is not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// Reads groups that are split by blank lines. Lines that are no field are passed over; line ends may be of any kind.
#[must_use]
pub fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = Group::default();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if line.trim().is_empty() {
            if !group.fields.is_empty() {
                groups.push(std::mem::take(&mut group));
            }
            if groups.len() == MAX_GROUPS {
                return groups;
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.fields.last_mut() {
                append(value, line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && is_name(name.trim_end())
            && group.fields.len() < MAX_FIELDS
        {
            let mut kept = String::new();
            append(&mut kept, value.trim());
            group.fields.push((name.trim_end().to_ascii_lowercase(), kept));
        }
    }
    if !group.fields.is_empty() {
        groups.push(group);
    }
    groups
}

/// RFC 5322 2.2: printable ASCII without the colon.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_graphic())
}

fn append(value: &mut String, more: &str) {
    if !value.is_empty() && !more.is_empty() && value.len() < MAX_VALUE_BYTES {
        value.push(' ');
    }
    let room = MAX_VALUE_BYTES.saturating_sub(value.len());
    value.push_str(cut(more, room));
}

/// The beginning of a text, at most this many bytes and whole characters.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The value behind `rfc822; ann@example.com` or `smtp; 550 …` (RFC 3464 2.1.2); a value without a type is taken whole.
#[must_use]
pub fn behind_type(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if kind.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            rest.trim()
        }
        _ => value.trim(),
    }
}

/// An address as such a field writes it, without angle brackets. `None` when there is no `@` in it.
#[must_use]
pub fn address(value: &str) -> Option<String> {
    let text = behind_type(value).trim_matches(['<', '>', ' ', '"', '\'']).to_owned();
    let is_whole = text.len() <= 320 && !text.chars().any(|c| c.is_control() || c == ' ');
    (is_whole && text.contains('@')).then_some(text)
}

/// Undoes xtext (RFC 3461 4): `+2B` is a plus. Anything else stays as it is.
#[must_use]
pub fn xtext(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).filter(|_| *first == b'+').and_then(|digits| {
            let is_hex = digits.iter().all(|d| d.is_ascii_digit() || (b'A'..=b'F').contains(d));
            let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
            u8::from_str_radix(digits, 16).ok().filter(|byte| byte.is_ascii_graphic())
        });
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_split_by_blank_lines_and_folded_values_joined() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\nFINAL-recipient:rfc822;ann@example.com\r\nStatus : 5.1.1\r\n\
                    Diagnostic-Code: smtp; 550-5.1.1 The account\r\n\t550 5.1.1 does not exist\r\nno field\r\n \r\n\r\nAction: delayed";
        let groups = groups(text);
        assert_eq!(groups.len(), 3);
        assert_eq!(groups[1].get("final-recipient"), Some("rfc822;ann@example.com"));
        assert_eq!(groups[1].get("status"), Some("5.1.1"));
        assert_eq!(groups[1].get("diagnostic-code"), Some("smtp; 550-5.1.1 The account 550 5.1.1 does not exist"));
        assert_eq!(groups[2].get("action"), Some("delayed"));
        assert_eq!(groups[2].get("status"), None);
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(groups(&"A: b\n\n".repeat(10_000)).len(), MAX_GROUPS);
        let long = groups(&format!("A: {}\n {}", "é".repeat(10_000), "x".repeat(10_000)));
        assert!(long[0].get("a").is_some_and(|value| value.len() <= MAX_VALUE_BYTES));
        assert_eq!(groups(&"A: b\n".repeat(10_000))[0].all("a").count(), MAX_FIELDS);
    }

    #[test]
    fn addresses_are_taken_out_of_their_dress() {
        for (value, found) in [
            ("rfc822; ann@example.com", Some("ann@example.com")),
            ("RFC822;<ann@example.com>", Some("ann@example.com")),
            ("ann@example.com", Some("ann@example.com")),
            ("rfc822; ann+news@example.com", Some("ann+news@example.com")),
            ("utf-8; jürgen@example.com", Some("jürgen@example.com")),
            ("rfc822; unknown", None),
            ("x400; /C=de", None),
            ("a b@c", None),
        ] {
            assert_eq!(address(value).as_deref(), found, "{value}");
        }
        assert_eq!(xtext("ann+2Bnews@example.com"), "ann+news@example.com");
        assert_eq!(xtext("ann+news+@example.com+0A+F"), "ann+news+@example.com+0A+F");
    }
}
