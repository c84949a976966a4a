//! An SMTP connection: opened, greeted, encrypted and logged in (RFC 5321, 3207, 4954), then used for one message after the other, see
//! [`super::transaction`] (ML-1.10, ML-1.15).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::ClientConfig;
use tokio::time::Instant;

use super::replies::reply;
use super::stream::Stream;
use super::tls;
use super::{Delay, Outcome, Passage, Reply, Trouble};
use crate::config::TlsMode;
use crate::model::time::UtcTime;
use crate::telemetry::metrics::OpenConnection;

/// After a server could not be reached.
const AFTER_NO_CONNECTION: Duration = Duration::from_secs(30);
/// After a server said that it is busy.
const AFTER_BUSY: Duration = Duration::from_secs(60);
/// After a login or an encryption failed: somebody has to look at it.
const AFTER_BAD_SETUP: Duration = Duration::from_secs(300);
/// QUIT is answered within this time, or not.
const QUIT_PATIENCE: Duration = Duration::from_secs(2);

/// A server, and how it is spoken to.
#[derive(Debug, Clone)]
pub(in crate::delivery) struct Hop {
    /// What its connections are counted under.
    pub name: String,
    pub target: Target,
    /// The name its certificate is for.
    pub server_name: String,
    pub tls: TlsMode,
    /// Whether a server that offers encryption and fails at it is spoken to openly (RFC 7435).
    pub falls_back: bool,
    pub tls_client: Arc<ClientConfig>,
    pub login: Option<Login>,
    /// What this side is called.
    pub hello_name: String,
    pub patience: Patience,
    /// Whether commands may be sent in groups.
    pub pipelining: bool,
}

/// Where a server is.
#[derive(Debug, Clone)]
pub(in crate::delivery) enum Target {
    /// A name to be looked up at each connection.
    Name(String, u16),
    /// Addresses that were looked up before; the first that answers is used.
    Addresses(Vec<SocketAddr>),
}

/// Name and password.
#[derive(Clone)]
pub(in crate::delivery) struct Login {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// How long a server may take (RFC 5321 4.5.3.2).
#[derive(Debug, Clone, Copy)]
pub(in crate::delivery) struct Patience {
    /// To be reached, and to encrypt.
    pub connect: Duration,
    /// To greet, to answer a command, to take a piece of a message.
    pub command: Duration,
    /// To answer a message that it has.
    pub last: Duration,
}

/// Extensions a server offers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Offers {
    pub pipelining: bool,
    /// Some when SIZE is offered; 0 when without a bound.
    pub size: Option<u64>,
    pub eight_bit: bool,
    pub smtputf8: bool,
    pub dsn: bool,
    pub starttls: bool,
    pub auth_plain: bool,
    pub auth_login: bool,
}

/// A connection that is ready for a message.
#[derive(Debug)]
pub(in crate::delivery) struct Connection {
    pub(super) stream: Stream,
    pub(super) offers: Offers,
    pub(super) patience: Patience,
    /// Messages tried on it.
    pub(super) n_used: u32,
    /// The last message was refused half way, so that RSET must come before the next.
    pub(super) needs_reset: bool,
    /// It is out of step, or ends: no message goes on it any more.
    pub(super) is_broken: bool,
    pub(super) last_used: Instant,
    /// A message as it goes over the wire; kept so that its memory is.
    pub(super) outgoing: Vec<u8>,
    _counted: OpenConnection,
}

