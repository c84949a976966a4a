//! The dependency rule: each layer knows only those below it, siblings never use each other, libraries stay in their layer.

use std::sync::LazyLock;

use regex::Regex;

use super::Page;

/// Each module of `src/` with the modules it may name.
const KNOWS: &[(&str, &[&str])] = &[
    (
        "app",
        &["app", "dialects", "delivery", "importing", "outgoing", "domain", "store", "model", "config", "telemetry"],
    ),
    (
        "cli",
        &[
            "cli",
            "app",
            "doctor",
            "dialects",
            "delivery",
            "importing",
            "outgoing",
            "domain",
            "store",
            "model",
            "config",
            "telemetry",
        ],
    ),
    ("doctor", &["doctor", "delivery", "outgoing", "domain", "store", "model", "config", "telemetry"]),
    ("dialects", &["dialects", "importing", "outgoing", "domain", "model", "config", "telemetry"]),
    ("delivery", &["delivery", "importing", "outgoing", "domain", "model", "config", "telemetry"]),
    ("importing", &["importing", "domain", "model", "config", "telemetry"]),
    ("outgoing", &["outgoing", "config", "telemetry"]),
    ("domain", &["domain", "store", "model", "config", "telemetry"]),
    ("store", &["store", "model", "config", "telemetry"]),
    ("model", &["model"]),
    ("config", &["config", "model"]),
    ("telemetry", &["telemetry", "config"]),
];

/// Libraries with the only modules that may name them.
const AT_HOME: &[(&str, &[&str])] = &[
    ("diesel", &["store", "model"]),
    ("diesel_async", &["store"]),
    ("diesel_migrations", &["store"]),
    ("tokio_postgres", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("actix_web", &["app", "cli", "dialects", "delivery"]),
    ("actix_http", &["app", "cli", "dialects", "delivery"]),
    ("multer", &["dialects"]),
    ("quick_xml", &["dialects", "delivery"]),
    ("reqwest", &["outgoing", "delivery", "dialects", "cli", "doctor"]),
    ("lettre", &["delivery"]),
    ("mail_parser", &["delivery"]),
    ("async_imap", &["delivery"]),
    ("tokio_rustls", &["delivery"]),
    ("x509_cert", &["delivery"]),
    ("rustix", &["doctor"]),
    ("ring", &["delivery"]),
    ("hickory_resolver", &["delivery"]),
    ("rsa", &["delivery"]),
    ("serde", &["app", "cli", "config", "dialects", "delivery", "telemetry", "store"]),
    ("serde_json", &["app", "cli", "config", "dialects", "delivery", "doctor", "telemetry", "store"]),
];

/// Files that stand under `#[cfg(test)]`: they make the databases that unit tests run on, and may name what that takes.
const TEST_SUPPORT: &[&str] = &["domain/sample"];

static OF_CRATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bcrate::(\{|[a-z_0-9]+(?:::[a-z_0-9]+)?)"));
static UPWARDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b((?:super::)+)([a-z_0-9]+)"));
static LIBRARY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^:A-Za-z0-9_.])([a-z_0-9]+)::"));
static DERIVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"derive\([^)]*\b(?:De)?[Ss]erialize\b[^)]*\)\]\s*(?:#\[[^\]]*\]\s*)*pub(?:\([^)]*\))?\s+(?:struct|enum)")
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern stands above and is tested")
}

/// Checks one file; `code` is its text without comments and strings.
pub fn check(page: &mut Page<'_>, code: &str) {
    let Some(path) = page.path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else { return };
    let mut place: Vec<&str> = path.split('/').collect();
    if place.last() == Some(&"mod") {
        place.pop();
    }
    if matches!(place.as_slice(), ["lib" | "main"]) {
        return;
    }
    let own = place.first().copied().unwrap_or_default();
    let Some((_, known)) = KNOWS.iter().find(|(name, _)| *name == own) else {
        page.find(1, "layers", format!("`{own}` has no place in the dependency rule of `cargo xtask tidy`"));
        return;
    };
    for (at, named) in named_modules(code, place.len()) {
        let first = named.split("::").next().unwrap_or_default();
        if KNOWS.iter().any(|(name, _)| *name == first) && !known.contains(&first) {
            page.find_at(at, "layers", format!("`{own}` must not know `{first}`"));
        }
        siblings(page, &place, at, &named);
    }
    if !TEST_SUPPORT.contains(&path) {
        libraries(page, code, own);
    }
    if own == "store" {
        for found in DERIVED.find_iter(code) {
            page.find_at(found.start(), "serde in the core", "only payloads private to the store are serialised");
        }
    }
}

/// Every module named from the crate's root, as `a` or `a::b`, with its place.
fn named_modules(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for found in OF_CRATE.captures_iter(code) {
        let Some(what) = found.get(1) else { continue };
        if what.as_str() == "{" {
            named.extend(group(&code[what.end()..]).into_iter().map(|(at, name)| (what.end() + at, name)));
        } else {
            named.push((what.start(), what.as_str().to_owned()));
        }
    }
    for found in UPWARDS.captures_iter(code) {
        let (Some(supers), Some(what)) = (found.get(1), found.get(2)) else { continue };
        if supers.as_str().len() / "super::".len() >= depth {
            named.push((what.start(), what.as_str().to_owned()));
        }
    }
    named
}

