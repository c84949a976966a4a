//! A look at mail servers as they are spoken to when mail goes: connect, greet, encrypt, log in, take leave. Nothing is sent.

use std::time::Duration;

use super::relays;
use super::transport::mx::Mx;
use super::transport::smtp::{Connection, Hop, NoConnection, Patience};
use super::transport::tls::TlsError;
use crate::config::{RelaySettings, Settings, TlsMode};

pub use super::transport::smtp::Seen;

/// Why a server could not be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nobody answers, or the connection broke.
    #[error("{0}")]
    Unreachable(String),
    /// It takes no mail from here.
    #[error("{0}")]
    TurnedAway(String),
    /// No encryption, or a certificate that is not good.
    #[error("{0}")]
    Tls(String),
    /// The name and password are not taken.
    #[error("{0}")]
    Login(String),
    /// Its domain names no server that can be reached.
    #[error("{0}")]
    NoServer(String),
}

impl From<NoConnection> for Failure {
    fn from(error: NoConnection) -> Self {
        let text = error.to_string();
        match error {
            NoConnection::Unreachable(_) | NoConnection::Broken(_) => Self::Unreachable(text),
            NoConnection::TurnedAway(_) => Self::TurnedAway(text),
            NoConnection::NoTls | NoConnection::BadTls(_) => Self::Tls(text),
            NoConnection::BadLogin(_) | NoConnection::NoLogin => Self::Login(text),
        }
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        Self::Tls(error.to_string())
    }
}

/// Looks at a relay. Each step may take `patience`.
///
/// # Errors
/// [`Failure`].
pub async fn relay(relay: &RelaySettings, settings: &Settings, patience: Duration) -> Result<Seen, Failure> {
    look(relays::hop(relay, settings)?, patience).await
}

/// Looks at the nearest mail server of a domain, as mail to it would; answers its name too.
///
/// # Errors
/// [`Failure`].
pub async fn mail_server(domain: &str, settings: &Settings, patience: Duration) -> Result<(String, Seen), Failure> {
    let (name, hop) = Mx::new(settings)?.nearest(domain).await.map_err(|reply| Failure::NoServer(reply.to_string()))?;
    Ok((name, look(hop, patience).await?))
}

async fn look(mut hop: Hop, patience: Duration) -> Result<Seen, Failure> {
    hop.patience = Patience { connect: patience, command: patience, last: patience };
    let connection = match Connection::open(&hop).await {
        Err(NoConnection::BadTls(_)) if hop.falls_back => Connection::open(&Hop { tls: TlsMode::None, ..hop }).await?,
        opened => opened?,
    };
    let seen = connection.seen().map_err(|error| Failure::Unreachable(error.to_string()));
    connection.quit().await;
    seen
}
