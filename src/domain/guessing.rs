//! Slows the guessing of passwords. Wrong ones are counted in the database, so that every node agrees.
//!
//! Three counters move with each wrong password: the name from this address, the name from anywhere, the address whatever the name. Each may fail
//! a number of times for nothing; then a wait follows every failure, twice as long each time. While it lasts a try is answered like a wrong
//! password, unread and uncounted: it costs no hash, and an attacker cannot make the wait longer than its bound.
//!
//! - The name's own counter, which meets guessing from many addresses, holds back only addresses that failed for this name before. So an attacker
//!   elsewhere cannot keep the rightful owner out, and each of his addresses has one try an hour.
//! - An address gets ten times the free tries: it may be a site that logs in for many accounts.

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::cx::Ctx;
use crate::domain::secrets::digest;
use crate::model::time::UtcTime;
use crate::store::StoreError;

/// The wait after the first failure that is not free.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// A counter whose last failure is older starts anew.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// How many times the free tries of a name an address has.
const TRIES_OF_ADDRESS: i64 = 10;

/// What is guessed and from where: digests, so that nothing typed by mistake into a name is stored.
#[derive(Debug, Clone)]
pub struct Target {
    pair: String,
    name: String,
    address: String,
}

/// Where a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Answer like a wrong password, without looking at the password.
    pub is_held: bool,
    /// Wrong passwords were counted for this name; [`forgive`] them when the right one comes.
    pub has_failures: bool,
}

impl Target {
    /// `realm` tells kinds of logins apart, such as `account`; `name` is what is logged in to, in the form in which it is compared.
    #[must_use]
    pub fn new(cx: &Ctx<'_>, realm: &str, name: &str) -> Self {
        let net = network(&cx.origin.ip);
        Self {
            pair: digest(&format!("pair\n{realm}\n{net}\n{name}")),
            name: digest(&format!("name\n{realm}\n{name}")),
            address: digest(&format!("address\n{net}")),
        }
    }
}

/// Asks whether a try may be looked at.
///
/// # Errors
/// [`StoreError`] only.
pub fn standing(cx: &mut Ctx<'_>, target: &Target) -> Result<Standing, StoreError> {
    let since = cx.now.minus(FORGOTTEN_AFTER);
    let pair = cx.tx.find_login_failures(&target.pair, since)?;
    let name = cx.tx.find_login_failures(&target.name, since)?;
    let address = cx.tx.find_login_failures(&target.address, since)?;
    let free = i64::from(cx.settings.security.free_login_failures);
    let waits = |counter: Option<(i64, UtcTime)>, free: i64| {
        counter.is_some_and(|(n, last)| last.plus(wait_after(n, free)) > cx.now)
    };
    let is_held = waits(pair, free)
        || (pair.is_some() && waits(name, free))
        || waits(address, free.saturating_mul(TRIES_OF_ADDRESS));
    Ok(Standing { is_held, has_failures: pair.is_some() || name.is_some() })
}

/// Counts a wrong password. Always in this order, so that two transactions never wait for each other.
///
/// # Errors
/// [`StoreError`] only.
pub fn note_failure(cx: &mut Ctx<'_>, target: &Target) -> Result<(), StoreError> {
    let since = cx.now.minus(FORGOTTEN_AFTER);
    for key in [&target.pair, &target.name, &target.address] {
        cx.tx.count_login_failure(key, cx.now, since)?;
    }
    Ok(())
}

/// Forgets the wrong passwords of a name after its right one. Those of the address stay: an attacker may have an account of his own.
///
/// # Errors
/// [`StoreError`] only.
pub fn forgive(cx: &mut Ctx<'_>, target: &Target) -> Result<(), StoreError> {
    cx.tx.delete_login_failures(&target.pair)?;
    cx.tx.delete_login_failures(&target.name)
}

/// Removes up to `n` counters that no longer count; answers how many. For the worker that tidies up.
///
/// # Errors
/// [`StoreError`] only.
pub fn sweep(cx: &mut Ctx<'_>, n: i64) -> Result<usize, StoreError> {
    let since = cx.now.minus(FORGOTTEN_AFTER);
    cx.tx.sweep_login_failures(since, n)
}

/// The wait after the `n`-th failure when `free` are free.
fn wait_after(n: i64, free: i64) -> Duration {
    let beyond = n.saturating_sub(free);
    if n <= 0 || beyond < 0 {
        return Duration::ZERO;
    }
    let doublings = u32::try_from(beyond).unwrap_or(u32::MAX);
    LONGEST_WAIT.min(FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)))
}

/// An address as one party: IPv6 by its /64, which one customer has whole.
fn network(ip: &str) -> String {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => v6.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
        },
        _ => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = [0, 1, 4, 5, 6, 7, 12, 13, 100, i64::MAX].map(|n| wait_after(n, 5).as_secs()).to_vec();
        assert_eq!(seconds, [0, 0, 0, 5, 10, 20, 640, 900, 900, 900]);
        assert_eq!(wait_after(0, 0), Duration::ZERO);
        assert!(LONGEST_WAIT < FORGOTTEN_AFTER);
    }

    #[test]
    fn an_ipv6_customer_is_one_party() {
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_eq!(network(""), "");
    }
}
