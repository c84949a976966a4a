//! A mail server on loopback for tests: takes mail as told by [`Manners`] and by the recipients' local parts ([`Whim`]), and keeps what it took.

#![allow(dead_code, reason = "the integration tests and the project's own tasks each leave something of it unused")]

mod certificates;
mod dialogue;
mod whims;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub use certificates::certificate;
pub use whims::Whim;

/// What the server offers, and how it behaves towards everybody.
#[derive(Clone)]
pub struct Manners {
    pub pipelining: bool,
    /// The most it takes, in bytes; `None`: SIZE is not offered.
    pub size: Option<u64>,
    pub eight_bit: bool,
    pub smtputf8: bool,
    pub dsn: bool,
    /// Knows HELO only.
    pub is_old: bool,
    /// What it encrypts with; offered by STARTTLS unless `is_implicit`.
    pub tls: Option<TlsAcceptor>,
    /// Offers STARTTLS and closes when it comes to it.
    pub breaks_tls: bool,
    /// Encrypted from the first byte.
    pub is_implicit: bool,
    /// Text that stands, unencrypted, in the packet with the answer to STARTTLS.
    pub injected: &'static str,
    /// Who must log in; offered under TLS only.
    pub login: Option<(&'static str, &'static str)>,
    /// Offers LOGIN in place of PLAIN.
    pub knows_login_only: bool,
    /// 421 in place of the greeting.
    pub is_busy: bool,
    /// 421 to MAIL after so many messages on a connection.
    pub close_after: Option<u32>,
    /// Every third RCPT on a connection is refused for good.
    pub refuses_thirds: bool,
    /// Closes in the middle of every so many-th message it is offered, if it is the first to its recipient.
    pub drops_every: Option<u64>,
    /// Before the answer to a message.
    pub delay: Duration,
    /// Whether messages are kept, beside their ids.
    pub keeps_messages: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            pipelining: true,
            size: Some(30_000_000),
            eight_bit: true,
            smtputf8: false,
            dsn: false,
            is_old: false,
            tls: None,
            breaks_tls: false,
            is_implicit: false,
            injected: "",
            login: None,
            knows_login_only: false,
            is_busy: false,
            close_after: None,
            refuses_thirds: false,
            drops_every: None,
            delay: Duration::ZERO,
            keeps_messages: true,
        }
    }
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub message_id: String,
    /// Parameters included.
    pub mail: String,
    /// Parameters included.
    pub rcpt: String,
    pub sender: String,
    pub recipient: String,
    pub message: Vec<u8>,
}

/// What happened so far.
#[derive(Default)]
pub struct Record {
    taken: Mutex<Vec<Taken>>,
    /// Breaches of the protocol by the client.
    faults: Mutex<Vec<String>>,
    /// Tries by recipient, for greylisting.
    tries: Mutex<HashMap<String, u32>>,
    /// To whom messages were offered.
    offered: Mutex<HashSet<String>>,
    /// Whom RCPT was refused to for good.
    refused: Mutex<Vec<String>>,
    /// Messages that were offered.
    n_offered: AtomicU64,
    pub n_taken: AtomicU64,
    pub n_connections: AtomicU64,
    pub n_open: AtomicU64,
    pub most_open: AtomicU64,
    pub n_encrypted: AtomicU64,
    pub n_logins: AtomicU64,
    /// Messages that were begun by MAIL.
    pub n_begun: AtomicU64,
    /// Groups of commands that came in one packet.
    pub n_groups: AtomicU64,
    pub n_resets: AtomicU64,
}

/// A running server; it ends when it is dropped.
pub struct Sink {
    pub port: u16,
    pub record: Arc<Record>,
    manners: Arc<Mutex<Manners>>,
    task: JoinHandle<()>,
}

impl Sink {
    /// Starts one on a free port of loopback.
    pub async fn start(manners: Manners) -> Self {
        Self::start_at(0, manners).await
    }

    /// Starts one on this port of loopback.
    pub async fn start_at(port: u16, manners: Manners) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let port = listener.local_addr().expect("address").port();
        let record = Arc::new(Record::default());
        let manners = Arc::new(Mutex::new(manners));
        let task = tokio::spawn(serve(listener, Arc::clone(&manners), Arc::clone(&record)));
        Self { port, record, manners, task }
    }

    /// Changes how it behaves towards connections from now on.
    pub fn change(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.manners.lock().expect("manners"));
    }

    /// What was taken, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.record.taken.lock().expect("taken").clone()
    }

    /// How many messages were taken.
    pub fn n_taken(&self) -> usize {
        self.record.taken.lock().expect("taken").len()
    }

    /// The recipients of what was taken, in order.
    pub fn recipients(&self) -> Vec<String> {
        self.record.taken.lock().expect("taken").iter().map(|taken| taken.recipient.clone()).collect()
    }

    /// The recipients that RCPT was refused to for good, in order.
    pub fn refused(&self) -> Vec<String> {
        self.record.refused.lock().expect("refused").clone()
    }

    /// What the client did wrong.
    pub fn faults(&self) -> Vec<String> {
        self.record.faults.lock().expect("faults").clone()
    }

    /// Takes somebody's first message as offered, so that [`Manners::drops_every`] does not break it off.
    pub fn spare(&self, recipient: String) {
        self.record.offered.lock().expect("offered").insert(recipient);
    }

    /// Waits until no connection is open.
    pub async fn quiet(&self, patience: Duration) -> std::io::Result<()> {
        let started = tokio::time::Instant::now();
        while self.n(|record| &record.n_open) > 0 {
            if started.elapsed() > patience {
                return Err(std::io::Error::other("connections stay open"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// How many of something happened.
    pub fn n(&self, counter: impl Fn(&Record) -> &AtomicU64) -> u64 {
        counter(&self.record).load(Ordering::SeqCst)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Record {
    fn add(counter: &AtomicU64) -> u64 {
        counter.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn fault(&self, what: impl Into<String>) {
        self.faults.lock().expect("faults").push(what.into());
    }

    fn tries_of(&self, recipient: &str) -> u32 {
        let mut tries = self.tries.lock().expect("tries");
        let n = tries.entry(recipient.to_owned()).or_default();
        *n += 1;
        *n
    }

    fn refuse(&self, recipient: &str) {
        self.refused.lock().expect("refused").push(recipient.to_owned());
    }

    /// Whether the message that is offered now is broken off.
    fn drops(&self, every: Option<u64>, recipient: &str) -> bool {
        let n = Self::add(&self.n_offered);
        let is_first = self.offered.lock().expect("offered").insert(recipient.to_owned());
        is_first && every.is_some_and(|every| n.is_multiple_of(every))
    }

    fn take(&self, taken: Taken) {
        Self::add(&self.n_taken);
        self.taken.lock().expect("taken").push(taken);
    }
}

async fn serve(listener: TcpListener, manners: Arc<Mutex<Manners>>, record: Arc<Record>) {
    while let Ok((stream, _)) = listener.accept().await {
        let manners = manners.lock().expect("manners").clone();
        tokio::spawn(talk(stream, manners, Arc::clone(&record)));
    }
}

async fn talk(stream: TcpStream, manners: Manners, record: Arc<Record>) {
    // Answers are small; they must not wait for each other.
    let _ = stream.set_nodelay(true);
    Record::add(&record.n_connections);
    let n_open = Record::add(&record.n_open);
    record.most_open.fetch_max(n_open, Ordering::SeqCst);
    // A connection that breaks is what many tests are about.
    let _ = dialogue::run(stream, manners, &record).await;
    record.n_open.fetch_sub(1, Ordering::SeqCst);
}
