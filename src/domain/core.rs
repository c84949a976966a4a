//! The core as the outer layers hold it: the way to open a context. Dialects and workers never see the store.

use std::sync::Arc;

use crate::config::Settings;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::gathering::{self, Gathering};
use crate::domain::passwords::Verifier;
use crate::domain::subscribers::together::{Joined, Joiner};
use crate::model::time::UtcTime;
use crate::store::{Db, StoreError};

/// Everything a request needs, cheap to clone.
#[derive(Clone)]
pub struct Core {
    db: Db,
    settings: Arc<Settings>,
    verifier: Arc<Verifier>,
    gathering: Arc<Gathering>,
}

/// The store could not do its part. Nothing of the work is stored.
#[derive(Debug, thiserror::Error)]
#[error("the store failed")]
pub struct Unavailable(#[from] StoreError);

impl Unavailable {
    /// Work was dropped because the server ends.
    pub(super) fn closed() -> Self {
        Self(StoreError::Closed)
    }
}

/// The answer of a closure, told apart from the store's own failure.
enum Outcome<E> {
    Refused(E),
    Store(StoreError),
}

impl<E> From<StoreError> for Outcome<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E: From<Unavailable>> Outcome<E> {
    fn into_error(self) -> E {
        match self {
            Self::Refused(error) => error,
            Self::Store(error) => Unavailable(error).into(),
        }
    }
}

impl Core {
    /// Puts the core together.
    #[must_use]
    pub fn new(db: Db, settings: Arc<Settings>) -> Self {
        let verifier = Arc::new(Verifier::new(&settings.security));
        Self { db, settings, verifier, gathering: Arc::default() }
    }

    /// The same core under other settings.
    #[cfg(test)]
    pub fn with_settings(&self, settings: Settings) -> Self {
        Self { settings: Arc::new(settings), ..self.clone() }
    }

    /// The server's settings.
    #[must_use]
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// What checks and makes password hashes.
    #[must_use]
    pub fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// Runs `f` with a context that only reads. The actor starts as [`Actor::Public`].
    ///
    /// # Errors
    /// What `f` answers, or [`Unavailable`].
    pub async fn read<T, E, F>(&self, origin: Arc<Origin>, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        let settings = Arc::clone(&self.settings);
        let result = self.db.read(move |tx| run(tx, &origin, &settings, f)).await;
        result.map_err(Outcome::into_error)
    }

    /// Runs `f` in a transaction: its `Ok` arrives once everything is durable, its `Err` undoes everything.
    ///
    /// # Errors
    /// What `f` answers, or [`Unavailable`].
    pub async fn write<T, E, F>(&self, origin: Arc<Origin>, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        let settings = Arc::clone(&self.settings);
        let result = self.db.write(move |tx| run(tx, &origin, &settings, f)).await;
        result.map_err(Outcome::into_error)
    }

    /// Lets somebody without a login join, together with whoever else asks at the moment. `None` when something special applies: the full rules,
    /// [`crate::domain::subscribers::subscribe::subscribe`], decide then.
    ///
    /// # Errors
    /// [`Unavailable`]; nothing is done then.
    pub async fn join(&self, joiner: Joiner) -> Result<Option<Joined>, Unavailable> {
        gathering::join(self, &self.gathering, joiner).await
    }

    /// Ends the database threads after their queued work.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

fn run<T, E>(
    tx: crate::store::Tx<'_>,
    origin: &Origin,
    settings: &Settings,
    f: impl FnOnce(&mut Ctx<'_>) -> Result<T, E>,
) -> Result<T, Outcome<E>> {
    let mut cx = Ctx { tx, rules: None, actor: Actor::Public, origin, now: UtcTime::now(), settings };
    f(&mut cx).map_err(Outcome::Refused)
}
