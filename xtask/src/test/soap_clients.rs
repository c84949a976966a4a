//! The SOAP libraries of other languages, each against the flavours of the served WSDL that it is for: a call, a value beyond ASCII, a refusal and a
//! fault. The light ones run in every test, all of them when that is asked for; a table tells client by flavour what passed.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;

use super::counted::Count;
use super::server::Server;
use super::soap_tools::{Runner, Workshop};

/// How long one client may take with all its flavours, compilers included.
const PATIENCE: Duration = Duration::from_secs(300);

/// The columns of the table: flavours of the WSDL, then calls that use none, in 1.1, in 1.2 and in ISO-8859-1.
const FLAVOURS: &[&str] = &["rpc", "doc", "safe", "12", "none", "none-12", "none-latin"];

/// A library that calls SOAP services.
struct Client {
    /// Its name, and that of its folder in `tests/clients/soap`.
    name: &'static str,
    /// What runs its script.
    runner: Runner,
    /// What it is tried with, of [`FLAVOURS`].
    flavours: &'static [&'static str],
    /// A file and the Debian package that brings it.
    packages: &'static [(&'static str, &'static str)],
    /// Whether it runs only when all clients are asked for.
    is_heavy: bool,
}

/// What a library is not tried with, it cannot do (SO-6.1). soap4r for Ruby is not among the packages of Debian, Python or Node.
const CLIENTS: &[Client] = &[
    Client {
        name: "php",
        runner: Runner::Php,
        flavours: &["rpc", "doc", "safe", "12", "none", "none-12"],
        packages: &[],
        is_heavy: false,
    },
    Client {
        name: "zeep",
        runner: Runner::Python,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[],
        is_heavy: false,
    },
    Client {
        name: "suds",
        runner: Runner::Python,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[],
        is_heavy: false,
    },
    Client { name: "pysimplesoap", runner: Runner::Python, flavours: &["doc", "safe"], packages: &[], is_heavy: false },
    Client {
        name: "node-soap",
        runner: Runner::Node,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[],
        is_heavy: false,
    },
    Client {
        name: "strong-soap",
        runner: Runner::Node,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[],
        is_heavy: false,
    },
    Client {
        name: "soap-lite",
        runner: Runner::Perl,
        flavours: &["rpc", "doc", "safe", "12", "none", "none-12"],
        packages: &[("/usr/share/perl5/SOAP/Lite.pm", "libsoap-lite-perl")],
        is_heavy: true,
    },
    Client {
        name: "nusoap",
        runner: Runner::Php,
        flavours: &["rpc", "doc", "safe", "12", "none", "none-latin"],
        packages: &[("/usr/share/php/nusoap/nusoap.php", "libnusoap-php")],
        is_heavy: true,
    },
    Client {
        name: "gsoap",
        runner: Runner::Shell,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[
            ("/usr/bin/wsdl2h", "gsoap"),
            ("/usr/include/stdsoap2.h", "libgsoap-dev"),
            ("/usr/bin/cc", "gcc"),
            ("/usr/include/stdio.h", "libc6-dev"),
        ],
        is_heavy: true,
    },
    Client {
        name: "jax-ws",
        runner: Runner::Shell,
        flavours: &["rpc", "doc", "safe", "12"],
        packages: &[
            ("/usr/bin/javac", "default-jdk-headless"),
            ("/usr/bin/wsimport", "jaxws"),
            ("/usr/share/java/jaxws-rt.jar", "libjaxws-java"),
        ],
        is_heavy: true,
    },
    Client {
        name: "axis",
        runner: Runner::Shell,
        flavours: &["rpc", "doc", "safe"],
        packages: &[("/usr/bin/javac", "default-jdk-headless"), ("/usr/share/java/axis.jar", "libaxis-java")],
        is_heavy: true,
    },
    Client {
        name: "mono",
        runner: Runner::Shell,
        flavours: &["doc", "safe"],
        packages: &[
            ("/usr/bin/mcs", "mono-mcs"),
            ("/usr/bin/wsdl", "mono-devel"),
            ("/usr/lib/mono/4.5/System.Web.Services.dll", "libmono-system-web-services4.0-cil"),
        ],
        is_heavy: true,
    },
];

/// What became of a client.
enum Outcome {
    /// Its counts by flavour.
    Ran(BTreeMap<String, Count>),
    /// Why it could not be made ready.
    NotReady(String),
    /// It runs only with all clients.
    NotAsked,
}

/// Which clients run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Those that are ready in seconds. One that cannot be made ready is listed and does not fail.
    Light,
    /// All. One that cannot be made ready has failed.
    All,
}

/// Runs the clients and prints the table.
///
/// # Errors
/// When the account for them cannot be made.
pub async fn run(workshop: &mut Workshop, server: &Server, choice: Choice) -> anyhow::Result<Count> {
    let account = server.make_account().await?;
    let arguments = [&[server.base_url.clone()][..], &account.project].concat();
    let mut rows = Vec::new();
    for client in CLIENTS {
        rows.push((client, outcome(workshop, client, &arguments, choice).await));
    }
    Ok(print_table(&rows, choice))
}

