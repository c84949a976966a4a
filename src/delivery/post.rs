//! The post office: what a parcel meets on its way out. Throttles, then a relay or the recipient's own server, a signature, the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::relays::{self, Relay};
use super::throttle::{Key, Passed, Throttle};
use super::transport::envelope::Consignment;
use super::transport::memory::Memory;
use super::transport::outbox::Outbox;
use super::transport::tls::TlsError;
use super::transport::{Delay, Outcome, Parcel, Passage, Trouble};
use crate::config::load::ConfigError;
use crate::config::{Route, Settings};
use crate::domain::core::Core;
use crate::domain::envelope_senders;

/// How often idle connections are looked at.
const SWEEP: Duration = Duration::from_secs(5);
/// When no relay serves a sender: somebody has to change the settings.
const AFTER_NO_RELAY: Duration = Duration::from_secs(600);

/// Why no mail can leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The certificates that a relay's settings name cannot be used.
    #[error("relay {0} cannot be used")]
    Relay(String, #[source] TlsError),
}

/// Sends parcels. Cheap to clone; clones share connections, throttles and keys.
#[derive(Debug, Clone)]
pub struct Post {
    office: Arc<Office>,
}

#[derive(Debug)]
struct Office {
    way: Way,
    throttle: Throttle,
    /// What one sender domain may send a second.
    sender_rate: Option<f64>,
    /// The secret behind the names that reports are asked to give.
    secret: String,
}

/// The way on which mail leaves.
#[derive(Debug)]
enum Way {
    Outbox(Outbox),
    Memory(Memory),
    Relays(Vec<Relay>),
}

/// Checks what the settings say of relays and only shows when they are set up.
///
/// # Errors
/// [`ConfigError::Value`], naming the key.
pub fn check(settings: &Settings) -> Result<(), ConfigError> {
    for (place, relay) in settings.mail.relays.iter().enumerate() {
        if let Err(error) = Relay::new(relay, settings) {
            return Err(ConfigError::Value { key: format!("mail.relays[{place}].ca_file"), reason: error.to_string() });
        }
    }
    Ok(())
}

impl Post {
    /// Opens the post office on the current Tokio runtime, as the settings say.
    ///
    /// # Errors
    /// [`PostError`].
    pub fn new(core: &Core) -> Result<Self, PostError> {
        let settings = core.settings();
        let way = match settings.mail.route() {
            Route::Outbox | Route::Mx => Way::Outbox(Outbox::new(settings.outbox())),
            Route::Relay => Way::Relays(open_relays(settings)?),
        };
        let post = Self {
            office: Arc::new(Office {
                way,
                throttle: Throttle::default(),
                sender_rate: bound(settings.mail.sender_messages_per_second),
                secret: settings.security.link_secret.clone(),
            }),
        };
        post.sweep_on();
        Ok(post)
    }

    /// A post office for tests: no throttle, no signature, nothing leaves.
    #[must_use]
    pub fn of_memory(memory: Memory) -> Self {
        let way = Way::Memory(memory);
        let office = Office { way, throttle: Throttle::default(), sender_rate: None, secret: String::new() };
        Self { office: Arc::new(office) }
    }

    /// Sends a parcel and answers how that ended. Waits for its turn within bounds; may be called for many parcels at once.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        match &self.office.way {
            Way::Outbox(outbox) => outbox.send(parcel).await,
            Way::Memory(memory) => memory.send(parcel),
            Way::Relays(relays) => self.send_by_relay(relays, parcel).await,
        }
    }

    /// Ends idle connections. Parcels under way are not hurt; later ones still find their way.
    pub async fn close(&self) {
        if let Way::Relays(relays) = &self.office.way {
            futures_util::future::join_all(relays.iter().map(|relay| relay.pool.close())).await;
        }
    }

    /// Asks one relay after the other until one says something about the mail.
    async fn send_by_relay(&self, relays: &[Relay], parcel: &Parcel) -> Outcome {
        let candidates = relays::order(relays, parcel, &mut rand::rng());
        let mut shortest = AFTER_NO_RELAY;
        let mut reason = if candidates.is_empty() {
            format!("no relay serves the sender domain {}", parcel.from_domain)
        } else {
            "every relay rests".to_owned()
        };
        let envelope_id = envelope_senders::token(&self.office.secret, parcel.posted);
        for relay in candidates {
            if let Some(rest) = relay.rest(Instant::now()) {
                shortest = shortest.min(rest);
                continue;
            }
            let passage = self.hand_over(relay, parcel, &envelope_id).await;
            match passage.outcome {
                Outcome::NotTried(delay) => {
                    shortest = shortest.min(delay.pause);
                    reason = format!("relay {}: {}", relay.settings.name, delay.reason);
                }
                outcome => return outcome,
            }
        }
        Outcome::NotTried(Delay { reason, pause: shortest })
    }

    /// Hands a parcel to a relay once its turn has come.
    async fn hand_over(&self, relay: &Relay, parcel: &Parcel, envelope_id: &str) -> Passage {
        let lane = (Key::Relay(relay.settings.name.clone()), bound(relay.settings.messages_per_second));
        let sender = (Key::Sender(parcel.from_domain.clone()), self.office.sender_rate);
        if let Err(pause) = self.office.throttle.turn(&[lane.clone(), sender]).await {
            return Passage::of(Outcome::NotTried(Delay { reason: "the throttle is closed".to_owned(), pause }));
        }
        let consignment = Consignment {
            sender: &parcel.sender,
            recipient: &parcel.recipient,
            envelope_id,
            head: &[],
            message: &parcel.message,
        };
        let passage = relay.pool.send(&consignment).await;
        relay.note(passage.trouble.as_ref(), Instant::now());
        self.note_reply(&lane, &passage);
        passage
    }

    /// A relay that asks for less gets less.
    fn note_reply(&self, lane: &Passed, passage: &Passage) {
        match (&passage.outcome, &passage.trouble) {
            (Outcome::Refused(reply), _) | (_, Some(Trouble::Closing(reply))) => {
                self.office.throttle.note_relay(lane, reply);
            }
            _ => {}
        }
    }

    /// Closes connections that idle too long, until the post office is gone.
    fn sweep_on(&self) {
        let office = Arc::downgrade(&self.office);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(office) = office.upgrade() else { break };
                if let Way::Relays(relays) = &office.way {
                    futures_util::future::join_all(relays.iter().map(|relay| relay.pool.close_idle())).await;
                }
            }
        });
    }
}

/// 0 stands for no bound.
fn bound(rate: f64) -> Option<f64> {
    (rate > 0.0).then_some(rate)
}

fn open_relays(settings: &Settings) -> Result<Vec<Relay>, PostError> {
    let open = |relay| Relay::new(relay, settings).map_err(|error| PostError::Relay(relay.name.clone(), error));
    settings.mail.relays.iter().map(open).collect()
}
