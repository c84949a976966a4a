//! Sender domains that start slowly: so many messages on the first day, twice as many on each further one (ML-3.6).

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::sender_domains::WarmUpRow;

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// A warm-up is over once its day lets this many through.
const OVER: i64 = 1_000_000;

/// A domain's warm-up as the layers above see it.
pub type WarmUp = WarmUpRow;

/// Why a warm-up was not begun, looked at or counted.
#[derive(Debug, thiserror::Error)]
pub enum WarmUpError {
    /// Not one message a day or more.
    #[error("a warm-up begins with 1 to {OVER} messages a day")]
    BadCap,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// The domain has no warm-up, or it is over.
    Unbounded,
    /// So many now; whoever sends more asks again.
    Some(u64),
    /// None until then.
    NoneUntil(UtcTime),
}

/// Begins a warm-up today, or begins it anew.
///
/// # Errors
/// [`WarmUpError`].
pub fn begin(cx: &mut Ctx<'_>, domain: &str, first_cap: i64) -> Result<(), WarmUpError> {
    cx.administrator()?;
    if !(1..=OVER).contains(&first_cap) {
        return Err(WarmUpError::BadCap);
    }
    let day = day_of(cx.now);
    let row = WarmUpRow { domain: domain.to_ascii_lowercase(), first_day: day, first_cap, day, n_taken: 0 };
    Ok(cx.tx.put_warm_up(&row)?)
}

/// Ends a warm-up.
///
/// # Errors
/// [`WarmUpError`].
pub fn end(cx: &mut Ctx<'_>, domain: &str) -> Result<(), WarmUpError> {
    cx.administrator()?;
    Ok(cx.tx.delete_warm_up(&domain.to_ascii_lowercase())?)
}

/// A domain's warm-up, and how many messages its day has.
///
/// # Errors
/// [`WarmUpError`].
pub fn find(cx: &mut Ctx<'_>, domain: &str) -> Result<Option<(WarmUp, i64)>, WarmUpError> {
    cx.administrator()?;
    let found = cx.tx.find_warm_up(&domain.to_ascii_lowercase())?;
    Ok(found.map(|row| {
        let cap = cap_on(&row, day_of(cx.now));
        (row, cap)
    }))
}

/// Whether a domain has a warm-up that is not over.
///
/// # Errors
/// [`WarmUpError`].
pub fn is_bound(cx: &mut Ctx<'_>, domain: &str) -> Result<bool, WarmUpError> {
    Ok(find(cx, domain)?.is_some_and(|(_, cap)| cap < OVER))
}

/// Takes a share of the day's messages for one node: a twentieth of them, so that a node that dies wastes little and several share the day.
///
/// # Errors
/// [`WarmUpError`].
pub fn take(cx: &mut Ctx<'_>, domain: &str) -> Result<Allowance, WarmUpError> {
    cx.administrator()?;
    let domain = domain.to_ascii_lowercase();
    let day = day_of(cx.now);
    let Some(row) = cx.tx.find_warm_up(&domain)? else { return Ok(Allowance::Unbounded) };
    let cap = cap_on(&row, day);
    if cap >= OVER {
        return Ok(Allowance::Unbounded);
    }
    cx.tx.turn_warm_up(&domain, day)?;
    for share in [(cap / 20).max(1), 1] {
        if cx.tx.take_of_warm_up(&domain, share, cap)? {
            return Ok(Allowance::Some(u64::try_from(share).unwrap_or(1)));
        }
    }
    Ok(Allowance::NoneUntil(UtcTime((day + 1).saturating_mul(DAY_MICROS))))
}

fn day_of(now: UtcTime) -> i64 {
    now.0.div_euclid(DAY_MICROS)
}

fn cap_on(row: &WarmUpRow, day: i64) -> i64 {
    let n_doublings = u32::try_from((day - row.first_day).clamp(0, 30)).unwrap_or(0);
    row.first_cap.saturating_mul(1 << n_doublings)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::sample::Sample;
    use crate::domain::workload::WorkError;

    /// How many messages may go on one day.
    fn n_on(cx: &mut Ctx<'_>, now: UtcTime) -> Result<u64, WorkError> {
        cx.now = now;
        let mut n = 0;
        loop {
            match take(cx, "Example.org").map_err(|error| error.to_string()).expect("taken") {
                Allowance::Some(share) => n += share,
                Allowance::Unbounded => return Ok(u64::MAX),
                Allowance::NoneUntil(then) => {
                    assert!(then.0 > now.0 && then.0 - now.0 <= DAY_MICROS);
                    return Ok(n);
                }
            }
        }
    }

    #[tokio::test]
    async fn each_day_lets_twice_as_many_through_until_it_is_over() {
        let sample = Sample::open().await;
        let counted = sample.write(|cx| {
            let start = cx.now;
            assert_eq!(n_on(cx, start)?, u64::MAX, "without a warm-up there is no bound");
            begin(cx, "example.org", 50).map_err(|error| error.to_string()).expect("begun");
            assert!(begin(cx, "example.org", 0).is_err());
            let mut counted = Vec::new();
            for day in [0, 0, 1, 2, 3, 20] {
                counted.push(n_on(cx, start.plus(Duration::from_secs(day * 86_400)))?);
            }
            end(cx, "EXAMPLE.org").map_err(|error| error.to_string()).expect("ended");
            counted.push(n_on(cx, start)?);
            Ok(counted)
        });
        assert_eq!(counted.await.expect("store"), [50, 0, 100, 200, 400, u64::MAX, u64::MAX]);
    }
}