async fn outcome(workshop: &mut Workshop, client: &Client, arguments: &[String], choice: Choice) -> Outcome {
    if client.is_heavy && choice == Choice::Light {
        return Outcome::NotAsked;
    }
    if let Err(error) = workshop.make_ready(client.runner, client.packages).await {
        return Outcome::NotReady(format!("{error:#}"));
    }
    match call(workshop, client, arguments).await {
        Ok(told) => Outcome::Ran(counts(client, &told)),
        Err(error) => {
            println!("{}: {error:#}", client.name);
            Outcome::Ran(counts(client, ""))
        }
    }
}

/// Runs a client's script to its end and answers what it printed; what it says of failures is shown.
async fn call(workshop: &Workshop, client: &Client, arguments: &[String]) -> anyhow::Result<String> {
    let mut command = workshop.command(client.runner, client.name);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.context("it does not end")??;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in told.lines().filter(|line| !line.starts_with("row ") && !line.ends_with(" 0 failed")) {
        println!("{}: {line}", client.name);
    }
    if !output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(told)
}

/// The counts of the lines `row FLAVOUR PASSED FAILED`. A flavour of the client without a line, or with none that passed, has failed.
fn counts(client: &Client, told: &str) -> BTreeMap<String, Count> {
    let mut counts = BTreeMap::new();
    for line in told.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["row", flavour, n_passed, n_failed] = words[..] else { continue };
        let (Ok(n_passed), Ok(n_failed)) = (n_passed.parse(), n_failed.parse()) else { continue };
        counts.insert(flavour.to_owned(), Count { n_passed, n_failed });
    }
    for flavour in client.flavours {
        let count: &mut Count = counts.entry((*flavour).to_owned()).or_default();
        if *count == Count::default() {
            count.n_failed = 1;
        }
    }
    counts
}

fn print_table(rows: &[(&Client, Outcome)], choice: Choice) -> Count {
    let mut sum = Count::default();
    println!("\n{}", line("SOAP client", FLAVOURS.iter().map(|flavour| (*flavour).to_owned())));
    for (client, outcome) in rows {
        match outcome {
            Outcome::Ran(counts) => {
                println!("{}", line(client.name, FLAVOURS.iter().map(|flavour| cell(counts.get(*flavour)))));
                sum.n_passed += counts.values().map(|count| count.n_passed).sum::<usize>();
                sum.n_failed += counts.values().map(|count| count.n_failed).sum::<usize>();
            }
            Outcome::NotReady(reason) => {
                println!("{:<14} not run: {reason}", client.name);
                sum.n_failed += usize::from(choice == Choice::All);
            }
            Outcome::NotAsked => println!("{:<14} runs with --all-clients", client.name),
        }
    }
    println!("SOAP clients: {} passed, {} failed", sum.n_passed, sum.n_failed);
    sum
}

fn line(name: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!(" {cell:>10}")).collect();
    format!("{name:<14}{cells}")
}

/// `5 of 5`; a dash where the client is not tried.
fn cell(count: Option<&Count>) -> String {
    let Some(count) = count else { return "-".to_owned() };
    let n_checks = count.n_passed + count.n_failed;
    format!("{} of {n_checks}", count.n_passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flavour_that_tells_nothing_has_failed() {
        let suds = CLIENTS.iter().find(|client| client.name == "suds").expect("it is listed");
        let counts = counts(
            suds,
            "row rpc 5 0\nFAILED suds doc: created\nrow doc 3 2\nrow odd\nrow 12 0 0\n8 passed, 2 failed\n",
        );
        let told: Vec<_> = counts.iter().map(|(flavour, count)| (flavour.as_str(), cell(Some(count)))).collect();
        let expected = [("12", "0 of 1"), ("doc", "3 of 5"), ("rpc", "5 of 5"), ("safe", "0 of 1")];
        assert_eq!(told, expected.map(|(flavour, cell)| (flavour, cell.to_owned())));
    }

    #[test]
    fn a_client_that_is_not_ready_fails_only_where_all_are_asked_for() {
        let reason = || Outcome::NotReady("needs: apt-get install gsoap".to_owned());
        let rows = [(&CLIENTS[0], Outcome::NotAsked), (&CLIENTS[1], reason())];
        assert_eq!(print_table(&rows, Choice::Light), Count { n_passed: 0, n_failed: 0 });
        assert_eq!(print_table(&rows, Choice::All), Count { n_passed: 0, n_failed: 1 });
    }

    #[test]
    fn every_flavour_has_a_column() {
        let all = CLIENTS.iter().flat_map(|client| client.flavours);
        assert_eq!(all.filter(|flavour| !FLAVOURS.contains(flavour)).count(), 0);
    }
}
