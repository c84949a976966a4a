//! The relays: which of them takes a parcel, and which of them rests because it does not work (ML-1.19).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::Rng;

use super::transport::pool::{Bounds, Pool};
use super::transport::smtp::{Hop, Login, Patience, Target};
use super::transport::tls::{self, TlsError, Trust};
use super::transport::{Parcel, Trouble};
use crate::config::{RelaySettings, Settings};

/// Troubles in a row after which a relay rests.
const MAX_TROUBLES: u32 = 5;
/// Its first rest; each further one is twice as long.
const FIRST_REST: Duration = Duration::from_secs(10);
/// Its longest rest.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// A relay with its connections.
#[derive(Debug)]
pub(super) struct Relay {
    pub settings: RelaySettings,
    pub pool: Pool,
    health: Mutex<Health>,
}

/// How a relay fares.
#[derive(Debug, Default)]
struct Health {
    /// Troubles since it last worked.
    n_troubles: u32,
    /// Rests since it last worked.
    n_rests: u32,
    rests_until: Option<Instant>,
}

impl Relay {
    pub fn new(relay: &RelaySettings, settings: &Settings) -> Result<Self, TlsError> {
        let hop = hop(relay, settings)?;
        let bounds =
            Bounds { connections: relay.connections, messages: relay.messages_per_connection, idle: relay.idle() };
        Ok(Self { settings: relay.clone(), pool: Pool::new(hop, bounds), health: Mutex::default() })
    }

    /// How long it still rests.
    pub fn rest(&self, now: Instant) -> Option<Duration> {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.rests_until.map(|until| until.saturating_duration_since(now)).filter(|rest| !rest.is_zero())
    }

    /// Notes what a parcel showed of it.
    pub fn note(&self, trouble: Option<&Trouble>, now: Instant) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.is_none() {
            *health = Health::default();
            return;
        }
        health.n_troubles += 1;
        if health.n_troubles < MAX_TROUBLES || health.rests_until.is_some_and(|until| until > now) {
            return;
        }
        let rest = FIRST_REST.saturating_mul(1 << health.n_rests.min(6)).min(LONGEST_REST);
        health.n_rests += 1;
        // After the rest, one trouble is enough for the next.
        health.n_troubles = MAX_TROUBLES - 1;
        health.rests_until = Some(now + rest);
        let (name, seconds) = (&self.settings.name, rest.as_secs());
        tracing::warn!(relay = name, rest_seconds = seconds, "relay {name} does not work; it rests for {seconds} s");
    }
}

/// How a relay is spoken to.
pub(super) fn hop(relay: &RelaySettings, settings: &Settings) -> Result<Hop, TlsError> {
    let seconds = Duration::from_secs;
    let login = Login { username: relay.username.clone(), password: relay.password.clone() };
    Ok(Hop {
        name: relay.name.clone(),
        target: Target::Name(relay.host.trim_matches(['[', ']']).to_owned(), relay.port),
        server_name: relay.host.trim_matches(['[', ']']).to_owned(),
        tls: relay.tls,
        falls_back: false,
        tls_client: tls::client(trust(relay))?,
        login: (!relay.username.is_empty()).then_some(login),
        hello_name: settings.hello_name(),
        patience: Patience {
            connect: seconds(relay.connect_seconds),
            command: seconds(relay.command_seconds),
            last: seconds(relay.final_seconds),
        },
        pipelining: relay.pipelining,
    })
}

/// Whose certificate a relay may show.
fn trust(relay: &RelaySettings) -> Trust<'_> {
    match (relay.accept_invalid_certificates, relay.ca_file.as_os_str().is_empty()) {
        (true, _) => Trust::Anybody,
        (false, true) => Trust::Roots,
        (false, false) => Trust::File(&relay.ca_file),
    }
}

/// Who a relay serves, from everybody to one account.
fn nearness(relay: &RelaySettings, parcel: &Parcel) -> Option<u8> {
    let names_sender = relay.senders.iter().any(|domain| domain.eq_ignore_ascii_case(&parcel.from_domain));
    let names_account = relay.accounts.contains(&parcel.account.0);
    let serves = (relay.senders.is_empty() || names_sender) && (relay.accounts.is_empty() || names_account);
    serves.then_some(u8::from(names_sender) + 2 * u8::from(names_account))
}

