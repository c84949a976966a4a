//! The template engine: `%Group:Name%` tags of one wire and `[[=Contact.f_City;]]` tags of the other in one text, read once and put in for each person.
//!
//! What is put in is made safe for where its tag stands and not searched for tags again. A `%Group:Name%` that nobody knows stays as it is, a `[[=…]]`
//! becomes empty (OE-10.2, OF-16.5, OF-16.6, ML-7.1, ML-7.2).

mod place;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

pub use place::{Place, Slot};
use place::{Scanner, put};

use crate::model::ids::LinkTargetId;

/// A longer `[[=…]]` is none: what stands there stays.
pub const MAX_TAG_BYTES: usize = 512;
/// A longer `%…%` is none.
const MAX_MERGE_BYTES: usize = 64;

/// A text with its tags found, each standing for a `T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<T = Tag> {
    parts: Vec<Part<T>>,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<T> {
    Text(String),
    Tag(T, Slot),
}

/// What a tag asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// `%Subscriber:EmailAddress%` and its like, as written.
    Merge {
        /// Before the colon.
        group: String,
        /// Behind it.
        name: String,
    },
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
    /// A link whose clicks are counted; no text asks for one.
    Click(LinkTargetId),
    /// Nothing that is known.
    Unknown(String),
}

/// What a tag turns out to be once its message is made ready for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound<T> {
    /// Different for each person.
    Value(T),
    /// The same for all.
    Same(String),
    /// Nothing that is known.
    Nothing,
}

impl Template<Tag> {
    /// Reads a text. Anything can be read; what is no tag stays text.
    #[must_use]
    pub fn new(text: &str, place: Place) -> Self {
        Self::with(text, place, Vec::new())
    }

    /// Reads a text of which some ranges, in their order and none over another, stand for tags whatever is written there.
    #[must_use]
    pub fn with(text: &str, place: Place, fixed: Vec<(Range<usize>, Tag)>) -> Self {
        let mut reader = Reader { parts: Vec::new(), scanner: Scanner::new(place), place };
        let mut from = 0;
        for (range, tag) in fixed {
            reader.read(&text[from..range.start]);
            reader.tag(tag);
            from = range.end;
        }
        reader.read(&text[from..]);
        Self { parts: reader.parts, place }
    }

    /// The tags, in their order.
    pub fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.parts.iter().filter_map(|part| match part {
            Part::Tag(tag, _) => Some(tag),
            Part::Text(_) => None,
        })
    }

    /// Says what each tag is. What is the same for all becomes text at once.
    #[must_use]
    pub fn bind<T>(&self, mut meaning_of: impl FnMut(&Tag) -> Bound<T>) -> Template<T> {
        let mut parts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            match part {
                Part::Text(text) => push_text(text, &mut parts),
                Part::Tag(tag, slot) => match meaning_of(tag) {
                    Bound::Value(value) => parts.push(Part::Tag(value, *slot)),
                    Bound::Same(value) => {
                        let mut text = String::with_capacity(value.len());
                        put(&mut text, &value, *slot);
                        push_text(&text, &mut parts);
                    }
                    Bound::Nothing => push_text(&left(tag), &mut parts),
                },
            }
        }
        Template { parts, place: self.place }
    }

    /// Puts values in at once. `value_of` answers `None` for what it does not know.
    #[must_use]
    pub fn render(&self, mut value_of: impl FnMut(&Tag) -> Option<String>) -> String {
        let bound = self.bind(|tag| value_of(tag).map_or(Bound::<()>::Nothing, Bound::Same));
        bound.fill(|()| Cow::Borrowed(""))
    }
}

impl<T> Template<T> {
    /// Puts each person's values in.
    #[must_use]
    pub fn fill<'v>(&self, value_of: impl Fn(&T) -> Cow<'v, str>) -> String {
        let n_text: usize =
            self.parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 64 }).sum();
        let mut out = String::with_capacity(n_text);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Tag(tag, slot) => put(&mut out, &value_of(tag), *slot),
            }
        }
        // A header holds no line break, wherever it came from.
        if self.place == Place::Header && out.contains(char::is_control) {
            out = out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
        out
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// What stands where a tag was that nobody knows.
fn left(tag: &Tag) -> Cow<'static, str> {
    match tag {
        Tag::Merge { group, name } => Cow::Owned(format!("%{group}:{name}%")),
        _ => Cow::Borrowed(""),
    }
}

struct Reader {
    parts: Vec<Part<Tag>>,
    scanner: Scanner,
    place: Place,
}

impl Reader {
    fn read(&mut self, text: &str) {
        let (mut start, mut from) = (0, 0);
        while let Some(found) = memchr2(b'%', b'[', &text.as_bytes()[from..]) {
            let at = from + found;
            match tag_at(&text[at..]) {
                Some((tag, len)) => {
                    self.text(&text[start..at]);
                    self.tag(tag);
                    (start, from) = (at + len, at + len);
                }
                None => from = at + 1,
            }
        }
        self.text(&text[start..]);
    }

    fn text(&mut self, text: &str) {
        self.scanner.pass(text);
        push_text(text, &mut self.parts);
    }

    fn tag(&mut self, tag: Tag) {
        let slot = self.scanner.slot(self.place);
        self.scanner.pass_tag();
        self.parts.push(Part::Tag(tag, slot));
    }
}

fn push_text<T>(text: &str, parts: &mut Vec<Part<T>>) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The tag that begins here, and its length.
fn tag_at(text: &str) -> Option<(Tag, usize)> {
    if let Some(inside) = text.strip_prefix("[[=") {
        let end = end_of(inside)?;
        return Some((tag(&inside[..end]), 3 + end + 2));
    }
    let inside = text.strip_prefix('%')?;
    let end = inside.bytes().take(MAX_MERGE_BYTES).position(|byte| byte == b'%')?;
    let (group, name) = inside[..end].split_once(':')?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let is_tag = is_word(group) && is_word(name);
    is_tag.then(|| (Tag::Merge { group: group.to_owned(), name: name.to_owned() }, end + 2))
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
mod tests;
