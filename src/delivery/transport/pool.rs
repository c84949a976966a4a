//! Connections to one server: never more open than allowed, used again while they are good, closed when they idle (ML-1.7, ML-1.8).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::envelope::Consignment;
use super::smtp::{Connection, Hop, NoConnection};
use super::{Delay, Outcome, Passage};
use crate::config::TlsMode;

/// A connection that idled longer is asked whether it still stands before a message goes on it.
const STALE: Duration = Duration::from_secs(5);
/// Who waits this long for a connection comes back later.
const TURN_PATIENCE: Duration = Duration::from_secs(60);
/// And after this time.
const AFTER_NO_TURN: Duration = Duration::from_secs(10);

/// How many connections, for how long.
#[derive(Debug, Clone, Copy)]
pub(in crate::delivery) struct Bounds {
    /// Open at once, idle ones included.
    pub connections: usize,
    /// Messages on one.
    pub messages: u32,
    /// How long one idles.
    pub idle: Duration,
}

/// The connections to one server.
#[derive(Debug)]
pub(in crate::delivery) struct Pool {
    hop: Hop,
    bounds: Bounds,
    turns: Semaphore,
    /// The one used last stands last. Who holds a turn takes one of these first, so that no more are open than there are turns.
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(hop: Hop, bounds: Bounds) -> Self {
        Self { hop, bounds, turns: Semaphore::new(bounds.connections), idle: Mutex::default() }
    }

    /// Sends one message over a connection that is open, or over a new one.
    pub async fn send(&self, consignment: &Consignment<'_>) -> Passage {
        let Ok(Ok(_turn)) = timeout(TURN_PATIENCE, self.turns.acquire()).await else {
            let reason = "every connection is busy".to_owned();
            return Passage::of(Outcome::NotTried(Delay { reason, pause: AFTER_NO_TURN, is_own_pace: true }));
        };
        if let Some(connection) = self.take_idle().await {
            let passage = self.use_one(connection, consignment).await;
            // A server may close a connection it had enough of at any time: that says nothing about a new one.
            if !matches!(passage.outcome, Outcome::NotTried(_)) {
                return passage;
            }
        }
        match self.open().await {
            Ok(connection) => self.use_one(connection, consignment).await,
            Err(error) => error.passage(),
        }
    }

    async fn open(&self) -> Result<Connection, NoConnection> {
        match Connection::open(&self.hop).await {
            Err(NoConnection::BadTls(_)) if self.hop.falls_back => {
                Connection::open(&Hop { tls: TlsMode::None, ..self.hop.clone() }).await
            }
            opened => opened,
        }
    }

    async fn use_one(&self, mut connection: Connection, consignment: &Consignment<'_>) -> Passage {
        let passage = connection.transact(consignment).await;
        if connection.n_used >= self.bounds.messages {
            connection.quit().await;
        } else if !connection.is_broken {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        passage
    }

    /// The idle connection that was used last, if one still stands.
    async fn take_idle(&self) -> Option<Connection> {
        loop {
            let mut connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let rested = connection.last_used.elapsed();
            if rested <= STALE || (rested <= self.bounds.idle && connection.is_alive().await) {
                return Some(connection);
            }
        }
    }

    /// Closes what idled too long.
    pub async fn close_idle(&self) {
        self.close_older(self.bounds.idle).await;
    }

    /// Closes everything that nobody uses.
    pub async fn close(&self) {
        self.close_older(Duration::ZERO).await;
    }

    async fn close_older(&self, span: Duration) {
        let now = Instant::now();
        let old: Vec<Connection> = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let (old, young) = idle.drain(..).partition(|one: &Connection| now.duration_since(one.last_used) >= span);
            *idle = young;
            old
        };
        futures_util::future::join_all(old.into_iter().map(Connection::quit)).await;
    }
}
