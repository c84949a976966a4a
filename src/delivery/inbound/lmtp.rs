//! Returned mail over LMTP or SMTP from the mail server of this machine (RFC 2033, RFC 5321): only addresses of ours, bounded in size, time and
//! number, and answered after the commit. Nothing is ever sent on, so nothing can loop or be relayed.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::intake::{self, HandedOver};
use super::{mime, verp};
use crate::domain::core::Core;

/// Connections at once.
const MAX_CONNECTIONS: usize = 20;
/// Recipients of one mail.
const MAX_RECIPIENTS: usize = 10;
/// A command line, in bytes (RFC 5321 4.5.3.1.4, with room for parameters).
const MAX_LINE_BYTES: usize = 2_048;
/// Commands that were not understood before the connection is closed.
const MAX_ERRORS: usize = 10;

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a command.
    pub command: Duration,
    /// For the whole of one mail.
    pub mail: Duration,
    /// For a connection.
    pub session: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { command: Duration::from_secs(60), mail: Duration::from_secs(300), session: Duration::from_secs(1_800) }
    }
}

/// Serves until `stopped` says so; a mail that is being handed over is still taken in.
pub async fn serve(core: Core, listener: TcpListener, mut stopped: watch::Receiver<bool>, patience: Patience) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        let Ok((mut stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            drop(timeout(Duration::from_secs(1), stream.write_all(b"421 4.7.0 too many connections\r\n")).await);
            continue;
        };
        let (core, stopped) = (core.clone(), stopped.clone());
        tokio::spawn(async move {
            let (reader, writer) = stream.split();
            let session = Session::new(core, BufReader::new(reader), writer, patience).run(stopped);
            match timeout(patience.session, session).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!("a connection with returned mail ended: {error}"),
                Err(_) => tracing::debug!("a connection with returned mail took too long"),
            }
            drop(place);
        });
    }
    // Whoever holds a place is still at work; the session ends at its next command.
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    drop(timeout(Duration::from_secs(15), places.acquire_many(all)).await);
}

/// What goes on in one connection.
struct Session<R, W> {
    core: Core,
    reader: R,
    writer: W,
    patience: Patience,
    /// LMTP answers for each recipient, SMTP once.
    is_lmtp: bool,
    sender: Option<String>,
    recipients: Vec<String>,
    n_errors: usize,
}

