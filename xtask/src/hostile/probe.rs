//! Sending the rows one after the other, each between two looks at the server.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::PATIENCE;
use super::memory::Memory;
use super::set::answers::check;
use super::set::{Case, Expected, Row, Service};
use super::store::{Kept, Store};
use super::table::{Line, Side};
use crate::contract::http::{Answer, Server};

/// What one plain message may cost, in KiB: its body at the limit of 1 MiB, received into a buffer that grows by doubling, once more as text in
/// another character set, and as a tree of 20,000 elements with their attributes, 2 to 3 MiB; twice that, because freed pieces are not
/// given back at once.
const PLAIN_KIB: u64 = 12 * 1024;
/// What a compressed one may cost: 4 MiB once inflated, into a buffer that is copied when it doubles, and all of the above.
const INFLATED_KIB: u64 = 24 * 1024;

/// Whom to send to and what to look at.
pub struct Probe<'s> {
    /// The server.
    pub address: Server,
    /// Its service.
    pub service: &'s Service,
    /// Its process.
    pub memory: Memory,
    /// What it keeps.
    pub store: Store,
}

impl Probe<'_> {
    /// Sends a few good calls, so that what is made once does not count for the first row.
    ///
    /// # Errors
    /// When they are not done.
    pub fn warm_up(&self) -> anyhow::Result<()> {
        for n in 0..20 {
            let case = Case::new(format!("{n}"), self.service.call(""), Expected::Done);
            let answer = self.post(&case)?;
            ensure!(check(self.service, &case, &answer).is_ok(), "a good call: {}", answer.text());
        }
        self.store.look().map(drop)
    }

    /// Sends a row.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn row(&mut self, row: Row) -> anyhow::Result<Line> {
        let is_packed = |case: &Case| case.fields.iter().any(|(name, _)| name == "Content-Encoding");
        let has_packed = row.allowed.iter().chain(&row.refused).any(is_packed);
        let bound_kib = if has_packed { INFLATED_KIB } else { PLAIN_KIB };
        let mut wrong = Vec::new();
        let allowed = self.side(&row.allowed, bound_kib, &mut wrong)?;
        let refused = self.side(&row.refused, bound_kib, &mut wrong)?;
        let bounds = format!("{} s, {} MiB", PATIENCE.as_secs(), bound_kib / 1024);
        Ok(Line { name: row.name.to_owned(), allowed, refused, bounds, wrong })
    }

    fn side(&self, cases: &[Case], bound_kib: u64, wrong: &mut Vec<String>) -> anyhow::Result<Side> {
        let mut side = Side::default();
        if cases.is_empty() {
            return Ok(side);
        }
        let before = self.store.look()?;
        let mut n_done = 0;
        for case in cases {
            let mark = self.memory.mark();
            let (answer, took) = self.timed(case)?;
            let grown = self.memory.grown_since(mark);
            match check(self.service, case, &answer) {
                Ok(shown) => side.add(shown, took, grown),
                Err(reason) => {
                    side.add("WRONG".to_owned(), took, grown);
                    wrong.push(format!("{}: {reason}", case.name));
                }
            }
            n_done += u64::from(answer.text().contains(self.service.done));
            if took >= PATIENCE {
                wrong.push(format!("{}: it took {:.1} s", case.name, took.as_secs_f64()));
            }
            if grown.is_some_and(|grown| grown > bound_kib) {
                wrong.push(format!("{}: memory grew by {} KiB", case.name, grown.unwrap_or_default()));
            }
        }
        wrong.extend(changed(&before, &self.store.look()?, n_done));
        Ok(side)
    }

    /// A machine that is busy with something else gets a second try; what is slow by itself is slow again.
    fn timed(&self, case: &Case) -> anyhow::Result<(Answer, Duration)> {
        let begun = Instant::now();
        let answer = self.post(case)?;
        let took = begun.elapsed();
        if took < PATIENCE {
            return Ok((answer, took));
        }
        let begun = Instant::now();
        self.post(case)?;
        Ok((answer, begun.elapsed().min(took)))
    }

    fn post(&self, case: &Case) -> anyhow::Result<Answer> {
        let answer = self.address.send("POST", self.service.path, "HTTP/1.1", &case.fields, &case.body);
        answer.with_context(|| format!("no answer to {}", case.name))
    }
}

/// What the store has that the answers do not account for: each call that was done made one contact, and nothing else happened.
pub fn changed(before: &Kept, after: &Kept, n_done: u64) -> Option<String> {
    let n_new = after.n_contacts - before.n_contacts.min(after.n_contacts);
    if n_new != n_done || after.n_mails != before.n_mails {
        let n_mails = after.n_mails.abs_diff(before.n_mails);
        return Some(format!("{n_done} calls were done, yet {n_new} contacts and {n_mails} mails are new"));
    }
    (n_done == 0 && before != after).then(|| "nothing was done, yet the store has changed".to_owned())
}