/// The relays for a parcel in the order in which they are asked. Those set for its account or sender come alone, so that mail never goes over a
/// relay that is not the sender's; among equals the weights throw the dice, and those of weight 0 stand last.
pub(super) fn order<'a>(relays: &'a [Relay], parcel: &Parcel, random: &mut impl Rng) -> Vec<&'a Relay> {
    let nearest = relays.iter().filter_map(|relay| nearness(&relay.settings, parcel)).max();
    let mut left: Vec<&Relay> =
        relays.iter().filter(|relay| nearest.is_some() && nearness(&relay.settings, parcel) == nearest).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let total: u32 = left.iter().map(|relay| relay.settings.weight).sum();
        let mut dice = if total == 0 { 0 } else { random.random_range(0..total) };
        let place = left.iter().position(|relay| {
            let is_it = dice < relay.settings.weight;
            dice = dice.saturating_sub(relay.settings.weight);
            is_it
        });
        ordered.push(left.remove(place.unwrap_or(0)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::delivery::transport::sample;

    fn relay(name: &str, change: impl FnOnce(&mut RelaySettings)) -> Relay {
        let mut relay =
            RelaySettings { name: name.to_owned(), host: "localhost".to_owned(), ..RelaySettings::default() };
        change(&mut relay);
        Relay::new(&relay, &Settings::default()).expect("relay")
    }

    fn names(relays: &[Relay], random: &mut StdRng) -> Vec<String> {
        let parcel = sample::parcel(1, "a@example.com");
        order(relays, &parcel, random).iter().map(|relay| relay.settings.name.clone()).collect()
    }

    #[test]
    fn weights_share_the_mail_and_weight_zero_only_helps_out() {
        let relays = [relay("spare", |r| r.weight = 0), relay("a", |r| r.weight = 3), relay("b", |r| r.weight = 1)];
        let mut random = StdRng::seed_from_u64(7);
        let orders: Vec<_> = (0..400).map(|_| names(&relays, &mut random)).collect();
        assert!(orders.iter().all(|order| order.len() == 3 && order[2] == "spare"));
        let n_first = orders.iter().filter(|order| order[0] == "a").count();
        assert!((250..350).contains(&n_first), "{n_first}");
    }

    #[test]
    fn a_relay_of_the_sender_or_account_comes_alone() {
        let all = || relay("all", |_| {});
        let sender = || relay("sender", |r| r.senders = vec!["Example.org".to_owned()]);
        let account = || relay("account", |r| r.accounts = vec![1]);
        let other = || relay("other", |r| r.accounts = vec![2]);
        let mut random = StdRng::seed_from_u64(7);
        assert_eq!(names(&[all(), other()], &mut random), ["all"]);
        assert_eq!(names(&[all(), sender()], &mut random), ["sender"]);
        assert_eq!(names(&[all(), sender(), account()], &mut random), ["account"]);
        assert_eq!(names(&[other()], &mut random), Vec::<String>::new());
    }

    #[test]
    fn a_relay_rests_after_troubles_in_a_row_and_longer_each_time() {
        let relay = relay("a", |_| {});
        let now = Instant::now();
        for _ in 0..MAX_TROUBLES - 1 {
            relay.note(Some(&Trouble::NoConnection), now);
        }
        assert_eq!(relay.rest(now), None);
        relay.note(None, now);
        for _ in 0..MAX_TROUBLES {
            relay.note(Some(&Trouble::Broken), now);
        }
        assert_eq!(relay.rest(now), Some(FIRST_REST));
        let later = now + FIRST_REST;
        assert_eq!(relay.rest(later), None);
        relay.note(Some(&Trouble::Broken), later);
        assert_eq!(relay.rest(later), Some(FIRST_REST * 2));
        relay.note(None, later);
        assert_eq!(relay.rest(later), None);
    }
}
