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
const EXPLAINED: &[(&str, &str)] = &[
    ("interop/Round2/Base/r2_base_017p", UNTYPED),
    ("interop/Round2/Base/r2_base_018p", UNTYPED),
    (
        "interop/Round3/GroupD/r3_groupD_doclit_004w",
        "the call is an empty Body, recorded without its SOAPAction: nothing names an operation",
    ),
    ("interop/Round3/GroupE/r3_groupE_list_005w", CIRCLE),
    ("interop/Round3/GroupE/r3_groupE_list_006w", CIRCLE),
    ("interop/Round4/GroupI/r4_groupI_xsd_03", HEADERS),
    ("soap12/T25", DOCTYPE),
    ("soap12/T64", DOCTYPE),
    ("soap12/T65", DOCTYPE),
    ("soap12/T27", UNTYPED),
    ("soap12/T58", UNTYPED),
    (
        "soap12/T33",
        "PHP writes the subcode in place of the code; SOAP 1.2 wants Sender with the subcode, which we answer",
    ),
    ("soap12/T56", SENDER),
    ("soap12/T59", "a circle of references: PHP says Receiver, we say Sender"),
    ("soap12/T61", "sizes of arrays are not read: the elements are what counts"),
    ("soap12/T", HEADERS),
];
const UNTYPED: &str =
    "the service of this run gives back texts; PHP's declares the type, and so writes other digits or refuses";
const CIRCLE: &str =
    "a circle of references is refused (SO-4.2): no contract of ours has values that contain themselves";
const HEADERS: &str =
    "calls by header blocks, answered in header blocks: services have no operations in headers (SO-3.10, SO-3.14)";
const DOCTYPE: &str = "PHP says Receiver; a document type is the sender's fault (SO-2.3), as SOAP 1.2 has it";
const SENDER: &str = "PHP says Receiver; a reference to nothing is the sender's fault";

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
                // Header blocks are the reason only where there are some.
                let has_header = pair.request.contains("Header>");
                let explained = EXPLAINED
                    .iter()
                    .find(|(begin, why)| pair.name.starts_with(begin) && (has_header || *why != HEADERS));
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
        let said = ours.fault_text().unwrap_or_default();
        return Err(format!("fault {their_fault:?} wanted, {our_fault:?} answered {said}"));
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
