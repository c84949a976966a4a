//! The post office: what a parcel meets on its way out. Throttles, then a relay or the recipient's own server, a signature, the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::classify::{Class, class_of};
use super::desk::Desk;
use super::relays::{self, Relay};
use super::signers::{SignError, Signers};
use super::slow_starts::SlowStarts;
use super::throttle::{Key, Passed, Throttle};
use super::transport::envelope::Consignment;
use super::transport::memory::Memory;
use super::transport::mx::Mx;
use super::transport::outbox::Outbox;
use super::transport::tls::TlsError;
use super::transport::{Delay, Outcome, Parcel, Passage, Reply, Trouble};
use crate::config::load::ConfigError;
use crate::config::{Route, Settings};
use crate::domain::core::Core;
use crate::domain::envelope_senders;
use crate::telemetry::metrics;

/// How often idle connections are looked at.
const SWEEP: Duration = Duration::from_secs(5);
/// When no relay serves a sender: somebody has to change the settings.
const AFTER_NO_RELAY: Duration = Duration::from_secs(600);
/// When a relay refuses whoever has not logged in, or as this login.
const AFTER_BAD_LOGIN: Duration = Duration::from_secs(300);
/// When the database does not answer.
const AFTER_NO_STORE: Duration = Duration::from_secs(30);

/// Why no mail can leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The certificates that a relay's settings name cannot be used.
    #[error("relay {0} cannot be used")]
    Relay(String, #[source] TlsError),
    /// TLS towards the recipients' servers.
    #[error("mail servers cannot be spoken to")]
    Mx(#[source] TlsError),
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
    Relays(Vec<Relay>, Gate),
    Mx(Box<Mx>, Gate, /* signs: */ bool),
}

/// What mail passes before it leaves this machine.
#[derive(Debug)]
struct Gate {
    signers: Signers,
    slow_starts: SlowStarts,
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
        let desk = Desk::new(core.clone());
        let gate = Gate { signers: Signers::new(desk.clone()), slow_starts: SlowStarts::new(desk) };
        let way = match settings.mail.route() {
            Route::Outbox => Way::Outbox(Outbox::new(settings.outbox())),
            Route::Relay => Way::Relays(open_relays(settings)?, gate),
            Route::Mx => Way::Mx(Box::new(Mx::new(settings).map_err(PostError::Mx)?), gate, settings.mail.mx.dkim),
        };
        let office = Office {
            way,
            throttle: Throttle::default(),
            sender_rate: bound(settings.mail.sender_messages_per_second),
            secret: settings.security.link_secret.clone(),
        };
        let post = Self { office: Arc::new(office) };
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
            Way::Relays(relays, gate) => self.office.by_relay(relays, gate, parcel).await,
            Way::Mx(mx, gate, signs) => self.office.by_mx(mx, gate, *signs, parcel).await,
        }
    }

    /// Ends idle connections. Parcels under way are not hurt; later ones still find their way.
    pub async fn close(&self) {
        match &self.office.way {
            Way::Outbox(_) | Way::Memory(_) => {}
            Way::Relays(relays, _) => {
                futures_util::future::join_all(relays.iter().map(|relay| relay.pool.close())).await;
            }
            Way::Mx(mx, ..) => mx.close().await,
        }
    }

    /// Closes connections that idle too long, and shows which relays rest and which lanes are slowed, until the post office is gone.
    fn sweep_on(&self) {
        let office = Arc::downgrade(&self.office);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(office) = office.upgrade() else { break };
                office.show();
                match &office.way {
                    Way::Outbox(_) | Way::Memory(_) => break,
                    Way::Relays(relays, _) => {
                        futures_util::future::join_all(relays.iter().map(|relay| relay.pool.close_idle())).await;
                    }
                    Way::Mx(mx, ..) => mx.close_idle().await,
                }
            }
        });
    }
}

impl Office {
    /// Sets the gauges of relays and lanes.
    fn show(&self) {
        if let Way::Relays(relays, _) = &self.way {
            for relay in relays {
                metrics::rests(&relay.settings.name, relay.rest(Instant::now()).unwrap_or_default());
            }
        }
        for (of, n_slowed, n_stopped) in self.throttle.troubled() {
            metrics::lanes(of, n_slowed, n_stopped);
        }
    }

    /// Asks one relay after the other until one says something about the mail.
    async fn by_relay(&self, relays: &[Relay], gate: &Gate, parcel: &Parcel) -> Outcome {
        let candidates = relays::order(relays, parcel, &mut rand::rng());
        let mut shortest = AFTER_NO_RELAY;
        let mut reason = if candidates.is_empty() {
            format!("no relay serves the sender domain {}", parcel.from_domain)
        } else {
            "every relay rests".to_owned()
        };
        let (mut has_passed, mut is_own_pace) = (false, false);
        for relay in candidates {
            if let Some(rest) = relay.rest(Instant::now()) {
                shortest = shortest.min(rest);
                continue;
            }
            match self.to_relay(relay, gate, parcel, &mut has_passed).await {
                Outcome::NotTried(delay) => {
                    shortest = shortest.min(delay.pause);
                    is_own_pace |= delay.is_own_pace;
                    reason = format!("relay {}: {}", relay.settings.name, delay.reason);
                }
                outcome => return outcome,
            }
        }
        Outcome::NotTried(Delay { reason, pause: shortest, is_own_pace })
    }

