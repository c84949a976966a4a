//! The load: connections that subscribe distinct addresses until the server is gone, and remember what was acknowledged.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::Value;
use tokio::task::JoinSet;

use super::Lists;
use crate::bench::client::{Connection, post};

/// Connections.
const N_WRITERS: u32 = 16;

/// What was acknowledged on each list.
#[derive(Debug, Default)]
pub struct Acknowledged {
    /// Addresses of the single opt-in list.
    pub single: Vec<String>,
    /// Addresses of the double opt-in list.
    pub double: Vec<String>,
}

/// Running writers.
pub struct Writers(JoinSet<anyhow::Result<Acknowledged>>);

/// Starts them; `round` keeps their addresses apart from other rounds'.
pub fn start(address: SocketAddr, lists: Lists, round: u32) -> Writers {
    let mut writers = JoinSet::new();
    for writer in 0..N_WRITERS {
        writers.spawn(write(address, lists, format!("r{round}w{writer}")));
    }
    Writers(writers)
}

impl Writers {
    /// What they were told, once the server is gone.
    ///
    /// # Errors
    /// When the server answered nonsense before.
    pub async fn finish(mut self) -> anyhow::Result<Acknowledged> {
        let mut all = Acknowledged::default();
        while let Some(joined) = self.0.join_next().await {
            let one = joined.context("a writer panicked")??;
            all.single.extend(one.single);
            all.double.extend(one.double);
        }
        Ok(all)
    }
}

async fn write(address: SocketAddr, lists: Lists, name: String) -> anyhow::Result<Acknowledged> {
    let mut acknowledged = Acknowledged::default();
    let Ok(mut connection) = Connection::open(address).await else { return Ok(acknowledged) };
    for n in 0_u64.. {
        let email = format!("{name}n{n}@example.com");
        let is_double = n % 8 == 7;
        let list = if is_double { lists.double } else { lists.single };
        let form = format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress={email}&IPAddress=192.0.2.7");
        // A broken connection is the kill; whether its last request was done is nobody's promise.
        let Ok((_, body)) = connection.exchange(&post(&form)).await else { break };
        let answer: Value = serde_json::from_slice(body).context("no JSON")?;
        // While PostgreSQL is away the server refuses, which promises nothing either.
        if answer["Success"] == true {
            if is_double { &mut acknowledged.double } else { &mut acknowledged.single }.push(email);
        }
    }
    Ok(acknowledged)
}
