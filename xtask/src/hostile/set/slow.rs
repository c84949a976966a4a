//! Clients that take their time, or leave in the middle (SO-4.1, SO-4.3).

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::Service;
use crate::contract::http::Server;

/// How a client behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Its head never ends.
    SlowHead,
    /// It sends the beginning of a body and nothing more.
    StalledBody,
    /// It sends bytes faster than the slowest pace, yet never the last one.
    EndlessBody,
    /// It sends a good call and closes its half of the connection.
    ClosedHalf,
    /// It closes its half in the middle of the body.
    BrokenOff,
}

/// What came back until the connection ended.
#[derive(Debug)]
pub struct Seen {
    /// Everything, the heads included.
    pub text: String,
    /// From the first byte sent to the first byte of the answer; without an answer, to the end of the connection.
    pub took: Duration,
}

impl Seen {
    /// Whether the endpoint said that it does not wait any longer, in a fault, and closed.
    pub fn is_let_go(&self) -> bool {
        let head = self.text.to_ascii_lowercase();
        self.text.contains("came too slowly")
            && self.text.contains("<faultcode>SOAP-ENV:Client</faultcode>")
            && self.text.contains("<ErrorCode>LimitExceeded</ErrorCode>")
            && self.text.trim_end().ends_with("</SOAP-ENV:Envelope>")
            && head.contains("connection: close")
    }
}

/// Behaves so, and reads until the server closes.
///
/// # Errors
/// When the server is not there, or keeps the connection longer than `patience`.
pub fn behave(server: &Server, service: &Service, manner: Manner, patience: Duration) -> std::io::Result<Seen> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(&server.authority)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let message = service.call("");
    let head = |length: usize| {
        let path = service.path;
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n")
    };
    match manner {
        Manner::SlowHead => {
            let head = head(message.len());
            stream.write_all(&head.as_bytes()[..head.len() - 2])?;
        }
        Manner::StalledBody => stream.write_all(format!("{}<a>", head(100_000)).as_bytes())?,
        Manner::EndlessBody => {
            stream.write_all(head(1_000_000).as_bytes())?;
            while begun.elapsed() < patience && stream.write_all(&[b' '; 200]).is_ok() && is_silent(&stream)? {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Manner::ClosedHalf => {
            stream.write_all(format!("{}{message}", head(message.len())).as_bytes())?;
            stream.shutdown(Shutdown::Write)?;
        }
        Manner::BrokenOff => {
            stream.write_all(format!("{}{}", head(message.len()), &message[..message.len() / 2]).as_bytes())?;
            stream.shutdown(Shutdown::Write)?;
        }
    }
    let mut text = vec![0; 1];
    let n = stream.read(&mut text).or_else(as_end)?;
    let took = begun.elapsed();
    text.truncate(n);
    stream.read_to_end(&mut text).or_else(as_end)?;
    Ok(Seen { text: String::from_utf8_lossy(&text).into_owned(), took })
}

/// What was sent too much makes some systems reset the connection; that is an end too.
fn as_end(error: std::io::Error) -> std::io::Result<usize> {
    if error.kind() == std::io::ErrorKind::ConnectionReset { Ok(0) } else { Err(error) }
}

/// Whether nothing has been answered yet.
fn is_silent(stream: &TcpStream) -> std::io::Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(peeked.is_err())
}
