//! One golden file: its source, its preparation, its request and its exact answer. The format is told in `tests/golden/README.md`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, bail, ensure};
use regex::Regex;

/// A golden as it was read.
#[derive(Debug, Clone)]
pub struct Golden {
    /// The file, relative to the project.
    pub path: PathBuf,
    /// The command in lower case (or the page): the folder.
    pub command: String,
    /// The comment lines; the first cites a fact.
    pub comments: Vec<String>,
    /// What is done before the request.
    pub steps: Vec<Step>,
    /// The request.
    pub request: Request,
    /// The answer.
    pub expected: Expected,
}

/// A line of preparation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Logs the operator in.
    Admin { name: String },
    /// Makes a user group and an account in it and logs it in.
    User { name: String, params: String },
    /// A call that must succeed.
    Call { who: Option<String>, command: String, params: String, binds: Vec<(String, String)> },
    /// Makes an account with a project of the Ofsys dialect, its key, a table and an application.
    Project { name: String },
    /// A call of the Ofsys JSON services that must succeed, with the project's key.
    Post { who: String, method: String, body: String, binds: Vec<(String, String)> },
    /// Waits for a captured mail to this address and binds what the pattern's first group finds in it.
    Mail { to: String, pattern: String, bind: String },
}

/// The request, names not yet filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub version: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The expected answer, names not yet filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

static STATUS_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^HTTP/1\.[01] ([1-5][0-9]{2})( .*)?$").expect("the pattern is constant"));
static REQUEST_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([A-Z]+) (/\S*) (HTTP/1\.[01])$").expect("the pattern is constant"));

impl Golden {
    /// Reads a golden; `path` is `…/<dialect>/<command>/<case>.http`.
    ///
    /// # Errors
    /// What is wrong with the file, with its line where there is one.
    pub fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let name_of =
            |path: Option<&Path>| path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let command = name_of(path.parent()).context("stands in no command's folder")?;
        let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
        let comments: Vec<String> = lines
            .iter()
            .take_while(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim().to_owned())
            .collect();
        ensure!(!comments.is_empty(), "line 1: the first line must be a comment with the source");
        let mut at = comments.len();
        let mut steps = Vec::new();
        while let Some(line) = lines.get(at).filter(|line| !line.is_empty()) {
            if !line.starts_with('#') {
                steps.push(Step::parse(line).with_context(|| format!("line {}", at + 1))?);
            }
            at += 1;
        }
        let begins = at + 1;
        let answers = lines.iter().skip(begins).position(|line| STATUS_LINE.is_match(line)).map(|n| begins + n);
        let answers = answers.context("has no answer: no line like `HTTP/1.1 200` after an empty line")?;
        ensure!(answers > begins, "line {}: the request is missing", answers + 1);
        let before = lines[answers - 1];
        ensure!(before.is_empty(), "line {}: an empty line must stand before the answer", answers + 1);
        let request = Request::parse(&lines[begins..answers - 1]).with_context(|| format!("line {}", begins + 1))?;
        let expected = Expected::parse(&lines[answers..]).with_context(|| format!("line {}", answers + 1))?;
        Ok(Self { path: path.to_owned(), command, comments, steps, request, expected })
    }
}

impl Step {
    fn parse(line: &str) -> anyhow::Result<Self> {
        let (head, binds) = line.rsplit_once(" -> ").map_or((line, ""), |(head, binds)| (head, binds));
        let words: Vec<&str> = head.split_whitespace().collect();
        let step = match words.as_slice() {
            ["admin", name] => Self::Admin { name: (*name).to_owned() },
            ["user", name] => Self::User { name: (*name).to_owned(), params: String::new() },
            ["user", name, params] => Self::User { name: (*name).to_owned(), params: (*params).to_owned() },
            ["call", who, command, params @ ..] if params.len() <= 1 => Self::Call {
                who: (*who != "-").then(|| (*who).to_owned()),
                command: (*command).to_owned(),
                params: params.first().copied().unwrap_or_default().to_owned(),
                binds: binds.split_whitespace().map(parse_bind).collect::<anyhow::Result<_>>()?,
            },
            ["project", name] => Self::Project { name: (*name).to_owned() },
            ["post", who, method, _, ..] => Self::Post {
                who: (*who).to_owned(),
                method: (*method).to_owned(),
                body: head.splitn(4, ' ').nth(3).unwrap_or_default().trim().to_owned(),
                binds: binds.split_whitespace().map(parse_bind).collect::<anyhow::Result<_>>()?,
            },
            ["mail", to, _, ..] => {
                let pattern = head.splitn(3, ' ').nth(2).unwrap_or_default().trim().to_owned();
                Regex::new(&pattern).with_context(|| format!("{pattern:?} is no pattern"))?;
                Self::Mail { to: (*to).to_owned(), pattern, bind: binds.trim().to_owned() }
            }
            _ => bail!(
                "{line:?} is no preparation: admin, user, call, project, post or mail (parameters hold no blanks: write +)"
            ),
        };
        if !binds.is_empty() && matches!(step, Self::Admin { .. } | Self::User { .. } | Self::Project { .. }) {
            bail!("{line:?}: only `call`, `post` and `mail` bind after ->");
        }
        Ok(step)
    }
}

