//! Tags of messages in versions, `[[=Contact.f_City;]]` and its like, read once and put in for each contact. `%Group:Name%` tags are read along.
//!
//! What is put in is escaped for its place and not searched for tags again. A tag that nobody knows becomes empty (OF-16.5, OF-16.6).

use crate::domain::merge_tags::{Place, push, tag_at};

/// A longer tag is none: what stands there stays.
pub const MAX_TAG_BYTES: usize = 512;

/// A text with its tags found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Tag(Tag),
    /// A `%Group:Name%`: stays as it is when nobody knows it, as on the other wire.
    Merge {
        group: String,
        name: String,
    },
}

/// What a tag asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// `Contact.f_City`: a column of the contact.
    Contact(String),
    /// `Message.Parameter("x")`: a value given with the sending.
    Parameter(String),
    /// `Message.ActivationLink()`: the link that makes the contact active.
    ActivationLink,
    /// `Message.OpLink(1460)`: an operational link.
    OperationalLink(i64),
    /// `Message.UnsubscribeLink()`: the link that ends the subscription.
    UnsubscribeLink,
    /// Nothing that is known.
    Unknown(String),
}

impl Compiled {
    /// Reads a text. Anything can be read; what is no tag stays text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("[[=") {
            let inside = &rest[start + 3..];
            let Some(end) = end_of(inside) else {
                merge_parts(&rest[..start + 3], &mut parts);
                rest = inside;
                continue;
            };
            merge_parts(&rest[..start], &mut parts);
            parts.push(Part::Tag(tag(&inside[..end])));
            rest = &inside[end + 2..];
        }
        merge_parts(rest, &mut parts);
        Self { parts }
    }

    /// Puts values in. `value_of` answers `None` for what it does not know.
    #[must_use]
    pub fn render(
        &self,
        place: Place,
        value_of: &dyn Fn(&Tag) -> Option<String>,
        merge_value_of: &dyn Fn(&str, &str) -> Option<String>,
    ) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Tag(tag) => {
                    if let Some(value) = value_of(tag) {
                        push(&mut out, &value, place);
                    }
                }
                Part::Merge { group, name } => match merge_value_of(group, name) {
                    Some(value) => push(&mut out, &value, place),
                    None => {
                        out.push('%');
                        out.push_str(group);
                        out.push(':');
                        out.push_str(name);
                        out.push('%');
                    }
                },
            }
        }
        // A header holds no line break, wherever it came from.
        if place == Place::Header { out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect() } else { out }
    }

    /// The tags, in their order.
    pub fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.parts.iter().filter_map(|part| match part {
            Part::Tag(tag) => Some(tag),
            Part::Text(_) | Part::Merge { .. } => None,
        })
    }
}

/// Where `]]` ends a tag: outside quotes, on the same line, before another tag begins and within the longest tag.
fn end_of(inside: &str) -> Option<usize> {
    let bytes = inside.as_bytes();
    let mut quote = None;
    for (place, byte) in bytes.iter().copied().enumerate().take(MAX_TAG_BYTES) {
        match (byte, quote) {
            (b'\n' | b'\r', _) => return None,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b']', None) if bytes.get(place + 1) == Some(&b']') => return Some(place),
            (b'[', None) if bytes[place..].starts_with(b"[[=") => return None,
            _ => {}
        }
    }
    None
}

/// Text with `%Group:Name%` tags in it.
fn merge_parts(text: &str, parts: &mut Vec<Part>) {
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find('%') {
        let after = from + found + 1;
        match tag_at(&text[after..]) {
            Some((group, name, end)) => {
                push_text(&text[start..after - 1], parts);
                parts.push(Part::Merge { group: group.to_owned(), name: name.to_owned() });
                (start, from) = (after + end, after + end);
            }
            None => from = after,
        }
    }
    push_text(&text[start..], parts);
}

