//! Captured mails: `*.eml` files of the server's outbox, decoded far enough to read them in a test.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// A captured mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The file.
    pub path: PathBuf,
    /// The headers, unfolded, names in lower case, values as they stand.
    pub headers: Vec<(String, String)>,
    /// The text parts, decoded, one after the other.
    pub text: String,
}

impl Mail {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Whether it goes to this address.
    pub fn is_to(&self, address: &str) -> bool {
        self.header("to").to_lowercase().contains(&address.to_lowercase())
    }
}

/// The mails in a folder (none when it does not exist), oldest name first, those of `seen` left out.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn read_outbox(folder: &Path, seen: &[PathBuf]) -> anyhow::Result<Vec<Mail>> {
    let mut paths = Vec::new();
    find_files(folder, &mut paths)?;
    paths.sort();
    paths.into_iter().filter(|path| !seen.contains(path)).map(|path| read(&path)).collect()
}

fn find_files(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Mail> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let raw = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let (headers, body) = split(&raw);
    let mut text = String::new();
    read_part(&headers, body, &mut text);
    Ok(Mail { path: path.to_owned(), headers, text })
}

type Headers = Vec<(String, String)>;

fn split(part: &str) -> (Headers, &str) {
    let (head, body) = part.split_once("\n\n").unwrap_or((part, ""));
    let unfolded = head.replace("\n\t", " ").replace("\n ", " ");
    let headers = unfolded.lines().filter_map(|line| line.split_once(':'));
    (headers.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect(), body)
}

fn read_part(headers: &Headers, body: &str, text: &mut String) {
    let find = |name: &str| headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    if let Some(boundary) = boundary_of(find("content-type")) {
        for part in body.split(&format!("--{boundary}")).skip(1).filter(|part| !part.starts_with("--")) {
            let (headers, body) = split(part.trim_start_matches('\n'));
            read_part(&headers, body, text);
        }
        return;
    }
    let decoded = match find("content-transfer-encoding").to_lowercase().as_str() {
        "quoted-printable" => unquote(body),
        "base64" => unbase(body),
        _ => body.to_owned(),
    };
    text.push_str(&decoded);
    text.push('\n');
}

fn boundary_of(content_type: &str) -> Option<String> {
    let lower = content_type.to_lowercase();
    if !lower.starts_with("multipart/") {
        return None;
    }
    let at = lower.find("boundary=")? + "boundary=".len();
    let rest = &content_type[at..];
    let value = rest.strip_prefix('"').map_or_else(|| rest.split(';').next(), |quoted| quoted.split('"').next());
    value.map(|value| value.trim().to_owned())
}

fn unquote(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'=').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unbase(body: &str) -> String {
    let mut bytes = Vec::new();
    let (mut held, mut n_bits) = (0_u32, 0);
    for sign in body.bytes() {
        let Some(value) =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|b| *b == sign)
        else {
            continue;
        };
        held = (held << 6) | u32::try_from(value).unwrap_or(0);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from((held >> n_bits) & 0xff).unwrap_or(0));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_mail_are_decoded() {
        let folder = tempfile::tempdir().unwrap();
        let mail = "To: Ann\r\n <ann@example.com>\r\nContent-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttp://x/?a=3D1&=\r\nb=3D2 =C3=A9\r\n\
            --b1\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+\r\n--b1--\r\n";
        std::fs::write(folder.path().join("1.eml"), mail).unwrap();
        let mails = read_outbox(folder.path(), &[]).unwrap();
        assert!(mails[0].is_to("ANN@example.com") && !mails[0].is_to("bob@example.com"));
        assert!(
            mails[0].text.contains("http://x/?a=1&b=2 é\n") && mails[0].text.contains("<b>hi</b>"),
            "{}",
            mails[0].text
        );
        assert!(read_outbox(folder.path(), &[mails[0].path.clone()]).unwrap().is_empty());
        assert!(read_outbox(&folder.path().join("none"), &[]).unwrap().is_empty());
    }
}