/// What a server showed of itself before any mail.
#[derive(Debug, Clone)]
pub struct Seen {
    /// This side's address.
    pub here: SocketAddr,
    /// The server's address.
    pub there: SocketAddr,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Until when its certificate is good; `None` without one, or when that cannot be read.
    pub certificate_ends: Option<UtcTime>,
    /// The extensions it offers that matter to mail.
    pub offers: Vec<String>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(in crate::delivery) enum NoConnection {
    #[error("cannot reach the server: {0}")]
    Unreachable(io::Error),
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    #[error("the server turns us away: {0}")]
    TurnedAway(Reply),
    #[error("the server offers no encryption")]
    NoTls,
    #[error("the connection cannot be encrypted: {0}")]
    BadTls(io::Error),
    #[error("the login failed: {0}")]
    BadLogin(Reply),
    #[error("the server offers no way to log in that is known here")]
    NoLogin,
}

impl NoConnection {
    /// What it means for a parcel.
    pub fn passage(self) -> Passage {
        let pause = match self {
            Self::Unreachable(_) | Self::Broken(_) => AFTER_NO_CONNECTION,
            Self::TurnedAway(_) => AFTER_BUSY,
            Self::NoTls | Self::BadTls(_) | Self::BadLogin(_) | Self::NoLogin => AFTER_BAD_SETUP,
        };
        let outcome = Outcome::NotTried(Delay { reason: self.to_string(), pause, is_own_pace: false });
        let trouble = match self {
            Self::TurnedAway(reply) => Trouble::Closing(reply),
            _ => Trouble::NoConnection,
        };
        Passage { outcome, trouble: Some(trouble) }
    }
}

impl Connection {
    /// Connects, greets, encrypts and logs in.
    pub async fn open(hop: &Hop) -> Result<Self, NoConnection> {
        let patience = hop.patience;
        let stream = match &hop.target {
            Target::Name(host, port) => Stream::open((host.as_str(), *port), patience.connect).await,
            Target::Addresses(addresses) => Stream::open(addresses.as_slice(), patience.connect).await,
        };
        let mut connection = Self {
            stream: stream.map_err(NoConnection::Unreachable)?,
            offers: Offers::default(),
            patience,
            n_used: 0,
            needs_reset: false,
            is_broken: false,
            last_used: Instant::now(),
            outgoing: Vec::new(),
            _counted: OpenConnection::of(&hop.name),
        };
        if hop.tls == TlsMode::Implicit {
            connection.encrypt(hop).await?;
        }
        let (code, lines) = connection.read().await?;
        if code != 220 {
            return Err(NoConnection::TurnedAway(reply(code, &lines)));
        }
        connection.hello(hop).await?;
        connection.start_tls(hop).await?;
        if let Some(login) = &hop.login {
            connection.log_in(login).await?;
        }
        connection.offers.pipelining &= hop.pipelining;
        Ok(connection)
    }

    /// EHLO, or HELO to a server that knows no other (RFC 5321 3.2).
    async fn hello(&mut self, hop: &Hop) -> Result<(), NoConnection> {
        let (code, lines) = self.say(&format!("EHLO {}\r\n", hop.hello_name)).await?;
        if code == 250 {
            self.offers = Offers::read(&lines);
            return Ok(());
        }
        if code < 500 {
            return Err(NoConnection::TurnedAway(reply(code, &lines)));
        }
        self.offers = Offers::default();
        let (code, lines) = self.say(&format!("HELO {}\r\n", hop.hello_name)).await?;
        if code == 250 { Ok(()) } else { Err(NoConnection::TurnedAway(reply(code, &lines))) }
    }

    async fn start_tls(&mut self, hop: &Hop) -> Result<(), NoConnection> {
        let is_wanted = matches!(hop.tls, TlsMode::Starttls | TlsMode::RequiredStarttls);
        if !is_wanted || (hop.tls == TlsMode::Starttls && !self.offers.starttls) {
            return Ok(());
        }
        if !self.offers.starttls {
            return Err(NoConnection::NoTls);
        }
        let (code, lines) = self.say("STARTTLS\r\n").await?;
        if code != 220 {
            // A server that offers and refuses is as one that does not offer.
            return if hop.tls == TlsMode::Starttls {
                Ok(())
            } else {
                Err(NoConnection::BadTls(io::Error::other(reply(code, &lines).to_string())))
            };
        }
        self.encrypt(hop).await?;
        self.hello(hop).await
    }

    async fn encrypt(&mut self, hop: &Hop) -> Result<(), NoConnection> {
        let config = Arc::clone(&hop.tls_client);
        let secured = self.stream.start_tls(&hop.server_name, config, self.patience.connect).await;
        secured.map_err(NoConnection::BadTls)
    }