/// The first words of `a::b, c::{d, e}}`, up to the closing brace.
fn group(text: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0_usize, 0);
    for (at, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let piece = text[begins..at].trim();
                let path = piece.split(['{', ' ', '\n']).next().unwrap_or_default();
                names.push((begins, path.trim_end_matches(':').to_owned()));
                begins = at + 1;
                if sign == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

/// A dialect never uses another one, and the kit uses none and no domain.
fn siblings(page: &mut Page<'_>, place: &[&str], at: usize, named: &str) {
    let ["dialects", own, ..] = place else { return };
    let mut words = named.split("::");
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if *own == "kit" && matches!(first, "domain" | "outgoing") {
        page.find_at(at, "layers", format!("`dialects/kit` is bytes only and must not know `{first}`"));
    }
    if first == "dialects" && !second.is_empty() && second != *own && second != "kit" {
        page.find_at(at, "layers", format!("`dialects/{own}` must not know its sibling `dialects/{second}`"));
    }
}

fn libraries(page: &mut Page<'_>, code: &str, own: &str) {
    for found in LIBRARY.captures_iter(code) {
        let Some(name) = found.get(1) else { continue };
        let home = AT_HOME.iter().find(|(library, _)| *library == name.as_str());
        if let Some((library, homes)) = home
            && !homes.contains(&own)
        {
            page.find_at(
                name.start(),
                "layers",
                format!("`{own}` must not name `{library}`; only {} may", homes.join(", ")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    fn of(path: &str, code: &str) -> Vec<String> {
        findings(path, &format!("//! A file.\n{code}\n"))
    }

    #[test]
    fn a_dialect_that_imports_the_store_is_found() {
        assert_eq!(of("src/dialects/oempro/commands/list/get.rs", "use crate::store::Tx;"), ["2: layers"]);
        assert_eq!(of("src/dialects/oempro/call.rs", "fn a() { crate::store::go() }"), ["2: layers"]);
        assert_eq!(of("src/dialects/oempro/call.rs", "use crate::{domain::lists, store::{Db, Tx}};"), ["2: layers"]);
        assert_eq!(of("src/dialects/mod.rs", "use super::store::Tx;"), ["2: layers"]);
        assert!(of("src/dialects/oempro/call.rs", "use crate::domain::lists;\n// crate::store::Tx\n").is_empty());
    }

    #[test]
    fn dialects_do_not_know_each_other_and_the_kit_knows_no_domain() {
        assert_eq!(of("src/dialects/oempro/call.rs", "use crate::dialects::ofsys::call;"), ["2: layers"]);
        assert_eq!(of("src/dialects/kit/xml.rs", "use crate::domain::lists;"), ["2: layers"]);
        assert_eq!(of("src/dialects/kit/xml.rs", "use crate::dialects::oempro::wire;"), ["2: layers"]);
        assert!(of("src/dialects/oempro/call.rs", "use crate::dialects::kit::value;").is_empty());
    }

    #[test]
    fn nobody_knows_what_stands_above() {
        assert_eq!(of("src/domain/lists.rs", "use crate::dialects::kit::value;"), ["2: layers"]);
        assert_eq!(of("src/domain/lists.rs", "use crate::delivery::worker;"), ["2: layers"]);
        assert_eq!(of("src/store/db.rs", "use crate::domain::lists;"), ["2: layers"]);
        assert_eq!(of("src/model/ids.rs", "use crate::config::Settings;"), ["2: layers"]);
        assert_eq!(of("src/delivery/worker.rs", "use crate::dialects::kit::xml;"), ["2: layers"]);
        assert!(of("src/app.rs", "use crate::store::Db;\nuse crate::cli_of::x;").is_empty());
        assert_eq!(of("src/helpers/a.rs", ""), ["1: layers"]);
    }

    #[test]
    fn libraries_stay_in_their_layer() {
        assert_eq!(of("src/domain/lists.rs", "use actix_web::HttpRequest;"), ["2: layers"]);
        assert_eq!(of("src/domain/lists.rs", "#[derive(serde::Serialize)]\nstruct A;"), ["2: layers"]);
        assert_eq!(of("src/domain/lists.rs", "use diesel::prelude::*;"), ["2: layers"]);
        assert_eq!(of("src/dialects/oempro/call.rs", "use lettre::Message;"), ["2: layers"]);
        assert!(of("src/store/queries/a.rs", "use diesel::prelude::*;\nuse super::lists;").is_empty());
    }

    #[test]
    fn the_store_serialises_only_what_nobody_sees() {
        assert!(of("src/store/a.rs", "#[derive(serde::Serialize)]\nstruct Payload;").is_empty());
        assert_eq!(of("src/store/a.rs", "#[derive(Debug, Serialize)]\npub struct Row;"), ["2: serde in the core"]);
    }
}