fn push_text(text: &str, parts: &mut Vec<Part>) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// Reads what stands between the brackets; the semicolon may be missing.
fn tag(inside: &str) -> Tag {
    let text = unescaped(inside);
    let text = text.trim();
    let text = text.strip_suffix(';').unwrap_or(text).trim();
    let unknown = || Tag::Unknown(text.to_owned());
    let Some((object, member)) = text.split_once('.') else { return unknown() };
    if object.trim().eq_ignore_ascii_case("Contact") {
        let name = member.trim();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        return if is_name { Tag::Contact(name.to_owned()) } else { unknown() };
    }
    if !object.trim().eq_ignore_ascii_case("Message") {
        return unknown();
    }
    let (method, argument) = match member.split_once('(') {
        Some((method, rest)) => match rest.trim_end().strip_suffix(')') {
            Some(argument) => (method.trim(), argument.trim()),
            None => return unknown(),
        },
        None => (member.trim(), ""),
    };
    match method.to_ascii_lowercase().as_str() {
        "parameter" => quoted(argument).map_or_else(unknown, |name| Tag::Parameter(name.to_owned())),
        "oplink" => argument.parse().map_or_else(|_| unknown(), Tag::OperationalLink),
        "activationlink" if argument.is_empty() => Tag::ActivationLink,
        "unsubscribelink" if argument.is_empty() => Tag::UnsubscribeLink,
        _ => unknown(),
    }
}

/// Editors escape the quotes of tags in HTML bodies.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

fn quoted(text: &str) -> Option<&str> {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(tag: &Tag) -> Option<String> {
        match tag {
            Tag::Contact(name) if name == "f_City" => Some("<Åbo> & [[=Contact.f_City;]]\r\nBcc: x".to_owned()),
            Tag::Parameter(name) => Some(format!("({name})")),
            Tag::OperationalLink(id) => Some(format!("https://x.example/oplink/{id}?a=1&b=2")),
            Tag::ActivationLink => Some("https://x.example/activate".to_owned()),
            _ => None,
        }
    }

    fn render(text: &str, place: Place) -> String {
        let merge = |group: &str, name: &str| (group == "S" && name == "V").then(|| "v%S:V%".to_owned());
        Compiled::new(text).render(place, &value_of, &merge)
    }

    #[test]
    fn tags_are_read_with_and_without_semicolon_blanks_and_case() {
        for (text, want) in [
            ("a[[=Message.Parameter(\"x\");]]b", "a(x)b"),
            ("[[=Message.Parameter('x y')]]", "(x y)"),
            ("[[= message.parameter( &quot;x&quot; ) ; ]]", "(x)"),
            ("[[=Message.Parameter(\"a]]b\")]]", "(a]]b)"),
            ("[[=Message.ActivationLink();]]", "https://x.example/activate"),
            ("[[=Message.ActivationLink]]", "https://x.example/activate"),
            ("[[=Message.OpLink(1460);]]", "https://x.example/oplink/1460?a=1&b=2"),
            ("x[[=Contact.f_Nothing;]]y", "xy"),
            ("x[[=Nonsense]]y", "xy"),
            ("x[[=Message.OpLink(a)]]y", "xy"),
            ("x[[=Message.Parameter(x)]]y", "xy"),
            ("[[=]]", ""),
        ] {
            assert_eq!(render(text, Place::Plain), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_tag_stays() {
        let long = format!("[[={}]]", "x".repeat(MAX_TAG_BYTES));
        for text in [
            "",
            "[[",
            "[[=Contact.f_City",
            "[[=Contact\n.f_City;]]",
            "a]]b",
            "[[Contact.f_City;]]",
            "100% of 5%",
            "%G:N%",
            &long,
        ] {
            assert_eq!(render(text, Place::Plain), text, "{text}");
        }
        assert_eq!(render("[[=[[=Message.ActivationLink()]]", Place::Plain), "[[=https://x.example/activate");
        assert_eq!(render("50%%S:V%%", Place::Plain), "50%v%S:V%%");
    }

    #[test]
    fn what_is_put_in_is_escaped_for_its_place_and_not_read_again() {
        let text = "[[=Contact.f_City;]]";
        assert_eq!(render(text, Place::Html), "&lt;Åbo&gt; &amp; [[=Contact.f_City;]]\r\nBcc: x");
        assert_eq!(render(text, Place::Header), "<Åbo> & [[=Contact.f_City;]]  Bcc: x");
        assert_eq!(render("a\r\nb", Place::Header), "a  b");
        assert_eq!(
            render("<a href=\"[[=Message.OpLink(7);]]\">", Place::Html),
            "<a href=\"https://x.example/oplink/7?a=1&amp;b=2\">"
        );
    }

    #[test]
    fn tags_can_be_listed() {
        let compiled = Compiled::new("[[=Message.OpLink(1);]] [[=Contact.f_City]] [[=x]]");
        let tags: Vec<&Tag> = compiled.tags().collect();
        assert_eq!(tags, [&Tag::OperationalLink(1), &Tag::Contact("f_City".to_owned()), &Tag::Unknown("x".to_owned())]);
    }
}
