//! One connection's conversation (RFC 5321, 2920, 3207, 4954).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Manners, Record, Taken, Whim};

/// How long `slow` takes.
const SLOW: Duration = Duration::from_secs(2);

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// What is said goes out when the client waits for it.
struct Line<'a> {
    wire: Box<dyn Wire + 'a>,
    unread: Vec<u8>,
    start: usize,
    unsent: Vec<u8>,
}

/// Whether the conversation goes on.
type Step = io::Result<bool>;

struct Dialogue<'a> {
    line: Line<'a>,
    manners: Manners,
    record: &'a Record,
    is_encrypted: bool,
    is_logged_in: bool,
    n_messages: u32,
    n_recipients: u32,
    mail: Option<String>,
    rcpt: Option<String>,
}

/// Talks until one side has enough.
pub async fn run(stream: TcpStream, manners: Manners, record: &Record) -> io::Result<()> {
    let is_encrypted = manners.is_implicit;
    let wire: Box<dyn Wire> = match &manners.tls {
        Some(acceptor) if is_encrypted => Box::new(acceptor.accept(stream).await?),
        _ => return plain(stream, manners, record).await,
    };
    Record::add(&record.n_encrypted);
    let mut dialogue = Dialogue::new(Line::new(wire), manners, record);
    dialogue.is_encrypted = true;
    dialogue.greet();
    dialogue.go_on().await.map(drop)
}

/// Talks openly, and encrypted after STARTTLS.
async fn plain(mut stream: TcpStream, manners: Manners, record: &Record) -> io::Result<()> {
    let (acceptor, injected) = (manners.tls.clone(), manners.injected);
    let mut dialogue = Dialogue::new(Line::new(Box::new(&mut stream)), manners.clone(), record);
    dialogue.greet();
    let wants_tls = dialogue.go_on().await?;
    let Some(acceptor) = acceptor.filter(|_| wants_tls) else { return Ok(()) };
    drop(dialogue);
    stream.write_all(format!("220 2.0.0 go\r\n{injected}").as_bytes()).await?;
    if manners.breaks_tls {
        return Ok(());
    }
    let secured = acceptor.accept(stream).await?;
    Record::add(&record.n_encrypted);
    let mut dialogue = Dialogue::new(Line::new(Box::new(secured)), manners, record);
    dialogue.is_encrypted = true;
    dialogue.go_on().await.map(drop)
}

impl<'a> Line<'a> {
    fn new(wire: Box<dyn Wire + 'a>) -> Self {
        Self { wire, unread: Vec::new(), start: 0, unsent: Vec::new() }
    }

    fn say(&mut self, text: &str) {
        self.unsent.extend_from_slice(text.as_bytes());
        self.unsent.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.wire.write_all(&self.unsent).await?;
        self.unsent.clear();
        self.wire.flush().await
    }

