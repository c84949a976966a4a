//! The text part of a message that has HTML only: what a reader would see, in lines, with the addresses of links behind them.
//!
//! One pass without a tree: its cost grows with the length only, whatever the nesting. The crate that does this kept a core busy for 14 seconds with
//! 50,000 open `div`s, and draws the tables that newsletters are laid out with as boxes.

use std::borrow::Cow;

use crate::domain::tags::MAX_TAG_BYTES;

/// What stands behind is left out.
const MAX_HTML_BYTES: usize = 1024 * 1024;
/// Lines are broken behind this many characters where they can be.
const WIDTH: usize = 76;
/// Line breaks at once.
const MAX_BREAKS: usize = 4;

/// The text of an HTML body.
#[must_use]
pub fn of_html(html: &str) -> String {
    let end = (0..=html.len().min(MAX_HTML_BYTES)).rev().find(|end| html.is_char_boundary(*end)).unwrap_or_default();
    let mut page = Page::default();
    let mut rest = &html[..end];
    while let Some(start) = rest.find('<') {
        page.text(&rest[..start]);
        rest = &rest[start..];
        let n = tag_len(rest);
        if n == 1 {
            page.text("<");
            rest = &rest[1..];
            continue;
        }
        let tag = &rest[..n];
        rest = &rest[n..];
        let name = name_of(tag);
        if let Some(hidden) = HIDDEN.iter().find(|hidden| name.eq_ignore_ascii_case(hidden)) {
            rest = behind(rest, hidden);
        }
        page.tag(tag, name);
    }
    page.text(rest);
    page.end()
}

/// Elements whose text nobody sees.
const HIDDEN: [&str; 4] = ["style", "script", "title", "template"];

/// The length of the tag or comment that begins here; 1 when none does.
fn tag_len(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |end| end + 3);
    }
    let bytes = text.as_bytes();
    if !bytes.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || b"/!?".contains(byte)) {
        return 1;
    }
    let mut quote = None;
    for (place, byte) in bytes.iter().enumerate().skip(1) {
        match (byte, quote) {
            (b'>', None) => return place + 1,
            (b'"' | b'\'', None) if bytes[place - 1] == b'=' => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    // A quote without an end: the tag ends at the first sign that could end it.
    text.find('>').map_or(text.len(), |end| end + 1)
}

/// `p` of `<p class="x">`, `/p` of `</p>`.
fn name_of(tag: &str) -> &str {
    let inside = &tag[1..];
    let end = inside.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || b"/-:!".contains(&byte)));
    inside[..end.unwrap_or(inside.len())].trim_end_matches(['/', '-']).trim_end_matches(':')
}

/// What follows the end tag of an element; nothing when it is never closed.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(start) = rest.find("</") {
        rest = &rest[start + 2..];
        if rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return rest.find('>').map_or("", |end| &rest[end + 1..]);
        }
    }
    ""
}

/// The value of an attribute; `None` when the tag has none.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let equals = rest.find('=')?;
        let is_it =
            rest[..equals].trim_end().rsplit(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'').next()?;
        let value = rest[equals + 1..].trim_start();
        let (inside, tail) = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split_once(quote)?,
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len())),
        };
        if is_it.eq_ignore_ascii_case(name) {
            return Some(inside);
        }
        rest = tail;
    }
}

/// A text growing line by line.
#[derive(Default)]
struct Page {
    out: String,
    /// Characters in the last line.
    column: usize,
    /// A blank is owed before the next word.
    is_blank_owed: bool,
    /// Line breaks owed before the next word.
    n_breaks_owed: usize,
    /// The address of the link at hand, and where its text began.
    link: Option<(String, usize)>,
    /// How deep inside `pre`.
    n_pre: usize,
}

impl Page {
    fn text(&mut self, text: &str) {
        let text = decoded(text);
        if self.n_pre > 0 {
            return self.verbatim(&text);
        }
        if text.starts_with(is_blank) {
            self.is_blank_owed = true;
        }
        let mut rest = text.trim_start_matches(is_blank);
        while !rest.is_empty() {
            let (word, tail) = rest.split_at(word_len(rest));
            self.word(word);
            self.is_blank_owed = tail.starts_with(is_blank);
            rest = tail.trim_start_matches(is_blank);
        }
    }

