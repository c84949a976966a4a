//! Rows about clients that take their time or leave. They last as long as the server's clocks, and go on beside each other.

use std::io;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use anyhow::Context;

use super::probe::{Probe, changed};
use super::set::Service;
use super::set::slow::{Manner, Seen, behave};
use super::store::Kept;
use super::table::{Line, Side};
use crate::contract::http::Server;

/// All of these together may take this much memory, in KiB: five connections with their buffers of some 64 KiB, and the beginnings of bodies.
const BOUND_KIB: u64 = 1024;
/// Longer than any of the server's clocks.
const PATIENCE: Duration = Duration::from_secs(45);

/// A manner, and between which times the connection ends: the clock, and a second or two for the machine.
struct Clock {
    name: &'static str,
    manner: Manner,
    seconds: (u64, u64),
    is_as_it_should: fn(&Service, &Seen) -> bool,
    shown: &'static str,
}

/// The head's clock is the web server's, the body's are ours (SO-4.1, SO-4.3).
const CLOCKS: [Clock; 5] = [
    Clock {
        name: "slow head",
        manner: Manner::SlowHead,
        seconds: (9, 13),
        is_as_it_should: |service, seen| !seen.text.contains("200 OK") && !seen.text.contains(service.done),
        shown: "closed",
    },
    Clock {
        name: "slow body: it stops",
        manner: Manner::StalledBody,
        seconds: (5, 7),
        is_as_it_should: |_, seen| seen.is_let_go(),
        shown: "500 Client LimitExceeded, closed",
    },
    Clock {
        name: "slow body: it never ends",
        manner: Manner::EndlessBody,
        seconds: (30, 32),
        is_as_it_should: |_, seen| seen.is_let_go(),
        shown: "500 Client LimitExceeded, closed",
    },
    Clock {
        name: "closed half after the call",
        manner: Manner::ClosedHalf,
        seconds: (0, 1),
        is_as_it_should: |service, seen| {
            seen.text.contains(service.done) && seen.text.ends_with("</SOAP-ENV:Envelope>\n")
        },
        shown: "200 done",
    },
    Clock {
        name: "closed half within the body",
        manner: Manner::BrokenOff,
        seconds: (0, 1),
        is_as_it_should: |service, seen| !seen.text.contains(service.done),
        shown: "not done, closed",
    },
];

/// The longest of them, to be started before everything else.
pub fn endless(address: &Server, service: &Service) -> io::Result<Seen> {
    behave(address, service, Manner::EndlessBody, PATIENCE)
}

/// All of them; `endless` has been going on. `first` is what was kept before any row: a mail that one caused has come by now.
///
/// # Errors
/// When the server is gone.
pub fn rows(
    probe: &Probe<'_>,
    first: &Kept,
    endless: ScopedJoinHandle<'_, io::Result<Seen>>,
) -> anyhow::Result<Vec<Line>> {
    let before = probe.store.look()?;
    let mark = probe.memory.mark();
    let seen: Vec<io::Result<Seen>> = std::thread::scope(|scope| {
        let mut endless = Some(endless);
        let going: Vec<_> = CLOCKS
            .iter()
            .map(|clock| match endless.take_if(|_| clock.manner == Manner::EndlessBody) {
                Some(endless) => endless,
                None => scope.spawn(|| behave(&probe.address, probe.service, clock.manner, PATIENCE)),
            })
            .collect();
        let ended = |one: ScopedJoinHandle<'_, io::Result<Seen>>| {
            one.join().unwrap_or_else(|_| Err(io::Error::other("the client panicked")))
        };
        going.into_iter().map(ended).collect()
    });
    let grown = probe.memory.grown_since(mark);
    let n_done = CLOCKS.iter().filter(|clock| clock.shown.ends_with("done")).count();
    let after = probe.store.look()?;
    let change = changed(&before, &after, u64::try_from(n_done)?);
    let n_mails = after.n_mails.abs_diff(first.n_mails);
    let mut lines = Vec::new();
    for (clock, seen) in CLOCKS.iter().zip(seen) {
        lines.push(clock.judge(probe.service, seen.with_context(|| clock.name.to_owned())?, grown));
    }
    if let Some(last) = lines.last_mut() {
        last.wrong.extend(change);
        last.wrong.extend((n_mails > 0).then(|| format!("all rows together sent {n_mails} mails")));
    }
    Ok(lines)
}

impl Clock {
    fn judge(&self, service: &Service, seen: Seen, grown: Option<u64>) -> Line {
        let (from, to) = self.seconds;
        let mut wrong = Vec::new();
        if !(self.is_as_it_should)(service, &seen) {
            wrong.push(format!("answered {:?}", seen.text.chars().take(600).collect::<String>()));
        }
        if seen.took < Duration::from_secs(from) || seen.took > Duration::from_secs(to) {
            wrong.push(format!("it ended after {:.1} s", seen.took.as_secs_f64()));
        }
        if grown.is_some_and(|grown| grown > BOUND_KIB) {
            wrong.push("memory grew by more than all of these may take".to_owned());
        }
        let shown = if wrong.is_empty() { self.shown } else { "WRONG" };
        let (mut allowed, mut refused) = (Side::default(), Side::default());
        let side = if self.shown == "200 done" { &mut allowed } else { &mut refused };
        side.add(shown.to_owned(), seen.took, grown);
        let bounds = format!("{from}-{to} s, all {} MiB", BOUND_KIB / 1024);
        Line { name: self.name.to_owned(), allowed, refused, bounds, wrong }
    }
}
