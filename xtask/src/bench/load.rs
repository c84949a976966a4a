//! The load generator: many keep-alive connections on one thread, requests that differ only in a number of fixed width.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::task::LocalSet;

use super::client::Connection;
use super::figures::Times;

/// The number's place in a request.
pub const NUMBER: &str = "{000000000}";

/// The `n`th number: all differ, below a billion and in no order, as addresses arrive in none.
pub fn spread(n: u64) -> u64 {
    n.wrapping_mul(618_033_989) % 1_000_000_007
}

/// The address with the `n`th number, as in a request with [`NUMBER`] in its place.
pub fn address(n: u64) -> String {
    format!("load{:011}@example.com", spread(n))
}

/// What to send, how often.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// Connections that each send one request after another.
    pub n_connections: usize,
    /// The request, with [`NUMBER`] where each has a number of its own.
    pub request: Vec<u8>,
    /// Where the numbers begin; see [`spread`].
    pub first: u64,
    /// Requests at most.
    pub max_requests: u64,
    /// No request starts after this long.
    pub span: Duration,
    /// What the body of every good answer begins with.
    pub expected: &'static str,
}

/// What came of it.
#[derive(Debug)]
pub struct Load {
    /// Every request's time.
    pub times: Times,
    /// From the first request to the last answer.
    pub took: Duration,
    /// One answer's body.
    pub body: Vec<u8>,
}

impl Load {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }
}

struct Shared {
    plan: Plan,
    next: Cell<u64>,
    until: Instant,
}

impl Shared {
    fn take_number(&self) -> Option<u64> {
        let number = self.next.get();
        if number >= self.plan.max_requests || Instant::now() >= self.until {
            return None;
        }
        self.next.set(number + 1);
        Some(spread(self.plan.first + number))
    }
}

/// Runs the plan on a thread of its own.
///
/// # Errors
/// The first answer that is not as expected, or a broken connection.
pub async fn run(plan: Plan) -> anyhow::Result<Load> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, run_here(plan))
    })
    .await
    .context("the load generator panicked")?
}

async fn run_here(plan: Plan) -> anyhow::Result<Load> {
    let mut connections = Vec::new();
    for _ in 0..plan.n_connections {
        connections.push(Connection::open(plan.address).await.context("cannot connect")?);
    }
    let started = Instant::now();
    let patience = plan.span + Duration::from_secs(60);
    let shared = Rc::new(Shared { until: started + plan.span, next: Cell::new(0), plan });
    let senders: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::task::spawn_local(send(connection, Rc::clone(&shared))))
        .collect();
    let (mut micros, mut body) = (Vec::new(), Vec::new());
    tokio::time::timeout(patience, async {
        for sender in senders {
            let (more, last) = sender.await.context("a sender panicked")??;
            micros.extend(more);
            body = last;
        }
        anyhow::Ok(())
    })
    .await
    .context("answers are missing")??;
    Ok(Load { took: started.elapsed(), times: Times::new(micros), body })
}

async fn send(mut connection: Connection, shared: Rc<Shared>) -> anyhow::Result<(Vec<u32>, Vec<u8>)> {
    let mut request = shared.plan.request.clone();
    let place = request.windows(NUMBER.len()).position(|window| window == NUMBER.as_bytes());
    let (mut micros, mut last) = (Vec::new(), Vec::new());
    while let Some(number) = shared.take_number() {
        if let Some(place) = place {
            write_number(&mut request[place..place + NUMBER.len()], number);
        }
        let started = Instant::now();
        let (status, body) = connection.exchange(&request).await?;
        micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        let is_expected = status == 200 && body.starts_with(shared.plan.expected.as_bytes());
        ensure!(is_expected, "status {status}: {}", String::from_utf8_lossy(body));
        if last.is_empty() {
            last = body.to_vec();
        }
    }
    Ok((micros, last))
}

fn write_number(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_numbers_differ() {
        let numbers: std::collections::BTreeSet<u64> = (0..10_000).map(spread).collect();
        assert_eq!(numbers.len(), 10_000);
        assert_eq!(address(1), "load00618033989@example.com");
    }

    #[test]
    fn numbers_keep_their_width() {
        let mut place = *b"{000}";
        write_number(&mut place, 407);
        assert_eq!(&place, b"00407");
    }
}
