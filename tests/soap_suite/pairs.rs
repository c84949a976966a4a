//! Reads the pairs out of PHP's test files.

use std::path::{Path, PathBuf};

/// A request with the answer PHP's server gives.
#[derive(Debug)]
pub struct Pair {
    /// Folder and name of the file.
    pub name: String,
    /// The folder.
    pub group: String,
    /// The envelope sent.
    pub request: String,
    /// The envelope expected.
    pub answer: String,
    /// Whether the request names encoding rules.
    pub is_encoded: bool,
}

/// All pairs below a folder, by name.
pub fn read(folder: &Path) -> Vec<Pair> {
    let mut files = Vec::new();
    for part in ["soap12", "interop"] {
        walk(&folder.join(part), &mut files);
    }
    files.sort();
    let name_of = |file: &Path| file.strip_prefix(folder).unwrap_or(file).display().to_string();
    files.iter().filter_map(|file| pair(&name_of(file), &std::fs::read(file).ok()?)).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "phpt") {
            files.push(path);
        }
    }
}

/// The request is written out in the script, or is the first of two envelopes that the script prints.
fn pair(name: &str, bytes: &[u8]) -> Option<Pair> {
    let text = String::from_utf8_lossy(bytes);
    let (script, expected) = text.split_once("--EXPECT--").or_else(|| text.split_once("--EXPECTF--"))?;
    let mut printed = expected.match_indices("<?xml").map(|(at, _)| &expected[at..]);
    let whole = |text: &str| text.find("Envelope>").map(|_| cut(text));
    let written = script.split_once("<<<EOF\n").and_then(|(_, rest)| rest.split_once("\nEOF"));
    let (request, answer) = match written {
        Some((request, _)) => (request.replace("\\$", "$"), whole(printed.last()?)?),
        None => (whole(printed.next()?)?, whole(printed.next()?)?),
    };
    let group = Path::new(name).parent().map_or(String::new(), |folder| folder.display().to_string());
    Some(Pair { name: name.to_owned(), group, is_encoded: request.contains("encodingStyle"), request, answer })
}

/// Up to the end of the envelope.
fn cut(text: &str) -> String {
    let end = text.find(":Envelope>").map_or(text.len(), |at| at + ":Envelope>".len());
    text[..end].to_owned()
}
