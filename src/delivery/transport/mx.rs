//! Mail to the recipients' own servers. Domains with the same servers are one destination: they share its connections and its lane
//! (ML-1.17, ML-1.18).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::envelope::Consignment;
use super::pool::{Bounds, Pool};
use super::resolver::{Host, Resolver};
use super::smtp::{Hop, Patience, Target};
use super::tls::{self, TlsError, Trust};
use super::{Delay, Outcome, Passage, Reply, Trouble};
use crate::config::{Settings, TlsMode};
use crate::delivery::throttle::sites::{Site, site_of};

/// Mail servers of a domain that are tried for one mail.
const MAX_TRIED: usize = 3;
/// An idle connection is closed after this time.
const IDLE: Duration = Duration::from_secs(15);
/// Who waits this long for a connection comes back later.
const TURN_PATIENCE: Duration = Duration::from_secs(60);
/// And after this time.
const AFTER_NO_TURN: Duration = Duration::from_secs(30);
/// Destinations without mail for so many rounds of closing are forgotten.
const QUIET_ROUNDS: u64 = 60;
/// RFC 5321 4.5.3.2, shortened for servers that are only one of many.
const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(30), command: Duration::from_secs(60), last: Duration::from_secs(600) };

/// Delivers to the recipients' own servers.
#[derive(Debug)]
pub(in crate::delivery) struct Mx {
    resolver: Resolver,
    hello_name: String,
    tls_client: Arc<rustls::ClientConfig>,
    /// Connections over all destinations.
    turns: Semaphore,
    destinations: Mutex<HashMap<String, Arc<Destination>>>,
    round: AtomicU64,
}

/// Everything that goes to the same servers.
#[derive(Debug)]
struct Destination {
    turns: Semaphore,
    pools: Mutex<HashMap<String, Arc<Pool>>>,
    used_in: AtomicU64,
}

/// Where a mail goes.
#[derive(Debug)]
pub(in crate::delivery) struct Journey {
    /// The destination's name, the same for all domains with the same servers.
    pub name: String,
    pub site: &'static Site,
    hosts: Vec<Host>,
}

impl Mx {
    pub fn new(settings: &Settings) -> Result<Self, TlsError> {
        let mx = &settings.mail.mx;
        Ok(Self {
            resolver: Resolver::new(&settings.mail),
            hello_name: settings.hello_name(),
            // RFC 7435: mail servers show whatever certificate they have; encryption without proof is better than none.
            tls_client: tls::client(Trust::Anybody)?,
            turns: Semaphore::new(mx.connections),
            destinations: Mutex::default(),
            round: AtomicU64::new(0),
        })
    }

    /// Where mail to this address goes; or what a server would say of a domain that has none.
    pub async fn journey(&self, recipient: &str) -> Result<Journey, Reply> {
        let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
        let hosts = self.resolver.hosts(domain).await?;
        let site = hosts.first().map(|host| site_of(&host.name));
        let site = site.unwrap_or_else(|| site_of(domain));
        let name = if site.name == site_of("").name {
            let mut names: Vec<String> = hosts.iter().map(|host| format!("{}:{}", host.name, host.port)).collect();
            names.sort();
            names.join(",")
        } else {
            site.name.clone()
        };
        Ok(Journey { name, site, hosts })
    }

    /// Sends one message to the first of the destination's servers that talks.
    pub async fn send(&self, journey: &Journey, consignment: &Consignment<'_>) -> Passage {
        let destination = self.destination(journey);
        let turns = async { (destination.turns.acquire().await, self.turns.acquire().await) };
        let Ok((Ok(_own), Ok(_all))) = timeout(TURN_PATIENCE, turns).await else {
            let reason = "every connection to the destination is busy".to_owned();
            return Passage::of(Outcome::NotTried(Delay { reason, pause: AFTER_NO_TURN, is_own_pace: true }));
        };
        let mut last = None;
        for host in journey.hosts.iter().take(MAX_TRIED) {
            let passage = match self.pool(&destination, host, journey.site).await {
                Ok(pool) => pool.send(consignment).await,
                Err(reply) => {
                    last.get_or_insert(unreachable(reply));
                    continue;
                }
            };
            if passage.trouble.is_none() || !matches!(passage.outcome, Outcome::NotTried(_)) {
                return passage;
            }
            last = Some(passage);
        }
        match last {
            // Nobody talks: that is said of the domain, and counts as a try.
            Some(Passage { outcome: Outcome::NotTried(delay), trouble: Some(Trouble::NoConnection) }) => {
                let text = format!("no mail server of the domain talks to us: {}", delay.reason);
                unreachable(Reply { code: 451, enhanced: Some((4, 4, 1)), text })
            }
            Some(passage) => passage,
            None => unreachable(Reply { code: 451, enhanced: Some((4, 4, 4)), text: "no mail server".to_owned() }),
        }
    }

