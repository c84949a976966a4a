//! Runs the request and answer pairs of PHP's own SOAP tests against this server's SOAP layer: `cargo xtask soap-suite`.
//!
//! The service offers every operation that the pairs call and gives back what it got, as PHP's test service does; operations that PHP's service
//! answers by a fault answer by one. What counts is what a client sees: the values of the answer, or the code of the fault.
#![allow(clippy::unwrap_used, reason = "a run that cannot go on should stop where it is")]

mod mirror;
mod pairs;
mod xml;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use pairs::Pair;

/// Why a pair is not answered as PHP does, by what begins its name, and what we do instead.
const EXPLAINED: &[(&str, &str)] = &[];

fn main() -> ExitCode {
    let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from) else {
        println!("usage: soap_suite FOLDER, where PHP's ext/soap/tests are; `cargo xtask soap-suite` fetches them");
        return ExitCode::SUCCESS;
    };
    let pairs = pairs::read(&folder);
    let server = mirror::Server::start(&pairs);
    let mut groups = BTreeMap::<(&str, bool), (usize, usize)>::new();
    let mut n_unexplained = 0;
    for pair in &pairs {
        let misses = check(&server, pair);
        let counted = groups.entry((pair.group.as_str(), pair.is_encoded)).or_default();
        counted.1 += 1;
        match misses {
            Ok(()) => counted.0 += 1,
            Err(what) => {
                let explained = EXPLAINED.iter().find(|(begin, _)| pair.name.starts_with(begin));
                n_unexplained += usize::from(explained.is_none());
                println!("{}: {what}\n    {}", pair.name, explained.map_or("NOT EXPLAINED", |(_, why)| why));
            }
        }
    }
    let (mut literal, mut encoded) = ((0, 0), (0, 0));
    for ((group, is_encoded), (n_passed, n)) in &groups {
        println!("{group}, {}: {n_passed} of {n}", if *is_encoded { "encoded" } else { "literal" });
        let sum = if *is_encoded { &mut encoded } else { &mut literal };
        sum.0 += n_passed;
        sum.1 += n;
    }
    println!("literal {} of {}, encoded {} of {}", literal.0, literal.1, encoded.0, encoded.1);
    println!("{} passed, {n_unexplained} failed", literal.0 + encoded.0);
    if n_unexplained == 0 && !pairs.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(server: &mirror::Server, pair: &Pair) -> Result<(), String> {
    let text = server.post(pair);
    let ours = xml::read(&text).map_err(|error| format!("our answer is no XML: {error}"))?;
    let theirs = xml::read(&pair.answer).map_err(|error| format!("their answer is no XML: {error}"))?;
    let (our_fault, their_fault) = (ours.fault_code(), theirs.fault_code());
    if our_fault != their_fault {
        return Err(format!("fault {their_fault:?} wanted, {our_fault:?} answered"));
    }
    if our_fault.is_some() {
        return Ok(());
    }
    let (our_values, their_values) = (ours.values(), theirs.values());
    match xml::are_same(&our_values, &their_values) {
        true => Ok(()),
        false => Err(format!("values {their_values:?} wanted, {our_values:?} answered")),
    }
}
