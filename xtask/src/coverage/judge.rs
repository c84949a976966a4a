//! Says for each command what is there, and finds what is missing, left over or unexplained.

use std::collections::{BTreeMap, BTreeSet};

use super::Registered;
use super::exceptions::{Exception, Exceptions};
use crate::contract::catalog::{Listed, PAGES};

/// A command of the list.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The group it stands in.
    pub group: String,
    /// Whether it is built.
    pub state: State,
}

/// Whether a command is built.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// It is not in the registry.
    NotBuilt,
    /// It is, with these goldens.
    Built(Vec<String>),
}

/// The goldens of each folder: the command in lower case, its cases.
pub type Goldens = [(String, BTreeSet<String>)];

/// Judges a dialect: a row for each command of 4.x, and what is wrong.
pub fn judge(
    list: &[Listed],
    registry: &[Registered],
    goldens: &Goldens,
    exceptions: &Exceptions,
) -> (Vec<Row>, Vec<String>) {
    let built: BTreeMap<String, &Registered> =
        registry.iter().map(|row| (row.name.to_ascii_lowercase(), row)).collect();
    let cases: BTreeMap<&str, &BTreeSet<String>> = goldens.iter().map(|(name, cases)| (name.as_str(), cases)).collect();
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let none = BTreeSet::new();
    for listed in list {
        let key = listed.command.to_ascii_lowercase();
        let own = cases.get(key.as_str()).copied().unwrap_or(&none);
        let state = match built.get(&key) {
            None => State::NotBuilt,
            Some(registered) => {
                check_command(listed, registered, own, exceptions, &mut findings);
                State::Built(own.iter().cloned().collect())
            }
        };
        if listed.is_v4() {
            rows.push(Row { name: listed.command.clone(), group: listed.group.clone(), state });
        }
    }
    let listed: BTreeSet<String> = list.iter().map(|row| row.command.to_ascii_lowercase()).collect();
    for (key, row) in built.iter().filter(|(key, _)| !listed.contains(*key)) {
        findings.push(format!("{}: registered, but not in the list ({key})", row.name));
    }
    for (name, _) in goldens.iter().filter(|(name, _)| !built.contains_key(name) && !PAGES.contains(&name.as_str())) {
        findings.push(format!("{name}: has goldens, but is not built"));
    }
    for exception in &exceptions.list {
        check_exception(exception, list, &built, &cases, &mut findings);
    }
    (rows, findings)
}

fn check_command(
    listed: &Listed,
    registered: &Registered,
    cases: &BTreeSet<String>,
    exceptions: &Exceptions,
    findings: &mut Vec<String>,
) {
    let name = &listed.command;
    let explained: BTreeSet<&str> = registered.texts.iter().map(|text| text.code.as_str()).collect();
    let known: BTreeSet<&str> = listed.errors.iter().map(|error| error.code.as_str()).collect();
    for code in explained.difference(&known) {
        findings.push(format!("{name}: explains code {code}, which the list does not have"));
    }
    for error in listed.errors.iter().filter(|error| !explained.contains(error.code.as_str())) {
        if !exceptions.excuses_code(name, &error.code) {
            findings.push(format!("{name}: does not explain code {} ({})", error.code, error.meaning));
        }
    }
    let mut wanted = vec!["success".to_owned()];
    wanted.extend(explained.iter().map(|code| format!("code_{code}")));
    if registered.auth != "none" {
        wanted.push("no_credential".to_owned());
    }
    for golden in wanted {
        if !has(cases, &golden) && !exceptions.excuses_golden(name, &golden) {
            findings.push(format!("{name}: no golden {golden}"));
        }
    }
}

/// `code_3` stands for itself and for `code_3_…`, not for `code_30`.
fn has(cases: &BTreeSet<String>, golden: &str) -> bool {
    let longer = format!("{golden}_");
    cases.iter().any(|case| case == golden || case.starts_with(&longer))
}

