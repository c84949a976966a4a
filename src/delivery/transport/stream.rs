//! A connection's bytes: TCP without Nagle's delay, TLS on top or not, replies read out of a buffer, every wait with a time-out (ML-1.1,
//! ML-1.9).

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::replies::{MAX_LINE_BYTES, Step, Unfinished};

/// Written at once, in bytes: the time-out is for each such piece.
const PIECE: usize = 64 * 1024;

/// A stream of bytes to a server.
#[derive(Debug)]
pub(super) struct Stream {
    wire: Wire,
    /// What was read; from `start` on nobody has looked at it.
    buffer: Vec<u8>,
    start: usize,
}

#[derive(Debug)]
enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Only while one becomes the other.
    Gone,
}

/// A write that did not end well.
#[derive(Debug)]
pub(super) struct BrokenWrite {
    /// Bytes that were handed to the network before.
    pub n_written: usize,
    pub error: io::Error,
}

impl Stream {
    /// Connects. Mail servers answer each write with one of their own, so small packets must not wait for each other.
    pub async fn open(to: impl ToSocketAddrs, patience: Duration) -> io::Result<Self> {
        let wire = within(patience, TcpStream::connect(to)).await?;
        wire.set_nodelay(true)?;
        Ok(Self { wire: Wire::Plain(wire), buffer: Vec::with_capacity(1024), start: 0 })
    }

    /// Starts TLS. What was read and not looked at is dropped: it came unencrypted (RFC 3207 4.2).
    pub async fn start_tls(&mut self, name: &str, config: Arc<ClientConfig>, patience: Duration) -> io::Result<()> {
        self.buffer.clear();
        self.start = 0;
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let Wire::Plain(plain) = std::mem::replace(&mut self.wire, Wire::Gone) else {
            return Err(io::Error::other("TLS inside of TLS"));
        };
        let secured = within(patience, TlsConnector::from(config).connect(name, plain)).await?;
        self.wire = Wire::Tls(Box::new(secured));
        Ok(())
    }

    /// The certificate that the server showed, in DER; `None` without TLS.
    pub fn certificate(&self) -> Option<&[u8]> {
        let Wire::Tls(secured) = &self.wire else { return None };
        secured.get_ref().1.peer_certificates().and_then(<[_]>::first).map(AsRef::as_ref)
    }

    /// This side's address and the server's.
    pub fn ends(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let tcp = match &self.wire {
            Wire::Plain(plain) => plain,
            Wire::Tls(secured) => secured.get_ref().0,
            Wire::Gone => return Err(ErrorKind::NotConnected.into()),
        };
        Ok((tcp.local_addr()?, tcp.peer_addr()?))
    }

    /// Whether nobody can listen.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.wire, Wire::Tls(_))
    }

    /// Writes everything in as few packets as possible. Each piece may take `patience`.
    pub async fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), BrokenWrite> {
        let mut n_written = 0;
        while n_written < bytes.len() {
            let piece = &bytes[n_written..bytes.len().min(n_written + PIECE)];
            let written = within(patience, async {
                match &mut self.wire {
                    Wire::Plain(plain) => plain.write(piece).await,
                    Wire::Tls(secured) => secured.write(piece).await,
                    Wire::Gone => Err(ErrorKind::NotConnected.into()),
                }
            });
            match written.await {
                Ok(0) => return Err(BrokenWrite { n_written, error: ErrorKind::WriteZero.into() }),
                Ok(n) => n_written += n,
                Err(error) => return Err(BrokenWrite { n_written, error }),
            }
        }
        if let Wire::Tls(secured) = &mut self.wire {
            within(patience, secured.flush()).await.map_err(|error| BrokenWrite { n_written, error })?;
        }
        Ok(())
    }

    /// Reads one reply: its code, and the text of each line.
    pub async fn read_reply(&mut self, patience: Duration) -> io::Result<(u16, Vec<String>)> {
        within(patience, async {
            let mut unfinished = Unfinished::default();
            loop {
                let line = self.read_line().await?;
                if let Step::Whole(code, lines) = unfinished.take(&line).map_err(io::Error::other)? {
                    return Ok((code, lines));
                }
            }
        })
        .await
    }

    /// A line without its end.
    async fn read_line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let unseen = &self.buffer[self.start..];
            if let Some(end) = memchr::memchr(b'\n', unseen) {
                let line = unseen[..end].strip_suffix(b"\r").unwrap_or(&unseen[..end]).to_vec();
                self.start += end + 1;
                if self.start == self.buffer.len() {
                    self.buffer.clear();
                    self.start = 0;
                }
                return Ok(line);
            }
            if unseen.len() > MAX_LINE_BYTES {
                return Err(io::Error::other("the server's answer is longer than any SMTP reply"));
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            let n = match &mut self.wire {
                Wire::Plain(plain) => plain.read_buf(&mut self.buffer).await?,
                Wire::Tls(secured) => secured.read_buf(&mut self.buffer).await?,
                Wire::Gone => 0,
            };
            if n == 0 {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection"));
            }
        }
    }
}

/// An operation's end, or the end of patience.
async fn within<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(patience, work).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::new(ErrorKind::TimedOut, format!("no answer within {} s", patience.as_secs()))),
    }
}