    /// Hands a parcel to a relay once its turn has come. `has_passed`: one of the sender's messages of today was taken for it.
    async fn to_relay(&self, relay: &Relay, gate: &Gate, parcel: &Parcel, has_passed: &mut bool) -> Outcome {
        let lane = (Key::Relay(relay.settings.name.clone()), bound(relay.settings.messages_per_second));
        if let Err(outcome) = self.turn(lane.clone(), parcel).await {
            return outcome;
        }
        if !*has_passed && let Err(outcome) = gate.slow_start(parcel).await {
            return outcome;
        }
        *has_passed = true;
        let head = match gate.sign(relay.settings.dkim, parcel).await {
            Ok(head) => head,
            Err(outcome) => return outcome,
        };
        let envelope_id = envelope_senders::token(&self.secret, parcel.posted);
        let mut passage = relay.pool.send(&consignment(parcel, &envelope_id, &head)).await;
        if let Some(reply) = said(&passage) {
            self.throttle.note_relay(&lane, reply);
        }
        // A relay that wants another login says nothing of the mail.
        if let Outcome::Refused(reply) = &passage.outcome
            && class_of(reply) == Class::Setup
        {
            let outcome = not_tried(format!("the relay wants another login: {reply}"), AFTER_BAD_LOGIN);
            passage = Passage { outcome, trouble: Some(Trouble::NoConnection) };
        }
        relay.note(passage.trouble.as_ref(), Instant::now());
        passage.outcome
    }

    /// Hands a parcel to the recipient's own server once the turn of its destination has come.
    async fn by_mx(&self, mx: &Mx, gate: &Gate, signs: bool, parcel: &Parcel) -> Outcome {
        let journey = match mx.journey(&parcel.recipient).await {
            Ok(journey) => journey,
            Err(reply) => return Outcome::Refused(reply),
        };
        let lane = (Key::Site(journey.name.clone()), journey.site.per_second);
        if let Err(outcome) = self.turn(lane.clone(), parcel).await {
            return outcome;
        }
        if let Err(outcome) = gate.slow_start(parcel).await {
            return outcome;
        }
        let head = match gate.sign(signs, parcel).await {
            Ok(head) => head,
            Err(outcome) => return outcome,
        };
        let envelope_id = envelope_senders::token(&self.secret, parcel.posted);
        let passage = mx.send(&journey, &consignment(parcel, &envelope_id, &head)).await;
        if let Some(reply) = said(&passage) {
            self.throttle.note_site(&lane, journey.site, reply);
        }
        passage.outcome
    }

    /// Waits for the turn on this lane and on the sender's.
    async fn turn(&self, lane: Passed, parcel: &Parcel) -> Result<(), Outcome> {
        let sender = (Key::Sender(parcel.from_domain.clone()), self.sender_rate);
        let turn = self.throttle.turn(&[lane, sender]).await;
        turn.map_err(|pause| paced("the throttle is closed".to_owned(), pause))
    }
}

impl Gate {
    /// Takes one of the messages that a new sender domain has today.
    async fn slow_start(&self, parcel: &Parcel) -> Result<(), Outcome> {
        match self.slow_starts.pass(&parcel.from_domain, &parcel.recipient).await {
            Ok(None) => Ok(()),
            Ok(Some(pause)) => {
                Err(paced(format!("{} has sent what its warm-up allows today", parcel.from_domain), pause))
            }
            Err(error) => Err(not_tried(error.to_string(), AFTER_NO_STORE)),
        }
    }

    /// The signature fields; empty when the way signs itself, or the sender domain has no key.
    async fn sign(&self, is_wanted: bool, parcel: &Parcel) -> Result<Vec<u8>, Outcome> {
        if !is_wanted {
            return Ok(Vec::new());
        }
        self.signers.sign(parcel).await.map_err(|error| match error {
            SignError::Key(_) | SignError::Failed => Outcome::Unfit(error.to_string()),
            SignError::Keys(_) | SignError::Store(_) => not_tried(error.to_string(), AFTER_NO_STORE),
        })
    }
}

fn consignment<'a>(parcel: &'a Parcel, envelope_id: &'a str, head: &'a [u8]) -> Consignment<'a> {
    Consignment { sender: &parcel.sender, recipient: &parcel.recipient, envelope_id, head, message: &parcel.message }
}

/// What the server said that may ask for less mail.
fn said(passage: &Passage) -> Option<&Reply> {
    match (&passage.outcome, &passage.trouble) {
        (Outcome::Refused(reply), _) | (_, Some(Trouble::Closing(reply))) => Some(reply),
        _ => None,
    }
}

fn not_tried(reason: String, pause: Duration) -> Outcome {
    Outcome::NotTried(Delay { reason, pause, is_own_pace: false })
}

/// Our own pace keeps it.
fn paced(reason: String, pause: Duration) -> Outcome {
    Outcome::NotTried(Delay { reason, pause, is_own_pace: true })
}

/// 0 stands for no bound.
fn bound(rate: f64) -> Option<f64> {
    (rate > 0.0).then_some(rate)
}

fn open_relays(settings: &Settings) -> Result<Vec<Relay>, PostError> {
    let open = |relay| Relay::new(relay, settings).map_err(|error| PostError::Relay(relay.name.clone(), error));
    settings.mail.relays.iter().map(open).collect()
}