fn check_exception(
    exception: &Exception,
    list: &[Listed],
    built: &BTreeMap<String, &Registered>,
    cases: &BTreeMap<&str, &BTreeSet<String>>,
    findings: &mut Vec<String>,
) {
    let key = exception.command.to_ascii_lowercase();
    let mut stale = |why: &str| {
        let what = exception.golden.clone().or_else(|| exception.code.as_ref().map(|code| format!("code {code}")));
        findings.push(format!("{}: stale exception for {}: {why}", exception.command, what.unwrap_or_default()));
    };
    let Some(registered) = built.get(&key) else { return stale("the command is not built") };
    let explains = |code: &str| registered.texts.iter().any(|text| text.code == code);
    if let Some(golden) = &exception.golden {
        if cases.get(key.as_str()).is_some_and(|cases| has(cases, golden)) {
            stale("the golden is there");
        }
        let is_wanted = match golden.strip_prefix("code_") {
            Some(code) => explains(code),
            None => golden == "success" || golden == "no_credential" && registered.auth != "none",
        };
        if !is_wanted {
            stale("no such golden is asked for");
        }
    }
    if let Some(code) = &exception.code {
        let is_listed = list
            .iter()
            .any(|row| row.command.eq_ignore_ascii_case(&key) && row.errors.iter().any(|error| error.code == *code));
        if !is_listed {
            stale("the list has no such code");
        } else if explains(code) {
            stale("the command explains it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::catalog::ListedCode;
    use crate::coverage::RegisteredCode;

    fn listed(command: &str, codes: &[i64]) -> Listed {
        let errors = codes.iter().map(|code| ListedCode { code: code.to_string(), meaning: "x".to_owned() }).collect();
        Listed { command: command.to_owned(), group: "G".to_owned(), since: "4.0".to_owned(), errors }
    }

    fn registered(name: &str, auth: &str, codes: &[i64]) -> Registered {
        let texts = codes.iter().map(|code| RegisteredCode { code: code.to_string() }).collect();
        Registered { dialect: "oempro".to_owned(), name: name.to_owned(), auth: auth.to_owned(), texts }
    }

    fn cases(names: &[&str]) -> Vec<(String, BTreeSet<String>)> {
        vec![("list.create".to_owned(), names.iter().map(|name| (*name).to_owned()).collect())]
    }

    fn exceptions(text: &str) -> Exceptions {
        Exceptions::parse(text, "oempro").unwrap()
    }

    const FULL: &[&str] = &["success", "code_1", "code_3_limit", "no_credential"];

    #[test]
    fn a_covered_command_has_no_findings_and_others_are_listed_as_not_built() {
        let list = [listed("List.Create", &[1, 3]), listed("Tag.Create", &[1])];
        let (rows, findings) =
            judge(&list, &[registered("List.Create", "user", &[1, 3])], &cases(FULL), &Exceptions::default());
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(rows[1].state, State::NotBuilt);
        assert!(matches!(&rows[0].state, State::Built(goldens) if goldens.len() == 4));
    }

    #[test]
    fn missing_goldens_unknown_codes_and_unexplained_codes_are_found() {
        let list = [listed("List.Create", &[1, 3])];
        let registry = [registered("List.Create", "user", &[1, 7])];
        let (_, findings) = judge(&list, &registry, &cases(&["code_10"]), &Exceptions::default());
        let all = findings.join("\n");
        for part in ["explains code 7", "explain code 3", "golden success", "golden code_1", "golden no_credential"] {
            assert!(all.contains(part), "{part} is not in\n{all}");
        }
        assert_eq!(findings.len(), 6);
    }

    #[test]
    fn exceptions_excuse_and_go_stale() {
        let list = [listed("List.Create", &[1, 3])];
        let registry = [registered("List.Create", "none", &[1])];
        let good = exceptions(
            "[[oempro]]\ncommand='List.Create'\ncode=3\nreason='r'\n[[oempro]]\ncommand='List.Create'\ngolden='code_1'\nreason='r'\n",
        );
        assert!(judge(&list, &registry, &cases(&["success"]), &good).1.is_empty());
        let (_, findings) = judge(&list, &[registered("List.Create", "none", &[1, 3])], &cases(FULL), &good);
        assert_eq!(findings.iter().filter(|finding| finding.contains("stale")).count(), 2, "{findings:?}");
    }

    #[test]
    fn commands_outside_the_list_and_goldens_of_unbuilt_ones_are_found() {
        let registry = [registered("List.Fetch", "none", &[])];
        let (_, findings) =
            judge(&[listed("List.Create", &[])], &registry, &cases(&["success"]), &Exceptions::default());
        assert!(findings.iter().any(|finding| finding.starts_with("List.Fetch: registered")));
        assert!(findings.iter().any(|finding| finding.starts_with("list.create: has goldens")));
    }
}
