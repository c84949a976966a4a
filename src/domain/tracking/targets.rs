//! Links of a message that are counted: found in its bodies, stored with the message, and looked up when one is clicked. Where a link leads never
//! stands in the link itself, so nobody can make one that leads elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::domain::cx::Ctx;
use crate::domain::letters::text_part::decoded;
use crate::domain::secrets::hex;
use crate::model::ids::{AccountId, LinkTargetId, MessageId};
use crate::store::StoreError;
use crate::store::rows::tracking::NewLinkTargetRow;

/// A longer link is not counted.
const MAX_URL_BYTES: usize = 2_048;
/// Attributes of one tag that are looked at, and how long the value of one may be. What is longer is no link.
const MAX_ATTRIBUTES: usize = 64;
/// See [`MAX_ATTRIBUTES`].
const MAX_VALUE_BYTES: usize = 8_192;
/// Links of one message that are counted at most, different ones.
const MAX_LINKS: usize = 500;

/// A link in a body: where it stands, and where it leads, with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub range: Range<usize>,
    /// Where it leads.
    pub url: String,
}

/// The links of an HTML body that can be counted: `href` of `a` and `area`.
#[must_use]
pub fn in_html(html: &str) -> Vec<Found> {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = memchr::memchr(b'<', &bytes[from..]).map(|at| from + at) {
        from = start + 1;
        if html[start..].starts_with("<!--") {
            from = html[start..].find("-->").map_or(html.len(), |end| start + end);
            continue;
        }
        let name = &bytes[from..bytes.len().min(from + 5)];
        let is_link = [b"a".as_slice(), b"area"].iter().any(|known| {
            name.len() > known.len()
                && name[..known.len()].eq_ignore_ascii_case(known)
                && name[known.len()].is_ascii_whitespace()
        });
        if is_link && let Some(range) = href(html, from) {
            from = range.end;
            let url = decoded(html[range.clone()].trim()).into_owned();
            if can_be_counted(&url) {
                found.push(Found { range, url });
            }
        }
    }
    found
}

/// The value of the `href` of a tag whose name begins at `from`.
fn href(html: &str, from: usize) -> Option<Range<usize>> {
    let bytes = html.as_bytes();
    let skip = |mut at: usize, is: fn(u8) -> bool| {
        while bytes.get(at).copied().is_some_and(is) {
            at += 1;
        }
        at
    };
    let mut at = skip(from, |b| b.is_ascii_alphanumeric());
    for _ in 0..MAX_ATTRIBUTES {
        at = skip(at, |b| b.is_ascii_whitespace() || b == b'/');
        let name_start = at;
        at = skip(at, |b| !b.is_ascii_whitespace() && !b"=<>/\"'".contains(&b));
        let name = &html[name_start..at];
        let behind_name = skip(at, |b| b.is_ascii_whitespace());
        if bytes.get(behind_name) != Some(&b'=') {
            // No value; whatever cannot be a name ends the search.
            if at == name_start {
                return None;
            }
            continue;
        }
        let value_start = skip(behind_name + 1, |b| b.is_ascii_whitespace());
        let range = match bytes.get(value_start)? {
            quote @ (b'"' | b'\'') => {
                let end = bytes.len().min(value_start + 1 + MAX_VALUE_BYTES);
                let len = memchr::memchr(*quote, &bytes[value_start + 1..end])?;
                value_start + 1..value_start + 1 + len
            }
            _ => value_start..skip(value_start, |b| !b.is_ascii_whitespace() && b != b'>'),
        };
        if name.eq_ignore_ascii_case("href") {
            return Some(range);
        }
        at = range.end + usize::from(matches!(bytes.get(range.end), Some(b'"' | b'\'')));
    }
    None
}

/// The links of a plain body that can be counted.
#[must_use]
pub fn in_text(text: &str) -> Vec<Found> {
    let is_end = |c: char| c.is_whitespace() || "<>\"".contains(c);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("http").map(|at| from + at) {
        let end = text[start..].find(is_end).map_or(text.len(), |len| start + len);
        let word = text[start..end].trim_end_matches(['.', ',', ';', ')', '!', '?', ':']);
        // A tag may end in a bracket or a percent sign, never in what was trimmed.
        if can_be_counted(word) {
            found.push(Found { range: start..start + word.len(), url: word.to_owned() });
        }
        from = end.max(start + 4);
    }
    found
}