    /// AUTH PLAIN, or LOGIN to a server that knows no other (RFC 4954, 4616). A password never goes over an open line.
    async fn log_in(&mut self, login: &Login) -> Result<(), NoConnection> {
        if !self.stream.is_encrypted() {
            return Err(NoConnection::NoTls);
        }
        let (code, lines) = if self.offers.auth_plain {
            let secret = BASE64_STANDARD.encode(format!("\0{}\0{}", login.username, login.password));
            self.say(&format!("AUTH PLAIN {secret}\r\n")).await?
        } else if self.offers.auth_login {
            let mut answer = self.say("AUTH LOGIN\r\n").await?;
            for word in [&login.username, &login.password] {
                if answer.0 == 334 {
                    answer = self.say(&format!("{}\r\n", BASE64_STANDARD.encode(word))).await?;
                }
            }
            answer
        } else {
            return Err(NoConnection::NoLogin);
        };
        if code == 235 { Ok(()) } else { Err(NoConnection::BadLogin(reply(code, &lines))) }
    }

    /// One command and its answer, before the first message.
    async fn say(&mut self, command: &str) -> Result<(u16, Vec<String>), NoConnection> {
        let written = self.stream.write(command.as_bytes(), self.patience.command).await;
        written.map_err(|broken| NoConnection::Broken(broken.error))?;
        self.read().await
    }

    async fn read(&mut self) -> Result<(u16, Vec<String>), NoConnection> {
        self.stream.read_reply(self.patience.command).await.map_err(NoConnection::Broken)
    }

    /// What the server showed of itself.
    pub fn seen(&self) -> io::Result<Seen> {
        let (here, there) = self.stream.ends()?;
        Ok(Seen {
            here,
            there,
            is_encrypted: self.stream.is_encrypted(),
            certificate_ends: self.stream.certificate().and_then(tls::end_of),
            offers: self.offers.words(),
        })
    }

    /// Whether the server is still there (NOOP).
    pub async fn is_alive(&mut self) -> bool {
        matches!(self.say("NOOP\r\n").await, Ok((250, _)))
    }

    /// Takes leave.
    pub async fn quit(mut self) {
        let patience = QUIT_PATIENCE.min(self.patience.command);
        if !self.is_broken && self.stream.write(b"QUIT\r\n", patience).await.is_ok() {
            // The server's farewell changes nothing.
            let _ = self.stream.read_reply(patience).await;
        }
    }
}

impl Offers {
    /// What matters to mail, in the protocol's words.
    fn words(&self) -> Vec<String> {
        let size = self.size.map(|size| if size == 0 { "SIZE".to_owned() } else { format!("SIZE {size}") });
        let others = [
            (self.eight_bit, "8BITMIME"),
            (self.smtputf8, "SMTPUTF8"),
            (self.pipelining, "PIPELINING"),
            (self.dsn, "DSN"),
        ];
        let offered = others.iter().filter(|(is_offered, _)| *is_offered).map(|(_, word)| (*word).to_owned());
        size.into_iter().chain(offered).collect()
    }

    /// What the lines behind the first of an EHLO answer offer (RFC 5321 4.1.1.1).
    fn read(lines: &[String]) -> Self {
        let mut offers = Self::default();
        for line in lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Some write AUTH=PLAIN, after a draft.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0)),
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("DSN") => offers.dsn = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => {
                    for mechanism in words {
                        offers.auth_plain |= mechanism == "PLAIN";
                        offers.auth_login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_in_any_case_and_what_is_unknown_is_passed_over() {
        let lines =
            ["mx PIPELINING", "pipelining", "SIZE 35882577", "Dsn", "AUTH=LOGIN", "AUTH PLAIN XOAUTH2", "X-WHAT 1"];
        let offers = Offers::read(&lines.map(str::to_owned));
        let expected = Offers {
            pipelining: true,
            size: Some(35_882_577),
            dsn: true,
            auth_plain: true,
            auth_login: true,
            ..Offers::default()
        };
        assert_eq!(offers, expected);
        assert_eq!(offers.words(), ["SIZE 35882577", "PIPELINING", "DSN"]);
        assert_eq!(Offers::read(&["PIPELINING".to_owned()]), Offers::default(), "the first line is a greeting");
        assert_eq!(Offers::read(&["mx".to_owned(), "SIZE".to_owned()]).size, Some(0));
    }

    #[test]
    fn a_password_is_never_shown() {
        let login = Login { username: "me".to_owned(), password: "opensesame".to_owned() };
        assert!(!format!("{login:?}").contains("opensesame"));
    }
}
