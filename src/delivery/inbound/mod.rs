//! What comes back: bounces, complaints, unsubscriptions by mail and answering machines, read into the facts of [`crate::domain::returned`], and the
//! ways that they come in by. What follows from them is the domain's.

pub mod arf;
pub mod auto_replies;
pub mod codes;
pub mod dsn;
pub mod fields;
pub mod hooks;
pub mod intake;
pub mod lmtp;
pub mod mailbox;
pub mod mime;
pub mod phrases;
pub mod plain_bounces;
pub mod reading;
pub mod recipient;
pub mod verp;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::StartError;
use crate::domain::core::Core;

/// Starts what takes returned mail in by itself, as the settings say.
///
/// # Errors
/// [`StartError::Listen`].
pub(super) fn start(core: &Core, stopped: &watch::Receiver<bool>) -> Result<Vec<JoinHandle<()>>, StartError> {
    let mut tasks = Vec::new();
    let address = &core.settings().returns.listen;
    if !address.is_empty() {
        let failed = |source| StartError::Listen { address: address.clone(), source };
        let listener = std::net::TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        tracing::info!("taking returned mail at {address}");
        tasks.push(tokio::spawn(lmtp::serve(core.clone(), listener, stopped.clone(), lmtp::Patience::default())));
    }
    if !core.settings().returns.mailbox_url.is_empty() {
        tasks.push(tokio::spawn(mailbox::run(core.clone(), stopped.clone())));
    }
    Ok(tasks)
}