    fn verbatim(&mut self, text: &str) {
        for (place, line) in text.split('\n').enumerate() {
            if place > 0 {
                self.pay_breaks();
                self.out.push('\n');
                self.column = 0;
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.pay_breaks();
                self.out.push_str(line);
                self.column += line.len();
            }
        }
        self.is_blank_owed = false;
    }

    fn pay_breaks(&mut self) {
        if !self.out.is_empty() && self.n_breaks_owed > 0 {
            let there = self.out.len() - self.out.trim_end_matches('\n').len();
            (there..self.n_breaks_owed).for_each(|_| self.out.push('\n'));
            self.column = 0;
        }
        if self.n_breaks_owed > 0 {
            self.is_blank_owed = false;
        }
        self.n_breaks_owed = 0;
    }

    fn word(&mut self, word: &str) {
        self.pay_breaks();
        let n = word.chars().count();
        if self.is_blank_owed && self.column > 0 {
            if self.column + 1 + n > WIDTH {
                self.out.push('\n');
                self.column = 0;
            } else {
                self.out.push(' ');
                self.column += 1;
            }
        }
        self.is_blank_owed = false;
        self.out.push_str(word);
        self.column += n;
    }

    fn break_lines(&mut self, n: usize) {
        self.n_breaks_owed = self.n_breaks_owed.max(n);
    }

    fn tag(&mut self, tag: &str, name: &str) {
        match name.to_ascii_lowercase().as_str() {
            "br" => self.n_breaks_owed = (self.n_breaks_owed + 1).min(MAX_BREAKS),
            "p" | "/p" | "h1" | "/h1" | "h2" | "/h2" | "h3" | "/h3" | "h4" | "/h4" | "h5" | "/h5" | "h6" | "/h6"
            | "ul" | "/ul" | "ol" | "/ol" | "table" | "/table" | "blockquote" | "/blockquote" | "dl" | "/dl" => {
                self.break_lines(2)
            }
            "pre" => {
                self.break_lines(2);
                self.n_pre += 1;
            }
            "/pre" => {
                self.break_lines(2);
                self.n_pre = self.n_pre.saturating_sub(1);
            }
            "div" | "/div" | "tr" | "/tr" | "dt" | "dd" | "section" | "/section" | "article" | "/article"
            | "header" | "/header" | "footer" | "/footer" | "/li" => self.break_lines(1),
            "/td" | "/th" => self.is_blank_owed = true,
            "li" => {
                self.break_lines(1);
                self.word("*");
                self.is_blank_owed = true;
            }
            "hr" => {
                self.break_lines(2);
                self.word("----");
                self.break_lines(2);
            }
            "img" => {
                if let Some(alt) = attribute(tag, "alt") {
                    self.text(alt);
                }
            }
            "a" => {
                let address = attribute(tag, "href").map(|href| decoded(href.trim()).into_owned());
                self.link = address.filter(|address| is_shown(address)).map(|address| (address, self.out.len()));
            }
            "/a" => self.end_link(),
            _ => {}
        }
    }

    /// The address stands behind the link's text, unless the text is the address.
    fn end_link(&mut self) {
        let Some((address, start)) = self.link.take() else { return };
        let shown = self.out.get(start..).unwrap_or_default().trim();
        if shown == address || address.strip_prefix("mailto:") == Some(shown) {
            return;
        }
        let word = if shown.is_empty() { address } else { format!("<{address}>") };
        let (is_blank_owed, n_breaks_owed) = (self.is_blank_owed, std::mem::take(&mut self.n_breaks_owed));
        self.is_blank_owed = true;
        self.word(&word);
        (self.is_blank_owed, self.n_breaks_owed) = (is_blank_owed, n_breaks_owed);
    }

