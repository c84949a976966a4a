//! A blocking HTTP/1 client that sends exactly the bytes it is given and reads exactly one answer.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long connecting may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a server may stay silent before it counts as hanging.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// A server to call: `http://host:port`, or a folder below it.
#[derive(Debug, Clone)]
pub struct Server {
    /// `host:port`, as it stands in `Host`.
    pub authority: String,
    /// What stands before every path, without a slash at its end.
    pub folder: String,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, with chunks joined.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none; the message shows its beginning.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| {
            format!("status {}, no JSON: {:?}", self.status, self.text().chars().take(300).collect::<String>())
        })
    }
}

impl Server {
    /// Reads a base URL. Only plain `http`: a test server needs no more.
    ///
    /// # Errors
    /// When it is no `http://` address.
    pub fn parse(base_url: &str) -> anyhow::Result<Self> {
        let rest =
            base_url.strip_prefix("http://").with_context(|| format!("{base_url:?} does not begin with http://"))?;
        let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.is_empty() {
            bail!("{base_url:?} names no host");
        }
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let folder = folder.trim_matches('/');
        Ok(Self { authority, folder: if folder.is_empty() { String::new() } else { format!("/{folder}") } })
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.authority, self.folder)
    }

    /// Posts urlencoded parameters to `path`.
    ///
    /// # Errors
    /// See [`Server::exchange`].
    pub fn post(&self, path: &str, form: &str) -> anyhow::Result<Answer> {
        let headers = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        self.send("POST", path, "HTTP/1.1", &headers, form.as_bytes())
    }

    /// Sends a request; adds `Host`, `Content-Length` (when there is a body or the method is `POST`) and `Connection: close` unless given.
    ///
    /// # Errors
    /// See [`Server::exchange`].
    pub fn send(
        &self,
        method: &str,
        target: &str,
        version: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let mut head = format!("{method} {}{target} {version}\r\n", self.folder);
        let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if !has("Host") {
            head.push_str(&format!("Host: {}\r\n", self.authority));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if (method == "POST" || !body.is_empty()) && !has("Content-Length") && !has("Transfer-Encoding") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        if !has("Connection") {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.exchange(&bytes)
    }

    /// Sends raw bytes on a fresh connection and reads one answer.
    ///
    /// # Errors
    /// When the server is not there, hangs for 30 seconds, or does not speak HTTP.
    pub fn exchange(&self, bytes: &[u8]) -> anyhow::Result<Answer> {
        let address =
            self.authority.to_socket_addrs()?.next().with_context(|| format!("no address for {}", self.authority))?;
        let mut stream = TcpStream::connect_timeout(&address, CONNECT_PATIENCE)
            .with_context(|| format!("cannot connect to {}", self.authority))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
        stream.set_write_timeout(Some(ANSWER_PATIENCE))?;
        // A server may answer and close before it has read everything; its answer then still counts.
        let written = stream.write_all(bytes);
        match read_answer(&mut stream) {
            Ok(answer) => Ok(answer),
            Err(error) => {
                written.context("the server stopped reading and gave no answer")?;
                Err(error)
            }
        }
    }
}

fn read_answer(stream: &mut TcpStream) -> anyhow::Result<Answer> {
    let started = Instant::now();
    let mut received = Vec::new();
    let mut chunk = [0_u8; 16 * 1024];
    loop {
        if let Some(answer) = parse(&received, false)? {
            return Ok(answer);
        }
        match stream.read(&mut chunk) {
            Ok(0) => {
                return parse(&received, true)?
                    .with_context(|| format!("connection closed after {} bytes", received.len()));
            }
            Ok(n) => received.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                if let Some(answer) = parse(&received, true)? {
                    return Ok(answer);
                }
                return Err(error).with_context(|| format!("no answer after {:.1} s", started.elapsed().as_secs_f64()));
            }
        }
    }
}

/// Reads an answer when it is complete. At the connection's end (`is_over`), a body without a length is complete too.
fn parse(received: &[u8], is_over: bool) -> anyhow::Result<Option<Answer>> {
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status: u16 = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .with_context(|| format!("no HTTP answer: {first:?}"))?;
    let rest = &received[end + 4..];
    if (100..200).contains(&status) {
        return parse(rest, is_over);
    }
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let find = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let body = if find("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        unchunk(rest)
    } else if let Some(length) = find("content-length").and_then(|value| value.parse::<usize>().ok()) {
        rest.get(..length).map(<[u8]>::to_vec)
    } else {
        (is_over || status == 204 || status == 304).then(|| rest.to_vec())
    };
    Ok(body.map(|body| Answer { status, headers, body }))
}

/// Joins chunks; `None` while the last one is missing.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_length_by_chunks_and_to_the_end() {
        let by_length = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(parse(by_length, false).unwrap().unwrap().body, b"hi");
        assert!(parse(&by_length[..by_length.len() - 1], false).unwrap().is_none());
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;x\r\n!\r\n0\r\n\r\n";
        assert_eq!(parse(chunked, false).unwrap().unwrap().body, b"hi!");
        let to_the_end = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 400 Bad\r\nX-A: b\r\n\r\nall";
        assert!(parse(to_the_end, false).unwrap().is_none());
        let answer = parse(to_the_end, true).unwrap().unwrap();
        assert_eq!((answer.status, answer.body.as_slice(), answer.header("x-a")), (400, b"all".as_slice(), Some("b")));
    }

    #[test]
    fn base_urls_may_name_a_folder() {
        let server = Server::parse("http://127.0.0.1:80/oempro/").unwrap();
        assert_eq!((server.authority.as_str(), server.folder.as_str()), ("127.0.0.1:80", "/oempro"));
        assert_eq!(Server::parse("http://h").unwrap().base_url(), "http://h:80");
        assert!(Server::parse("https://h").is_err());
    }
}