    fn destination(&self, journey: &Journey) -> Arc<Destination> {
        let mut destinations = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        let destination = destinations.entry(journey.name.clone()).or_insert_with(|| {
            Arc::new(Destination {
                turns: Semaphore::new(journey.site.connections),
                pools: Mutex::default(),
                used_in: AtomicU64::new(0),
            })
        });
        destination.used_in.store(self.round.load(Ordering::Relaxed), Ordering::Relaxed);
        Arc::clone(destination)
    }

    /// The connections to one mail server.
    async fn pool(&self, destination: &Destination, host: &Host, site: &'static Site) -> Result<Arc<Pool>, Reply> {
        let addresses = self.resolver.addresses(host).await?;
        // Name servers turn addresses round with each answer.
        let mut sorted = addresses.clone();
        sorted.sort();
        let name = format!("{} {sorted:?}", host.name);
        let mut pools = destination.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.entry(name).or_insert_with(|| {
            let hop = self.hop(host, addresses, site);
            let bounds = Bounds { connections: site.connections, messages: site.messages, idle: IDLE };
            Arc::new(Pool::new(hop, bounds))
        });
        Ok(Arc::clone(pool))
    }

    /// How a mail server at these addresses is spoken to.
    fn hop(&self, host: &Host, addresses: Vec<SocketAddr>, site: &Site) -> Hop {
        Hop {
            name: "mx".to_owned(),
            target: Target::Addresses(addresses),
            server_name: host.name.clone(),
            tls: if site.needs_tls { TlsMode::RequiredStarttls } else { TlsMode::Starttls },
            falls_back: !site.needs_tls,
            tls_client: Arc::clone(&self.tls_client),
            login: None,
            hello_name: self.hello_name.clone(),
            patience: PATIENCE,
            pipelining: true,
        }
    }

    /// How the nearest mail server of a domain is spoken to, with its name.
    pub async fn nearest(&self, domain: &str) -> Result<(String, Hop), Reply> {
        let journey = self.journey(&format!("postmaster@{domain}")).await?;
        let mut last = None;
        for host in journey.hosts.iter().take(MAX_TRIED) {
            match self.resolver.addresses(host).await {
                Ok(addresses) => return Ok((host.name.clone(), self.hop(host, addresses, journey.site))),
                Err(reply) => last = Some(reply),
            }
        }
        let none = || Reply { code: 451, enhanced: Some((4, 4, 4)), text: "no mail server".to_owned() };
        Err(last.unwrap_or_else(none))
    }

    /// Closes what idled too long, and forgets destinations nobody writes to.
    pub async fn close_idle(&self) {
        let round = self.round.fetch_add(1, Ordering::Relaxed);
        let pools = self.pools(|used_in| round.saturating_sub(used_in) < QUIET_ROUNDS);
        futures_util::future::join_all(pools.iter().map(|pool| pool.close_idle())).await;
    }

    /// Closes everything that nobody uses.
    pub async fn close(&self) {
        let pools = self.pools(|_| true);
        futures_util::future::join_all(pools.iter().map(|pool| pool.close())).await;
    }

    /// Every pool; destinations that `stays` refuses are forgotten on the way.
    fn pools(&self, stays: impl Fn(u64) -> bool) -> Vec<Arc<Pool>> {
        let mut destinations = self.destinations.lock().unwrap_or_else(PoisonError::into_inner);
        let pools = destinations
            .values()
            .flat_map(|one| {
                one.pools.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect::<Vec<_>>()
            })
            .collect();
        destinations.retain(|_, one| stays(one.used_in.load(Ordering::Relaxed)));
        pools
    }
}

/// What is said of a domain whose servers cannot be spoken to.
fn unreachable(reply: Reply) -> Passage {
    Passage { outcome: Outcome::Refused(reply), trouble: None }
}