    fn end(self) -> String {
        let mut text = self.out.trim_end().to_owned();
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

/// How far the word that begins here goes. A tag whose value is put in later is part of one word, blanks in it or not.
fn word_len(text: &str) -> usize {
    let mut len = 0;
    loop {
        let rest = &text[len..];
        let end = rest.find(is_blank).unwrap_or(rest.len());
        let Some(start) = rest[..end].find("[[=") else { return len + end };
        let close = rest.as_bytes()[start..].windows(2).take(MAX_TAG_BYTES).position(|pair| pair == b"]]");
        match close {
            Some(close) => len += start + close + 2,
            None => return len + end,
        }
    }
}

/// A no-break space, which `decoded` makes of `&nbsp;`, keeps words together in HTML only.
fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{a0}' || c == '\u{200c}' || c == '\u{feff}'
}

fn is_shown(address: &str) -> bool {
    !address.is_empty() && !address.starts_with('#') && !address.to_ascii_lowercase().starts_with("javascript:")
}

/// Character references replaced by what they stand for; unknown ones stay.
pub(in crate::domain) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| character(&rest[1..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| !c.is_control() || *c == '\n' || *c == '\t');
    }
    if let Some((_, c)) = OTHERS.iter().find(|(known, _)| *known == name) {
        return Some(*c);
    }
    let place = LATIN.split(' ').position(|known| known == name)?;
    char::from_u32(0xA0 + u32::try_from(place).ok()?)
}

/// The names of U+00A0 to U+00FF, in their order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot \
cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// Further names that messages use.
const OTHERS: [(&str, char); 25] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("euro", '\u{20ac}'),
    ("hellip", '\u{2026}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("sbquo", '\u{201a}'),
    ("ldquo", '\u{201c}'),
    ("rdquo", '\u{201d}'),
    ("bdquo", '\u{201e}'),
    ("bull", '\u{2022}'),
    ("trade", '\u{2122}'),
    ("larr", '\u{2190}'),
    ("rarr", '\u{2192}'),
    ("lsaquo", '\u{2039}'),
    ("rsaquo", '\u{203a}'),
    ("OElig", '\u{152}'),
    ("oelig", '\u{153}'),
    ("zwnj", '\u{200c}'),
    ("check", '\u{2713}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_lines_lists_and_the_addresses_of_links() {
        let html = "<html><head><title>t</title><style>p{x:y}</style></head><body><h1>Hi %Subscriber:FirstName%</h1>\
            <p>See <a href='%Link:Unsubscribe%'>here</a>\n  and <A HREF=\"https://x.example/?a=1&amp;b=[[=Contact.f_City;]]\">there</a>.</p>\
            <img alt=\"a picture\" src=x><ul><li>one<li>two</ul><table><tr><td>1</td><td>2</td></tr></table>\
            <script>alert('</p>')</script><!-- no -->caf&eacute;&nbsp;&#8364; &unknown; 1 < 2<br>end</body></html>";
        let want = "Hi %Subscriber:FirstName%\n\nSee here <%Link:Unsubscribe%> and there\n\
            <https://x.example/?a=1&b=[[=Contact.f_City;]]>.\n\na picture\n\n* one\n* two\n\n1 2\n\n\
            caf\u{e9} \u{20ac} &unknown; 1 < 2\nend\n";
        assert_eq!(of_html(html), want);
        assert_eq!(of_html("<a href='https://a.example'>https://a.example</a>"), "https://a.example\n");
        assert_eq!(of_html("<pre>a\n  b</pre>c"), "a\n  b\n\nc\n");
        assert_eq!(of_html(&"word ".repeat(30)).lines().map(str::len).max(), Some(74));
    }

    #[test]
    fn a_tag_is_never_divided() {
        let tag = "[[=Message.Parameter(&quot;a b&quot;);]]";
        let text = of_html(&format!("{} {tag} {tag}x", "y".repeat(60)));
        assert_eq!(text.matches("[[=Message.Parameter(\"a b\");]]").count(), 2, "{text}");
        assert_eq!(of_html("[[= a b"), "[[= a b\n");
    }

    #[test]
    fn broken_and_hostile_html_is_read_in_one_pass() {
        for (html, want) in [
            ("", ""),
            ("<", "<\n"),
            ("<p", ""),
            ("a<p title=\"", "a\n"),
            ("<style>", ""),
            ("<!--", ""),
            ("</", ""),
            ("&#xFFFFFFFF;&#0;", "&#xFFFFFFFF;&#0;\n"),
            ("<a href=>x</a>", "x\n"),
            ("<a href=\"javascript:x\">y</a>", "y\n"),
        ] {
            assert_eq!(of_html(html), want, "{html}");
        }
        for piece in ["<div>", "<table><tr><td>", "<b>", "<a href='x", "<!--", "<style>", "&", "</a", "=\"", "<p a='"] {
            let _ = of_html(&piece.repeat(200_000 / piece.len()));
        }
    }
}
