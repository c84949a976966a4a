//! Any bytes are a request within the bounds or refused with a text; any member of it is a clause within the bounds or refused with a text that names it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::dialects::ofsys::json::clause::{self, MAX_CONDITIONS, MAX_DEPTH};
use understudy_fuzz::dialects::ofsys::fault::Fault;
use understudy_fuzz::dialects::ofsys::json::request::{self, MAX_DEPTH as MAX_REQUEST_DEPTH, Members};
use understudy_fuzz::domain::contacts::clause::Clause;

fuzz_target!(|body: &[u8]| {
    let Ok(map) = request::read(body) else { return };
    assert!(map.values().all(|value| depth(value) < MAX_REQUEST_DEPTH));
    let request = Members::of_request(&map);
    for name in map.keys() {
        for refused in [
            request.whole(name).err(),
            request.text(name).err(),
            request.flag(name).err(),
            request.date(name).err(),
            request.object(name).err(),
            request.list(name, 3).err(),
        ] {
            is_told(refused, name);
        }
        match clause::need(&request, name) {
            Ok(clause) => {
                let n_conditions = check(&clause, 0);
                assert!((1..=MAX_CONDITIONS).contains(&n_conditions));
            }
            Err(fault) => is_told(Some(fault), name),
        }
    }
});

/// A refusal names what it is about.
fn is_told(refused: Option<Fault>, name: &str) {
    if let Some(fault) = refused {
        assert!(fault.status == 200 && fault.message.starts_with(name), "{fault:?}");
    }
}

/// Checks one level and all below it; the number of conditions.
fn check(clause: &Clause, depth: usize) -> usize {
    // One level more than groups: a list of clauses.
    assert!(depth <= MAX_DEPTH + 1);
    match clause {
        Clause::All => panic!("nobody selects everybody by accident"),
        Clause::Field(field) => {
            assert!(!field.name.is_empty() && field.values.len() <= MAX_CONDITIONS);
            1
        }
        Clause::And(parts) | Clause::Or(parts) => {
            assert!(!parts.is_empty());
            parts.iter().map(|part| check(part, depth + 1)).sum()
        }
    }
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
