//! What the server acknowledged so far, against what it has after a restart.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Context;

use super::Lists;
use super::writers::Acknowledged;
use crate::bench::client::Api;

/// Rows of a page.
const PAGE: usize = 2_000;

/// Everything acknowledged, and who was found waiting for a confirmation.
#[derive(Debug)]
pub struct Ledger {
    lists: Lists,
    single: BTreeSet<String>,
    double: BTreeSet<String>,
    pending: BTreeSet<String>,
}

/// What a look after a restart found.
#[derive(Debug, Default)]
pub struct Found {
    n_acknowledged: usize,
    n_found: usize,
    n_missing: usize,
    n_unacknowledged: usize,
    wrong_totals: Vec<String>,
}

impl Found {
    /// Whether nothing is missing and every total is that of the rows.
    pub fn is_good(&self) -> bool {
        self.n_missing == 0 && self.wrong_totals.is_empty()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (acknowledged, found, missing) = (self.n_acknowledged, self.n_found, self.n_missing);
        write!(out, "{acknowledged:>12} {found:>6} {missing:>8} {:>25}  ", self.n_unacknowledged)?;
        let wrong = self.wrong_totals.join("; ");
        out.write_str(if wrong.is_empty() { "right" } else { &wrong })
    }
}

impl Ledger {
    /// An empty one.
    pub fn new(lists: Lists) -> Self {
        Self { lists, single: BTreeSet::new(), double: BTreeSet::new(), pending: BTreeSet::new() }
    }

    /// Enters what was acknowledged.
    pub fn add(&mut self, acknowledged: Acknowledged) {
        self.single.extend(acknowledged.single);
        self.double.extend(acknowledged.double);
    }

    /// Who waited for a confirmation at the last look.
    pub fn pending(&self) -> &BTreeSet<String> {
        &self.pending
    }

    /// Reads both lists and compares; `Lists.Get`'s counts too.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn look(&mut self, api: &mut Api) -> anyhow::Result<Found> {
        let mut found = Found::default();
        let counts = api.call("Command=Lists.Get").await?;
        for (list, segment, key) in
            [(self.lists.single, "Active", "SubscriberCount"), (self.lists.double, "Opt-in+pending", "")]
        {
            let (rows, n_rows, n_total) = rows(api, list, segment).await?;
            let is_single = list == self.lists.single;
            let acknowledged = if is_single { &self.single } else { &self.double };
            found.n_acknowledged += acknowledged.len();
            found.n_found += rows.len();
            found.n_missing += acknowledged.difference(&rows).count();
            found.n_unacknowledged += rows.difference(acknowledged).count();
            if n_total != n_rows || rows.len() != n_rows {
                found.wrong_totals.push(format!("list {list}: {n_rows} rows, total {n_total}"));
            }
            if !key.is_empty() {
                let shown = count_of(&counts, list, key)?;
                if shown != n_rows {
                    found.wrong_totals.push(format!("list {list}: {n_rows} rows, Lists.Get says {shown}"));
                }
            }
            if !is_single {
                self.pending = rows;
            }
        }
        Ok(found)
    }
}

/// Every address of a segment, how many rows were read, and the total that the answers name.
async fn rows(api: &mut Api, list: i64, segment: &str) -> anyhow::Result<(BTreeSet<String>, usize, usize)> {
    let (mut addresses, mut n_rows) = (BTreeSet::new(), 0);
    loop {
        let answer = api
            .call(&format!(
                "Command=Subscribers.Get&SubscriberListID={list}&SubscriberSegment={segment}\
                 &OrderField=EmailAddress&OrderType=ASC&RecordsFrom={n_rows}&RecordsPerRequest={PAGE}"
            ))
            .await?;
        let page = answer["Subscribers"].as_array().map(Vec::as_slice).unwrap_or_default();
        for row in page {
            let email = row["EmailAddress"].as_str().with_context(|| format!("no EmailAddress: {row}"))?;
            addresses.insert(email.to_owned());
        }
        n_rows += page.len();
        if page.len() < PAGE {
            let total = answer["TotalSubscribers"].as_u64().context("no TotalSubscribers")?;
            return Ok((addresses, n_rows, usize::try_from(total)?));
        }
    }
}

/// A count of a list in the answer of `Lists.Get`.
fn count_of(answer: &serde_json::Value, list: i64, key: &str) -> anyhow::Result<usize> {
    let lists = answer["Lists"].as_array().context("no Lists")?;
    let row = lists.iter().find(|row| number(&row["ListID"]) == u64::try_from(list).ok());
    let count = row.and_then(|row| number(&row[key])).with_context(|| format!("no {key} of list {list}: {answer}"))?;
    Ok(usize::try_from(count)?)
}

/// A number, also when it is written as text.
fn number(value: &serde_json::Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
