//! Clients that log in before every call: what a repeated `User.Login` of one account costs.

use std::time::Duration;

use anyhow::ensure;

use super::client::Api;
use super::figures::{Times, below};
use super::program::Running;

/// Logins after the first.
const N_LOGINS: usize = 200;

/// Logs in again and again and prints the times.
///
/// # Errors
/// When a login is refused.
pub async fn run(server: &Running, password: &str) -> anyhow::Result<()> {
    // The password is letters and digits; no escapes are needed.
    let form = format!("Command=User.Login&Username={}&Password={password}", server.first("account_username")?);
    let mut api = Api::open(server.address, "").await?;
    let first = login(&mut api, &form).await?;
    let mut times = Vec::new();
    for _ in 0..N_LOGINS {
        times.push(login(&mut api, &form).await?);
    }
    let times = Times::of(&times);
    println!("\nUser.Login of one account, {N_LOGINS} times after the first");
    println!("  first {:.1} ms, then p50 and p99 ms: {}", first.as_secs_f64() * 1000.0, times.shown());
    below("median", times.at(50), 5.0, "ms");
    Ok(())
}

async fn login(api: &mut Api, form: &str) -> anyhow::Result<Duration> {
    let (answer, took) = api.timed(form).await?;
    ensure!(answer["Success"] == true, "User.Login: {answer}");
    Ok(took)
}