fn parse_bind(text: &str) -> anyhow::Result<(String, String)> {
    let (name, path) = text.split_once('=').with_context(|| format!("{text:?} is not name=Path.To.Key"))?;
    Ok((name.to_owned(), path.to_owned()))
}

impl Request {
    fn parse(lines: &[&str]) -> anyhow::Result<Self> {
        let first = lines.first().copied().unwrap_or_default();
        let found = REQUEST_LINE.captures(first).with_context(|| format!("{first:?} is no request line"))?;
        let (headers, body) = head_and_body(&lines[1..])?;
        let part = |i: usize| found.get(i).map(|part| part.as_str().to_owned()).unwrap_or_default();
        Ok(Self { method: part(1), target: part(2), version: part(3), headers, body })
    }
}

impl Expected {
    fn parse(lines: &[&str]) -> anyhow::Result<Self> {
        let first = lines.first().copied().unwrap_or_default();
        let status = STATUS_LINE.captures(first).and_then(|found| found.get(1)?.as_str().parse().ok());
        let (headers, body) = head_and_body(&lines[1..])?;
        Ok(Self { status: status.with_context(|| format!("{first:?} is no status line"))?, headers, body })
    }
}

type Headers = Vec<(String, String)>;

fn head_and_body(lines: &[&str]) -> anyhow::Result<(Headers, String)> {
    let n_headers = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let headers = lines[..n_headers].iter().map(|line| {
        let (name, value) = line.split_once(':').with_context(|| format!("{line:?} is no header"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    let body = lines.get(n_headers + 1..).unwrap_or_default().join("\n");
    Ok((headers.collect::<anyhow::Result<_>>()?, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "# OE-9: shows\n# a list\nuser u LimitLists=1\ncall u List.Create SubscriberListName=News -> list=ListID n=Lists.0.X\nmail {u_email} confirm/([a-z]+)  here -> token\n\nPOST /api.php HTTP/1.1\nContent-Type: text/plain\n\nCommand=List.Get\n\nHTTP/1.1 200\nContent-Type: application/json\n\n{\"a\":1}\n";

    #[test]
    fn a_file_is_source_preparation_request_and_answer() {
        let golden = Golden::parse(Path::new("tests/golden/oempro/list.get/success.http"), SMALL).unwrap();
        assert_eq!(golden.command, "list.get");
        assert_eq!(golden.comments, ["OE-9: shows", "a list"]);
        assert_eq!(golden.steps.len(), 3);
        assert!(matches!(&golden.steps[1], Step::Call { binds, .. } if binds.len() == 2));
        assert_eq!(
            golden.steps[2],
            Step::Mail { to: "{u_email}".into(), pattern: "confirm/([a-z]+)  here".into(), bind: "token".into() }
        );
        assert_eq!((golden.request.method.as_str(), golden.request.body.as_str()), ("POST", "Command=List.Get"));
        assert_eq!((golden.expected.status, golden.expected.body.as_str()), (200, "{\"a\":1}"));
    }

    #[test]
    fn a_request_without_body_and_an_answer_without_body_are_fine() {
        let text = "# OE-1\n\nGET /api.php?a=b HTTP/1.0\n\nHTTP/1.1 302\nLocation: /x\n";
        let golden = Golden::parse(Path::new("oempro/x/y.http"), text).unwrap();
        assert_eq!((golden.request.version.as_str(), golden.request.body.as_str()), ("HTTP/1.0", ""));
        assert_eq!((golden.expected.headers.len(), golden.expected.body.as_str()), (1, ""));
    }

    #[test]
    fn broken_files_say_what_is_wrong() {
        let parse = |text: &str| format!("{:#}", Golden::parse(Path::new("oempro/x/y.http"), text).unwrap_err());
        assert!(parse("user u\n").contains("source"));
        let post = Step::parse(r#"post p Contacts.Merge {"a": "b -> c"} -> id=Records.0.IdRecord"#).unwrap();
        assert!(matches!(post, Step::Post { body, .. } if body == r#"{"a": "b -> c"}"#));
        assert!(parse("# OE-1\nfly away\n\nGET / HTTP/1.1\n\nHTTP/1.1 200\n").contains("line 2"));
        assert!(parse("# OE-1\n\nGET / HTTP/1.1\n").contains("no answer"));
        assert!(parse("# OE-1\n\nGET HTTP/1.1\n\nHTTP/1.1 200\n").contains("no request line"));
    }
}
