//! One keep-alive HTTP/1.1 connection that spends as little time as it can, and the API calls made over it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take: an import of a million lines is one call.
const PATIENCE: Duration = Duration::from_secs(900);

/// A connection that sends one request at a time.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads the answer: its status and its body. The server must name the body's length.
    ///
    /// # Errors
    /// When the connection breaks or no HTTP comes back.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.received.clear();
        loop {
            let n = self.stream.read_buf(&mut self.received).await?;
            ensure!(n > 0, "the connection was closed after {} bytes", self.received.len());
            if let Some(answer) = complete(&self.received)? {
                return Ok((answer.status, &self.received[answer.body_from..answer.body_to]));
            }
        }
    }
}

/// A complete answer's status and where its body stands.
#[derive(Debug, PartialEq, Eq)]
struct Complete {
    status: u16,
    body_from: usize,
    body_to: usize,
}

fn complete(received: &[u8]) -> anyhow::Result<Option<Complete>> {
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&received[..end]).context("the head is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).context("no HTTP answer")?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let Some(length) = length else { bail!("an answer without a length: {head:?}") };
    let (body_from, body_to) = (end + 4, end + 4 + length);
    Ok((received.len() >= body_to).then_some(Complete { status, body_from, body_to }))
}

/// A `POST` of urlencoded parameters to `api.php`.
pub fn post(form: &str) -> Vec<u8> {
    format!(
        "POST /api.php HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

/// Calls of one account over one connection.
pub struct Api {
    connection: Connection,
    api_key: String,
}

impl Api {
    /// Connects. `api_key` goes with every call.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn open(address: SocketAddr, api_key: &str) -> anyhow::Result<Self> {
        let connection = Connection::open(address).await.with_context(|| format!("cannot connect to {address}"))?;
        Ok(Self { connection, api_key: api_key.to_owned() })
    }

    /// Calls a command, whatever it answers, and how long the answer took to come in full.
    ///
    /// # Errors
    /// When no JSON comes back, or nothing in time.
    pub async fn timed(&mut self, form: &str) -> anyhow::Result<(Value, Duration)> {
        let request = post(&format!("{form}&APIKey={}", self.api_key));
        let started = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, self.connection.exchange(&request)).await;
        let (status, body) = answer.with_context(|| format!("no answer to {form}"))??;
        let took = started.elapsed();
        let json = serde_json::from_slice(body);
        Ok((json.with_context(|| format!("status {status}, no JSON: {}", String::from_utf8_lossy(body)))?, took))
    }

    /// Calls a command that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn call(&mut self, form: &str) -> anyhow::Result<Value> {
        let (answer, _) = self.timed(form).await?;
        ensure!(answer["Success"] == true, "{form}: {answer}");
        Ok(answer)
    }

    /// Makes a list and answers its id.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn make_list(&mut self, name: &str, opt_in_mode: &str) -> anyhow::Result<i64> {
        let answer =
            self.call(&format!("Command=List.Create&SubscriberListName={name}&OptInMode={opt_in_mode}")).await?;
        answer["ListID"].as_i64().with_context(|| format!("no ListID: {answer}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_body_is() {
        let bytes = b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(complete(bytes).unwrap(), Some(Complete { status: 200, body_from: 46, body_to: 48 }));
        assert_eq!(complete(&bytes[..bytes.len() - 1]).unwrap(), None);
        assert_eq!(complete(&bytes[..20]).unwrap(), None);
        assert!(complete(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
