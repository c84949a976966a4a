//! Messages that want to do harm: each row of the hostile set, each answered within a second (SO-4, SO-2.3, SO-2.4).

use std::time::{Duration, Instant};

use understudy::dialects::kit::soap::limits::Limits;

use super::{TestEcho, everything, fault, hostile_service};
use crate::contract::http::Answer;
use crate::hostile_set::answers::check;
use crate::hostile_set::slow::{Manner, behave};
use crate::hostile_set::{Case, Row, bodies, characters, documents, limits, references};

/// Everything is answered within this time, in a build that is not optimised.
const PATIENCE: Duration = Duration::from_secs(1);

/// A machine that is busy with something else gets a second try; what is slow by itself is slow again.
fn timed(what: &str, work: impl Fn() -> Answer) -> Answer {
    let once = || {
        let begun = Instant::now();
        let answer = work();
        (answer, begun.elapsed())
    };
    let (answer, took) = once();
    let (answer, took) = if took < PATIENCE { (answer, took) } else { once() };
    assert!(took < PATIENCE, "{what} took {took:?}");
    answer
}

/// Sends every message of the rows; what is allowed is done, what is not is refused as it should be.
fn sent(rows: Vec<Row>) {
    let echo = TestEcho::start();
    let service = hostile_service();
    assert!(rows.iter().all(|row| row.allowed.len() + row.refused.len() > 0) && !rows.is_empty());
    for row in &rows {
        for case in row.allowed.iter().chain(&row.refused) {
            let what = format!("{}: {}", row.name, case.name);
            let send = |case: &Case| echo.server.send("POST", "/soap", "HTTP/1.1", &case.fields, &case.body).unwrap();
            let answer = timed(&what, || send(case));
            check(&service, case, &answer).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        }
    }
}

#[test]
fn what_a_message_holds_is_bounded() {
    sent(limits::rows(&hostile_service()));
}

#[test]
fn references_are_bounded() {
    sent(references::rows(&hostile_service()));
}

#[test]
fn bodies_and_heads_are_bounded() {
    sent(bodies::rows(&hostile_service()));
}

#[test]
fn character_sets_are_what_they_are_said_to_be() {
    sent(characters::rows(&hostile_service()));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    sent(documents::rows(&hostile_service()));
    let echo = TestEcho::start();
    let seen = fault("control character", &echo.send("<a>\u{1}</a>"));
    assert!(seen.message.ends_with("at byte 3"), "{seen:?}");
}

#[test]
fn slow_senders_are_let_go() {
    let echo = TestEcho::start_with(|settings| {
        settings.limits.body_grace = Duration::from_millis(200);
        settings.limits.body_time = Duration::from_secs(1);
    });
    let service = hostile_service();
    let seen = |manner| behave(&echo.server, &service, manner, Duration::from_secs(10)).unwrap();
    let stalled = seen(Manner::StalledBody);
    assert!(stalled.is_let_go() && stalled.took < Duration::from_millis(900), "{stalled:?}");
    let endless = seen(Manner::EndlessBody);
    assert!(endless.is_let_go() && endless.took > Duration::from_millis(900), "{endless:?}");
    // A head that does not end: the connection ends.
    assert!(seen(Manner::SlowHead).took < Duration::from_secs(3));
}

#[test]
fn a_client_that_closes_its_half_gets_its_answer() {
    let echo = TestEcho::start();
    let service = hostile_service();
    let seen = |manner| behave(&echo.server, &service, manner, Duration::from_secs(5)).unwrap();
    let closed = seen(Manner::ClosedHalf);
    assert!(closed.text.contains(service.done) && closed.text.ends_with("</SOAP-ENV:Envelope>\n"), "{closed:?}");
    let broken = seen(Manner::BrokenOff);
    assert!(!broken.text.contains(service.done), "{broken:?}");
}

/// The greatest values that can be set hold too: what nests that deep neither overflows a stack nor takes long.
#[test]
fn the_greatest_limits_hold() {
    let greatest = Limits { depth: 256, hops: 64, ..Limits::default() };
    let echo = TestEcho::start_with(|settings| settings.limits = greatest.clone());
    let maps = |n: usize| {
        let (begin, end) = ("<item><key>k</key><value>".repeat(n), "</value></item>".repeat(n));
        everything(&format!("<vAny>{begin}x{end}</vAny>"))
    };
    assert_eq!(timed("maps", || echo.send(&maps(125))).status, 200);
    let seen = fault("maps", &timed("maps", || echo.send(&maps(126))));
    assert_eq!(seen.detail.as_deref(), Some("LimitExceeded"));
    let service = hostile_service();
    let chain = |n: usize| {
        let links: String = (1..n).map(|i| format!("<m id=\"r{i}\" href=\"#r{}\"/>", i + 1)).collect();
        service.number_elsewhere(&format!("{links}<m id=\"r{n}\">7</m>"))
    };
    assert_eq!(timed("hops", || echo.send(&chain(64))).status, 200);
    fault("hops", &timed("hops", || echo.send(&chain(65))));
}
