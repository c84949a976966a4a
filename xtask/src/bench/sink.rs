//! A mail server on loopback that takes everything as fast as it can and counts it: SIZE, PIPELINING, 8BITMIME.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What ends a message (RFC 5321 4.1.1.4).
const END: &[u8] = b"\r\n.\r\n";
/// Read at once.
const PIECE: usize = 64 * 1024;

/// What was taken so far.
#[derive(Default)]
struct Taken {
    all: AtomicU64,
    signed: AtomicU64,
}

/// A running sink; it ends when it is dropped.
pub struct Sink {
    /// Where it listens, on loopback.
    pub port: u16,
    taken: Arc<Taken>,
    task: JoinHandle<()>,
}

impl Sink {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let taken = Arc::new(Taken::default());
        let counter = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&counter)));
            }
        });
        Ok(Self { port, taken, task })
    }

    /// Messages taken so far.
    pub fn n_taken(&self) -> u64 {
        self.taken.all.load(Ordering::Relaxed)
    }

    /// Those of them that carry a DKIM signature.
    pub fn n_signed(&self) -> u64 {
        self.taken.signed.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client that goes away in the middle has nothing more to be told.
async fn talk(mut stream: TcpStream, taken: Arc<Taken>) {
    let _ = stream.set_nodelay(true);
    let _ = dialogue(&mut stream, &taken).await;
}

async fn dialogue(stream: &mut TcpStream, taken: &Taken) -> std::io::Result<()> {
    stream.write_all(b"220 sink ready\r\n").await?;
    let (mut held, mut piece) = (Vec::new(), vec![0; PIECE]);
    let mut is_in_message = false;
    loop {
        let n = stream.read(&mut piece).await?;
        if n == 0 {
            return Ok(());
        }
        held.extend_from_slice(&piece[..n]);
        let mut answers = String::new();
        let mut from = 0;
        loop {
            let rest = &held[from..];
            if is_in_message {
                let Some(end) = end_of_message(rest) else { break };
                from += end;
                is_in_message = false;
                taken.all.fetch_add(1, Ordering::Relaxed);
                // The signature stands before everything else.
                if rest.starts_with(b"DKIM-Signature:") {
                    taken.signed.fetch_add(1, Ordering::Relaxed);
                }
                answers.push_str("250 2.0.0 taken\r\n");
                continue;
            }
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
            let line = rest[..end].to_ascii_uppercase();
            from += end + 1;
            match &line[..line.len().min(4)] {
                b"EHLO" => answers.push_str("250-sink\r\n250-SIZE 50000000\r\n250-PIPELINING\r\n250 8BITMIME\r\n"),
                b"DATA" => {
                    answers.push_str("354 go on\r\n");
                    is_in_message = true;
                }
                b"QUIT" => {
                    answers.push_str("221 bye\r\n");
                    return stream.write_all(answers.as_bytes()).await;
                }
                _ => answers.push_str("250 2.0.0 ok\r\n"),
            }
        }
        held.drain(..from);
        if !answers.is_empty() {
            stream.write_all(answers.as_bytes()).await?;
        }
    }
}

/// Behind the end of a message; a message may be empty, so that its lone dot comes first.
fn end_of_message(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b".\r\n") {
        return Some(3);
    }
    // The end of a large message comes with its last piece: what was looked at before need not be again, but messages here are small.
    bytes.windows(END.len()).position(|window| window == END).map(|place| place + END.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_in_one_packet_are_counted_and_answered_in_order() {
        let sink = Sink::start().await.unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", sink.port)).await.unwrap();
        let group = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n";
        let message = "Subject: x\r\n\r\n..dot\r\n.\r\n";
        stream.write_all(format!("EHLO x\r\n{group}{message}{group}.\r\nQUIT\r\n").as_bytes()).await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        let codes: Vec<&str> =
            answers.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]);
        assert_eq!(sink.n_taken(), 2);
    }
}
