//! The post office: what a parcel meets on its way out.

use std::sync::Arc;

use super::transport::memory::Memory;
use super::transport::outbox::Outbox;
use super::transport::{Outcome, Parcel};
use crate::domain::core::Core;

/// Why no mail can leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {}

/// Sends parcels. Cheap to clone; clones share connections, throttles and keys.
#[derive(Debug, Clone)]
pub struct Post {
    way: Arc<Way>,
}

/// The way on which mail leaves.
#[derive(Debug)]
enum Way {
    Outbox(Outbox),
    Memory(Memory),
}

impl Post {
    /// Opens the post office on the current Tokio runtime, as the settings say.
    ///
    /// # Errors
    /// [`PostError`].
    pub fn new(core: &Core) -> Result<Self, PostError> {
        Ok(Self { way: Arc::new(Way::Outbox(Outbox::new(core.settings().outbox()))) })
    }

    /// A post office for tests: no throttle, no signature, nothing leaves.
    #[must_use]
    pub fn of_memory(memory: Memory) -> Self {
        Self { way: Arc::new(Way::Memory(memory)) }
    }

    /// Sends a parcel and answers how that ended. Waits for its turn within bounds; may be called for many parcels at once.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        match &*self.way {
            Way::Outbox(outbox) => outbox.send(parcel).await,
            Way::Memory(memory) => memory.send(parcel),
        }
    }

    /// Ends idle connections. Parcels under way are not hurt; later ones still find their way.
    pub async fn close(&self) {}
}
