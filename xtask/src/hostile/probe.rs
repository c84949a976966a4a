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

/// What a message may cost that comes as it is, in KiB: four times the limit on a body, which is 1 MiB. The body itself, once more while its
/// buffer grows or as text of another character set, and two for the tree of 20,000 elements that fit into it.
const PLAIN_KIB: u64 = 4 * 1024;
/// What a compressed one may cost: twice the limit on an inflated body, which is 4 MiB, for the buffer that grows while it is inflated. What
/// is inflated that far has no elements in proportion: the tree's share is bounded by the number of elements.
const INFLATED_KIB: u64 = 8 * 1024;

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
    /// Sends a few good calls, so that what is made once does not count for the first row. What is kept then.
    ///
    /// # Errors
    /// When they are not done.
    pub fn warm_up(&self) -> anyhow::Result<Kept> {
        for n in 0..20 {
            let case = Case::new(format!("{n}"), self.service.call(""), Expected::Done);
            let answer = self.post(&case)?;
            ensure!(check(self.service, &case, &answer).is_ok(), "a good call: {}", answer.text());
        }
        self.store.look()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_what_the_answers_say() {
        let kept = |n_contacts: u64, n_mails: usize, text: &str| Kept { n_contacts, n_mails, text: text.to_owned() };
        let before = kept(3, 1, "a");
        for (after, n_done, is_good) in [
            (kept(3, 1, "a"), 0, true),
            (kept(4, 1, "b"), 1, true),
            (kept(4, 1, "b"), 0, false),
            (kept(3, 1, "a"), 1, false),
            (kept(3, 2, "a"), 0, false),
            (kept(3, 1, "b"), 0, false),
            (kept(2, 1, "b"), 0, false),
        ] {
            assert_eq!(changed(&before, &after, n_done).is_none(), is_good, "{after:?} {n_done}");
        }
    }
}