/// A mail as it came after `DATA`.
struct Data {
    beginning: Vec<u8>,
    n_bytes: u64,
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin> Session<R, W> {
    fn new(core: Core, reader: R, writer: W, patience: Patience) -> Self {
        Self { core, reader, writer, patience, is_lmtp: false, sender: None, recipients: Vec::new(), n_errors: 0 }
    }

    async fn run(mut self, mut stopped: watch::Receiver<bool>) -> std::io::Result<()> {
        self.say("220 understudy takes returned mail").await?;
        while self.n_errors < MAX_ERRORS {
            let line = tokio::select! {
                line = timeout(self.patience.command, read_line(&mut self.reader)) => line,
                _ = stopped.changed() => return self.say("421 4.3.2 stopping").await,
            };
            let line = match line {
                Ok(Ok(Some(line))) => line,
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return self.say("500 5.5.2 line too long").await;
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return self.say("421 4.4.2 waited too long").await,
            };
            let (word, rest) = line.split_once(' ').unwrap_or((line.as_str(), ""));
            match word.to_ascii_uppercase().as_str() {
                "QUIT" => return self.say("221 2.0.0 bye").await,
                "DATA" => self.data().await?,
                word => {
                    let answer = self.command(word, rest.trim());
                    self.say(&answer).await?;
                }
            }
        }
        self.say("421 4.7.0 too many errors").await
    }

    /// Every command that only changes what is remembered.
    fn command(&mut self, word: &str, rest: &str) -> String {
        match word {
            "LHLO" | "EHLO" => {
                self.forget();
                self.is_lmtp = word == "LHLO";
                let size = self.core.settings().returns.max_message_bytes;
                format!(
                    "250-understudy\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {size}"
                )
            }
            "HELO" => {
                self.forget();
                self.is_lmtp = false;
                "250 understudy".to_owned()
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "RSET" => {
                self.forget();
                "250 2.0.0 forgotten".to_owned()
            }
            "NOOP" => "250 2.0.0 well".to_owned(),
            "VRFY" => "252 2.1.5 send and see".to_owned(),
            _ => {
                self.n_errors += 1;
                "500 5.5.1 no such command".to_owned()
            }
        }
    }

    fn mail(&mut self, rest: &str) -> String {
        if self.sender.is_some() {
            return "503 5.5.1 one sender a mail".to_owned();
        }
        let Some((path, parameters)) = path(rest, "FROM:") else {
            self.n_errors += 1;
            return "501 5.5.4 MAIL FROM:<address>".to_owned();
        };
        let size =
            parameters.split(' ').find_map(|one| one.to_ascii_uppercase().strip_prefix("SIZE=")?.parse::<u64>().ok());
        if size.is_some_and(|size| size > self.core.settings().returns.max_message_bytes as u64) {
            return "552 5.3.4 too large".to_owned();
        }
        self.sender = Some(path.to_owned());
        "250 2.1.0 go on".to_owned()
    }

    fn rcpt(&mut self, rest: &str) -> String {
        if self.sender.is_none() {
            return "503 5.5.1 MAIL first".to_owned();
        }
        let Some((path, _)) = path(rest, "TO:") else {
            self.n_errors += 1;
            return "501 5.5.4 RCPT TO:<address>".to_owned();
        };
        if self.recipients.len() >= MAX_RECIPIENTS {
            return "452 4.5.3 too many recipients".to_owned();
        }
        let keys = intake::keys(self.core.settings());
        if verp::read(keys.secret, path, keys.domain).is_none() {
            self.n_errors += 1;
            return "550 5.1.1 no such address here".to_owned();
        }
        self.recipients.push(path.to_owned());
        "250 2.1.5 go on".to_owned()
    }

    async fn data(&mut self) -> std::io::Result<()> {
        if self.recipients.is_empty() {
            return self.say("503 5.5.1 RCPT first").await;
        }
        self.say("354 end with a dot on a line of its own").await?;
        let limit = self.core.settings().returns.max_message_bytes as u64;
        let deadline = Instant::now() + self.patience.mail;
        let data = timeout_at(deadline, read_data(&mut self.reader)).await;
        let data = match data {
            Ok(Ok(Some(data))) => data,
            // Unfinished, so it was never ours.
            Ok(Ok(None)) | Err(_) => return Err(std::io::ErrorKind::TimedOut.into()),
            Ok(Err(error)) => return Err(error),
        };
        let (sender, recipients) = (self.sender.take(), std::mem::take(&mut self.recipients));
        if data.n_bytes > limit {
            let times = if self.is_lmtp { recipients.len() } else { 1 };
            return self.say(&["552 5.3.4 too large"].repeat(times).join("\r\n")).await;
        }
        let raw: Arc<[u8]> = data.beginning.into();
        let mut answers = Vec::new();
        for recipient in recipients {
            let mail = HandedOver { recipient, sender: sender.clone(), raw: Arc::clone(&raw), n_bytes: data.n_bytes };
            answers.push(match intake::take(&self.core, mail, "returned mail").await {
                Ok(taken) => format!("250 2.0.0 {}", taken.word()),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a returned mail was not taken in");
                    "451 4.3.0 try again later".to_owned()
                }
            });
        }
        if !self.is_lmtp {
            // One answer for all: a repetition finds what was counted already.
            answers.sort_by_key(|answer| !answer.starts_with('4'));
            answers.truncate(1);
        }
        self.say(&answers.join("\r\n")).await
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    async fn say(&mut self, lines: &str) -> std::io::Result<()> {
        let write = async {
            self.writer.write_all(format!("{lines}\r\n").as_bytes()).await?;
            self.writer.flush().await
        };
        timeout(self.patience.command, write).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }
}

/// `FROM:<address> PARAMETERS`, with or without a blank and the brackets.
fn path<'a>(rest: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let head = rest.get(..word.len())?;
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let rest = rest[word.len()..].trim_start();
    match rest.strip_prefix('<') {
        Some(inner) => inner.split_once('>').map(|(path, parameters)| (path, parameters.trim())),
        None => Some(rest.split_once(' ').unwrap_or((rest, ""))).filter(|(path, _)| !path.is_empty()),
    }
}

/// One line without its end; `None` at the end of the stream.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let n = end.map_or(buffer.len(), |at| at + 1);
        line.extend_from_slice(&buffer[..n]);
        reader.consume(n);
        if line.len() > MAX_LINE_BYTES {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        if end.is_some() {
            return Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()));
        }
    }
}

/// Where reading stands between bytes of a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Dot,
    DotCr,
    Text,
    Cr,
}

/// A mail up to the dot on a line of its own, other dots unstuffed (RFC 5321 4.5.2). Only CRLF ends a line, so that no second mail can be smuggled.
/// One that is too large is read to its end too, and not kept: a server that is cut off in place of an answer comes again for days. `None` when the
/// stream ends before.
async fn read_data(reader: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Data>> {
    let mut data = Data { beginning: Vec::new(), n_bytes: 0 };
    let mut at = At::LineStart;
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(None);
        }
        for (i, byte) in buffer.iter().enumerate() {
            let (next, kept): (At, &[u8]) = match (at, *byte) {
                (At::LineStart, b'.') => (At::Dot, b""),
                (At::Dot, b'\r') => (At::DotCr, b""),
                (At::DotCr, b'\n') => {
                    reader.consume(i + 1);
                    return Ok(Some(data));
                }
                (At::DotCr, b'\r') => (At::Cr, b"\r\r"),
                (At::DotCr, other) => (At::Text, &[b'\r', other]),
                (At::Cr, b'\n') => (At::LineStart, b"\n"),
                (_, b'\r') => (At::Cr, b"\r"),
                (_, other) => (At::Text, &[other]),
            };
            at = next;
            data.n_bytes += kept.len() as u64;
            if data.beginning.len() < mime::MAX_READ_BYTES {
                data.beginning.extend_from_slice(kept);
            }
        }
        let n = buffer.len();
        reader.consume(n);
    }
}

#[cfg(test)]
mod tests;