    /// More bytes; what is to be said goes out first.
    async fn read_more(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.unread.drain(..self.start);
        self.start = 0;
        if self.wire.read_buf(&mut self.unread).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Everything up to and including `end`.
    async fn read_to(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut seen = 0;
        loop {
            let unread = &self.unread[self.start..];
            if let Some(at) = find(&unread[seen..], end) {
                let stop = seen + at + end.len();
                let found = unread[..stop].to_vec();
                self.start += stop;
                return Ok(found);
            }
            seen = unread.len().saturating_sub(end.len() - 1);
            self.read_more().await?;
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

impl<'a> Dialogue<'a> {
    fn new(line: Line<'a>, manners: Manners, record: &'a Record) -> Self {
        Self {
            line,
            manners,
            record,
            is_encrypted: false,
            is_logged_in: false,
            n_messages: 0,
            n_recipients: 0,
            mail: None,
            rcpt: None,
        }
    }

    fn greet(&mut self) {
        self.line.say(if self.manners.is_busy { "421 4.3.2 too busy" } else { "220 sink.example ESMTP" });
    }

    /// Answers commands. True when the client wants to encrypt.
    async fn go_on(&mut self) -> Step {
        if self.manners.is_busy {
            self.line.flush().await?;
            return Ok(false);
        }
        loop {
            let command = self.line.read_to(b"\r\n").await?;
            let command = String::from_utf8_lossy(&command).trim_end().to_owned();
            if self.line.start < self.line.unread.len() {
                Record::add(&self.record.n_groups);
                if !self.manners.pipelining {
                    self.record.fault(format!("a group although none is offered, at {command:?}"));
                }
            }
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "STARTTLS" if self.manners.tls.is_some() && !self.is_encrypted => {
                    self.line.flush().await?;
                    return Ok(true);
                }
                "QUIT" => {
                    self.line.say("221 2.0.0 bye");
                    self.line.flush().await?;
                    return Ok(false);
                }
                _ => {
                    if !self.answer(&verb, &command).await? {
                        self.line.flush().await?;
                        return Ok(false);
                    }
                }
            }
        }
    }

    async fn answer(&mut self, verb: &str, command: &str) -> Step {
        match verb {
            "EHLO" if !self.manners.is_old => self.offer(),
            "HELO" => self.line.say("250 sink.example"),
            "NOOP" => self.line.say("250 2.0.0 OK"),
            "RSET" => {
                Record::add(&self.record.n_resets);
                (self.mail, self.rcpt) = (None, None);
                self.line.say("250 2.0.0 OK");
            }
            "AUTH" => self.log_in(command).await?,
            "MAIL" => return Ok(self.mail(command)),
            "RCPT" => return Ok(self.rcpt(command)),
            "DATA" => return self.data().await,
            _ => self.line.say("500 5.5.1 what?"),
        }
        Ok(true)
    }

    fn offer(&mut self) {
        let manners = &self.manners;
        let mut lines = vec!["sink.example".to_owned()];
        lines.extend(manners.size.map(|size| format!("SIZE {size}")));
        let has_login = manners.login.is_some() && self.is_encrypted;
        for (is_offered, word) in [
            (manners.pipelining, "PIPELINING"),
            (manners.eight_bit, "8BITMIME"),
            (manners.smtputf8, "SMTPUTF8"),
            (manners.dsn, "DSN"),
            (manners.tls.is_some() && !self.is_encrypted, "STARTTLS"),
            (has_login && manners.knows_login_only, "AUTH LOGIN"),
            (has_login && !manners.knows_login_only, "AUTH PLAIN"),
        ] {
            if is_offered {
                lines.push(word.to_owned());
            }
        }
        let last = lines.len() - 1;
        for (place, line) in lines.iter().enumerate() {
            self.line.say(&format!("250{}{line}", if place == last { ' ' } else { '-' }));
        }
    }

    /// The secrets are compared as base64.
    async fn log_in(&mut self, command: &str) -> io::Result<()> {
        let Some((name, password)) = self.manners.login.filter(|_| self.is_encrypted) else {
            self.record.fault("a login that was not offered");
            self.line.say("503 5.5.1 not here");
            return Ok(());
        };
        let words: Vec<String> = if command.eq_ignore_ascii_case("AUTH LOGIN") {
            let mut words = Vec::new();
            for prompt in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                self.line.say(prompt);
                words.push(String::from_utf8_lossy(&self.line.read_to(b"\r\n").await?).trim_end().to_owned());
            }
            words
        } else {
            vec![command.split(' ').nth(2).unwrap_or_default().to_owned()]
        };
        let plain = format!("\0{name}\0{password}");
        let expected: Vec<&str> = if words.len() == 2 { vec![name, password] } else { vec![&plain] };
        self.is_logged_in = words.iter().map(String::as_str).eq(expected.into_iter().map(base64).collect::<Vec<_>>());
        Record::add(&self.record.n_logins);
        self.line.say(if self.is_logged_in { "235 2.7.0 welcome" } else { "535 5.7.8 wrong" });
        Ok(())
    }

    fn mail(&mut self, command: &str) -> bool {
        Record::add(&self.record.n_begun);
        if self.manners.close_after.is_some_and(|most| self.n_messages >= most) {
            self.line.say("421 4.3.2 that was enough");
            return false;
        }
        if self.manners.login.is_some() && !self.is_logged_in {
            self.line.say("530 5.7.0 log in first");
            return true;
        }
        if self.mail.is_some() {
            self.record.fault("MAIL inside of a transaction");
        }
        self.mail = Some(command.to_owned());
        self.line.say("250 2.1.0 OK");
        true
    }

    fn rcpt(&mut self, command: &str) -> bool {
        self.n_recipients += 1;
        let recipient = address(command);
        let whim = Whim::of(&recipient);
        let refused = match whim {
            _ if self.mail.is_none() => "503 5.5.1 MAIL first",
            _ if self.manners.refuses_thirds && self.n_recipients.is_multiple_of(3) => "550 5.1.1 every third",
            Whim::TempFail => "451 4.3.0 later",
            Whim::PermFail => "550 5.1.1 no such user",
            Whim::Full => "452 4.2.2 mailbox full",
            Whim::Greylist if self.record.tries_of(&recipient) == 1 => "451 4.7.1 greylisted",
            Whim::Busy => "421 4.3.2 busy",
            Whim::RateLimit => "421 4.7.28 rate limited",
            Whim::Nonsense => "what do I know",
            _ => {
                self.rcpt = Some(command.to_owned());
                self.line.say("250 2.1.5 OK");
                return true;
            }
        };
        self.line.say(refused);
        if refused.starts_with("55") {
            self.record.refuse(&recipient);
        }
        !matches!(whim, Whim::Busy | Whim::RateLimit)
    }

    async fn data(&mut self) -> Step {
        let Some(rcpt) = self.rcpt.take() else {
            if self.mail.take().is_none() || !self.manners.pipelining {
                self.line.say("503 5.5.1 RCPT first");
                return Ok(true);
            }
            // RFC 2920 3.1 allows this answer; clients must cope.
            self.line.say("354 go on");
            if self.line.read_to(b".\r\n").await? != b".\r\n" {
                self.record.fault("a message to nobody");
            }
            self.line.say("554 5.5.1 no recipients");
            return Ok(true);
        };
        let recipient = address(&rcpt);
        let whim = Whim::of(&recipient);
        if whim == Whim::RefuseData {
            self.line.say("554 5.6.0 not so");
            self.rcpt = Some(rcpt);
            return Ok(true);
        }
        self.line.say("354 go on");
        if whim == Whim::DropInData || self.record.drops(self.manners.drops_every, &recipient) {
            self.line.read_more().await?;
            return Ok(false);
        }
        let message = self.line.read_to(b"\r\n.\r\n").await?;
        let mail = self.mail.take().unwrap_or_default();
        self.message(whim, mail, rcpt, &message).await
    }

    async fn message(&mut self, whim: Whim, mail: String, rcpt: String, message: &[u8]) -> Step {
        self.n_messages += 1;
        self.check(message);
        tokio::time::sleep(if whim == Whim::Slow { SLOW } else { self.manners.delay }).await;
        match whim {
            Whim::RefuseMessage => self.line.say("550 5.7.1 looks like spam"),
            Whim::BusyAtEnd => {
                self.line.say("421 4.3.2 busy");
                return Ok(false);
            }
            _ => {
                self.keep(mail, rcpt, message);
                match whim {
                    Whim::NoFinalReply => return Ok(false),
                    Whim::Silent => std::future::pending().await,
                    _ => self.line.say("250 2.0.0 taken"),
                }
            }
        }
        Ok(true)
    }

    /// RFC 5321 2.3.8: CR and LF only together; 4.5.3.1.6: lines of 1000 octets at most.
    fn check(&self, message: &[u8]) {
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            let Some(text) = line.strip_suffix(b"\r\n") else {
                self.record.fault("a bare LF");
                continue;
            };
            if text.contains(&b'\r') {
                self.record.fault("a bare CR");
            }
            if line.len() > 1_001 {
                self.record.fault(format!("a line of {} octets", line.len()));
            }
        }
    }

    fn keep(&self, mail: String, rcpt: String, wire: &[u8]) {
        let lines = || wire[..wire.len() - 3].split_inclusive(|byte| *byte == b'\n');
        let head = lines().take_while(|line| *line != b"\r\n");
        let id = head.filter_map(|line| line.strip_prefix(b"Message-ID: ")).next().unwrap_or_default();
        let id = String::from_utf8_lossy(id).trim_end().to_owned();
        let mut message = Vec::new();
        if self.manners.keeps_messages {
            message.reserve(wire.len());
            lines().for_each(|line| message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line)));
        }
        let (sender, recipient) = (address(&mail), address(&rcpt));
        self.record.take(Taken { message_id: id, mail, rcpt, sender, recipient, message });
    }
}

/// What stands between angle brackets.
fn address(command: &str) -> String {
    let inner = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

/// RFC 4648 4.
fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place)) as usize & 63];
            encoded.push(if place <= group.len() { char::from(sign) } else { '=' });
        }
    }
    encoded
}
