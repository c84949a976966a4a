//! The keys at hand: read out of the database once in a while, parsed once, used on a pool of threads as large as the processor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::desk::Desk;
use super::dkim::{self, BadKey, Signer};
use super::transport::Parcel;
use crate::domain::core::Unavailable;
use crate::domain::sender_domains::{self, SenderDomainError};
use crate::model::ids::AccountId;
use crate::model::time::UtcTime;

/// Keys are read anew after this time: a key that was switched off signs no longer than that.
const FRESH: Duration = Duration::from_secs(30);
/// More senders are forgotten, all at once.
const MANY: usize = 10_000;

/// Why a mail cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error(transparent)]
    Key(#[from] BadKey),
    #[error("the signature could not be made")]
    Failed,
    #[error("the keys could not be read")]
    Keys(#[from] SenderDomainError),
    #[error("the keys could not be read")]
    Store(#[from] Unavailable),
}

type Keys = Arc<Vec<Signer>>;

/// Signs parcels.
pub(super) struct Signers {
    desk: Desk,
    known: Mutex<HashMap<(String, AccountId), (Instant, Keys)>>,
    threads: Semaphore,
}

impl std::fmt::Debug for Signers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signers").finish_non_exhaustive()
    }
}

impl Signers {
    pub fn new(desk: Desk) -> Self {
        let n_threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self { desk, known: Mutex::default(), threads: Semaphore::new(n_threads) }
    }

    /// The signature fields of a parcel; empty when its sender domain has no key.
    pub async fn sign(&self, parcel: &Parcel) -> Result<Vec<u8>, SignError> {
        let keys = self.keys(&parcel.from_domain, parcel.account).await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // Closed never; a turn keeps the pool of blocking threads free for others.
        let _turn = self.threads.acquire().await.map_err(|_| SignError::Failed)?;
        let message = Arc::clone(&parcel.message);
        let signed = tokio::task::spawn_blocking(move || dkim::sign(&keys, &message, UtcTime::now()));
        signed.await.ok().flatten().ok_or(SignError::Failed)
    }

    async fn keys(&self, domain: &str, account: AccountId) -> Result<Keys, SignError> {
        let name = (domain.to_owned(), account);
        if let Some((at, keys)) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&name)
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(keys));
        }
        let sought = name.clone();
        let rows =
            self.desk.read(move |cx| Ok::<_, SignError>(sender_domains::signing(cx, &sought.0, sought.1)?)).await?;
        let keys: Keys = Arc::new(rows.iter().map(Signer::new).collect::<Result<_, _>>()?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.clear();
        }
        known.insert(name, (Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }
}