/// A web address whose host is the same for everybody: a host that a merge field could name would lead wherever a subscriber says.
fn can_be_counted(url: &str) -> bool {
    let behind = |scheme: &str| url.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
    let Some(scheme) = behind("https://").or_else(|| behind("http://")) else { return false };
    let rest = &url[scheme.len()..];
    let host = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let is_host = |c: char| c.is_alphanumeric() || "-._:".contains(c);
    url.len() <= MAX_URL_BYTES && !host.is_empty() && host.chars().all(is_host) && !url.contains(char::is_control)
}

/// The ids of a message's links by URL. Those that it does not have yet are stored when `may_store`; otherwise, and past the 500th, they have none.
/// For internal use: no permission is asked.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn ids(
    cx: &mut Ctx<'_>,
    account: AccountId,
    message: MessageId,
    urls: &[&str],
    may_store: bool,
) -> Result<BTreeMap<String, LinkTargetId>, StoreError> {
    let mut known = known(cx, message)?;
    if may_store {
        let mut fresh: Vec<&str> = urls.iter().copied().filter(|url| !known.contains_key(*url)).collect();
        fresh.sort_unstable();
        fresh.dedup();
        fresh.truncate(MAX_LINKS.saturating_sub(known.len()));
        let rows: Vec<NewLinkTargetRow> = fresh
            .into_iter()
            .map(|url| NewLinkTargetRow {
                account_id: account,
                message_id: message,
                url: url.to_owned(),
                url_hash: hex(&Sha256::digest(url.as_bytes())[..16]),
                created_at: cx.now,
            })
            .collect();
        if !rows.is_empty() {
            cx.tx.insert_link_targets(&rows)?;
            known = self::known(cx, message)?;
        }
    }
    Ok(known)
}

fn known(cx: &mut Ctx<'_>, message: MessageId) -> Result<BTreeMap<String, LinkTargetId>, StoreError> {
    Ok(cx.tx.list_link_targets(message)?.into_iter().map(|row| (row.url, row.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_anchors_are_found_where_they_stand() {
        let html = "<a href=\"https://a.example/?x=1&amp;y=%S:V%\">1</a><A class='b' HREF = 'http://b.example'>2</a>\
            <area href=https://c.example/x shape=rect><abbr href='https://no.example'><!-- <a href='https://no.example'> -->\
            <a name=x>3</a><a title='a > b' href='HTTPS://D.example/#f'>4</a>";
        let found = in_html(html);
        let urls: Vec<&str> = found.iter().map(|found| found.url.as_str()).collect();
        assert_eq!(
            urls,
            ["https://a.example/?x=1&y=%S:V%", "http://b.example", "https://c.example/x", "HTTPS://D.example/#f"]
        );
        assert_eq!(&html[found[0].range.clone()], "https://a.example/?x=1&amp;y=%S:V%");
        assert_eq!(&html[found[3].range.clone()], "HTTPS://D.example/#f");
    }

    #[test]
    fn links_whose_host_is_not_sure_are_left_alone() {
        for url in [
            "%Link:Unsubscribe%",
            "[[=Message.OpLink(1);]]",
            "https://%Subscriber:CustomField1%/",
            "https://x.[[=Contact.f_Host;]]",
            "https://user@x.example/",
            "https:///x",
            "https://x.example\\@y.example",
            "mailto:a@b.example",
            "javascript:alert(1)",
            "#top",
            "/relative",
            "",
        ] {
            assert!(!can_be_counted(url) || url.starts_with("https://x.example\\"), "{url}");
            assert!(
                in_html(&format!("<a href=\"{url}\">"))
                    .iter()
                    .all(|found| found.url.starts_with("https://x.example\\"))
            );
        }
    }

    #[test]
    fn broken_html_is_read_to_its_end() {
        for html in [
            "<a ",
            "<a href",
            "<a href=",
            "<a href='",
            "<a href=\"x",
            "<a = >",
            "<a '>",
            "<a //>",
            "<!--",
            "<",
            "<a\u{e9} href=x>",
        ] {
            assert_eq!(in_html(html), [], "{html}");
        }
        for piece in ["<a ", "<a href='", "<", "<a x=\"", "<a /"] {
            let _ = in_html(&piece.repeat(50_000));
        }
    }

    #[test]
    fn links_in_text_end_where_the_sentence_goes_on() {
        let text = "See https://a.example/x?e=%S:V%. (http://b.example) <https://c.example/> httpx http";
        let urls: Vec<String> = in_text(text).into_iter().map(|found| found.url).collect();
        assert_eq!(urls, ["https://a.example/x?e=%S:V%", "http://b.example", "https://c.example/"]);
    }
}
