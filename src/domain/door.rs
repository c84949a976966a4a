//! The way to the domain for one visitor: what a page asks and has done carries where the visitor came from, and tells a refusal from a failure.

use std::sync::Arc;

use crate::config::Settings;
use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::{Ctx, Origin};

/// The core as one visitor reaches it.
pub struct Door {
    core: Core,
    origin: Arc<Origin>,
}

/// The domain said no, or could not be asked.
pub enum Refused<E> {
    /// What the domain said.
    Domain(E),
    /// The store failed.
    Unavailable(Unavailable),
}

impl<E> From<Unavailable> for Refused<E> {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl Door {
    /// For a visitor from there.
    #[must_use]
    pub fn new(core: &Core, origin: Origin) -> Self {
        Self { core: core.clone(), origin: Arc::new(origin) }
    }

    /// Where the visitor came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The server's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.core.settings()
    }

    /// Asks the domain.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn ask<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.read(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }

    /// Has the domain do something; a refusal undoes all of it.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn act<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.write(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }
}
