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

/// Pairs that must be answered as PHP answers them; fewer fail the run.
const LITERAL: usize = 116;
/// The same of those that name encoding rules.
const ENCODED: usize = 155;

/// The pairs that are not answered as PHP does, and why.
const EXPLAINED: &[(&str, &str)] = &[
    ("interop/Round2/Base/r2_base_017p.phpt", BELIEVED),
    ("interop/Round2/Base/r2_base_018p.phpt", BELIEVED),
    ("interop/Round3/GroupE/r3_groupE_list_005w.phpt", CIRCLE),
    ("interop/Round3/GroupE/r3_groupE_list_006w.phpt", CIRCLE),
    ("soap12/T25.phpt", DOCTYPE),
    ("soap12/T27.phpt", MEMBERS),
    (
        "soap12/T33.phpt",
        "PHP writes the subcode in place of the code; SOAP 1.2 (part 2, 4.4) has Sender with that subcode, which we answer (SO-3.3)",
    ),
    (
        "soap12/T56.phpt",
        "PHP says Receiver; SOAP 1.2 (part 2, 3.2) has Sender for a reference to nothing, which we answer (SO-2.14)",
    ),
    ("soap12/T58.phpt", MEMBERS),
    (
        "soap12/T59.phpt",
        "PHP says Receiver; an element that refers to itself is a circle, and the sender's fault (SO-4.2)",
    ),
    (
        "soap12/T61.phpt",
        "arraySize is not read: the elements are what counts (SO-2.13), whatever a client says of their number; PHP refuses a * that is not the first size",
    ),
    ("soap12/T64.phpt", DOCTYPE),
    ("soap12/T65.phpt", DOCTYPE),
    (
        "soap12/T75.phpt",
        "the values stand in attributes, one of them xml:base; no contract of ours has values there (SO-5.7)",
    ),
];
const BELIEVED: &str = "the call says xsd:string of what the contract has as bytes; PHP believes the call and encodes the text, we believe the contract and leave it (SO-2.15)";
const MEMBERS: &str = "an array of texts or numbers with a struct inside; this run's service takes any value and gives it back, where PHP's has a type, and says Receiver";
const CIRCLE: &str =
    "a circle of references is refused (SO-4.2): no contract of ours has values that contain themselves";
const DOCTYPE: &str =
    "PHP says Receiver; SOAP 1.2 (part 1, 5) has Sender for a document type, which we answer (SO-2.3)";

fn main() -> ExitCode {
    let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from) else {
        println!("usage: soap_suite FOLDER, where PHP's ext/soap/tests are; `cargo xtask soap-suite` fetches them");
        return ExitCode::SUCCESS;
    };
    let pairs = pairs::read(&folder);
    let server = mirror::Server::start(&pairs);
    let mut groups = BTreeMap::<(&str, bool), (usize, usize)>::new();
    let mut n_wrong = 0;
    let mut explained: BTreeMap<&str, &str> = EXPLAINED.iter().copied().collect();
    for pair in &pairs {
        let counted = groups.entry((pair.group.as_str(), pair.is_encoded)).or_default();
        counted.1 += 1;
        match (check(&server, pair), explained.remove(pair.name.as_str())) {
            (Ok(()), None) => counted.0 += 1,
            (Ok(()), Some(_)) => {
                counted.0 += 1;
                n_wrong += 1;
                println!("{}: IS ANSWERED AS PHP DOES, and is explained all the same", pair.name);
            }
            (Err(what), Some(why)) => println!("{}: {what}\n    {why}", pair.name),
            (Err(what), None) => {
                n_wrong += 1;
                println!("{}: {what}\n    NOT EXPLAINED", pair.name);
            }
        }
    }
    for name in explained.keys() {
        n_wrong += 1;
        println!("{name}: NOT AMONG THE PAIRS, and is explained all the same");
    }
    let (mut literal, mut encoded) = ((0, 0), (0, 0));
    for ((group, is_encoded), (n_passed, n)) in &groups {
        println!("{group}, {}: {n_passed} of {n}", if *is_encoded { "encoded" } else { "literal" });
        let sum = if *is_encoded { &mut encoded } else { &mut literal };
        sum.0 += n_passed;
        sum.1 += n;
    }
    println!("literal {} of {}, encoded {} of {}", literal.0, literal.1, encoded.0, encoded.1);
    if literal.0 < LITERAL || encoded.0 < ENCODED {
        n_wrong += 1;
        println!("FEWER THAN BEFORE: literal {LITERAL}, encoded {ENCODED}");
    }
    println!("{} passed, {n_wrong} failed", literal.0 + encoded.0);
    if n_wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(server: &mirror::Server, pair: &Pair) -> Result<(), String> {
    let text = server.post(pair);
    let ours = xml::read(&text).map_err(|error| format!("our answer is no XML: {error}"))?;
    let theirs = xml::read(&pair.answer).map_err(|error| format!("their answer is no XML: {error}"))?;
    let (our_fault, their_fault) = (ours.fault_code(), theirs.fault_code());
    if our_fault != their_fault {
        let said = ours.fault_text().unwrap_or_default();
        return Err(format!("fault {their_fault:?} wanted, {our_fault:?} answered {said}"));
    }
    if our_fault.is_some() {
        return Ok(());
    }
    let (our_blocks, their_blocks) = (ours.blocks(), theirs.blocks());
    if our_blocks != their_blocks {
        return Err(format!("header blocks {their_blocks:?} wanted, {our_blocks:?} answered"));
    }
    let (our_values, their_values) = (ours.values(), theirs.values());
    match xml::are_same(&our_values, &their_values) {
        true => Ok(()),
        false => Err(format!("values {their_values:?} wanted, {our_values:?} answered")),
    }
}
