//! The project tasks: `cargo xtask test | tidy | coverage | contract | bench | crash | faults | hostile | soap-suite`.

mod bench;
mod contract;
mod coverage;
mod crash;
mod faults;
mod hostile;
#[path = "../../tests/it/support/sink/mod.rs"]
mod sink;
mod tasks;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Answer every request with one body; `bench` starts it.
    #[command(hide = true)]
    BareActix(bench::bare::Options),
    /// Measure the release build.
    Bench(bench::Options),
    /// Run the goldens against a running server.
    Contract(tasks::contract::Options),
    /// Compare the command list with the registry and the goldens.
    Coverage,
    /// Kill the server under load again and again, and look for lost writes.
    Crash(crash::Options),
    /// Do to the real program what goes wrong on the way of a mail: relays, disk, clock, database, templates, returned mail.
    Faults(faults::Options),
    /// Send the hostile set to the SOAP endpoint of the real program, each row within a time and a bound on memory.
    Hostile(hostile::Options),
    /// Compare the SOAP layer with PHP's own SOAP tests, fetched for it.
    SoapSuite(tasks::soap_suite::Options),
    /// Run everything on both databases, with real clients.
    Test(test::Options),
    /// Check the house rules that the compiler cannot.
    Tidy,
}

/// The project's folder.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::BareActix(options) => bench::bare::run(&options),
        Task::Bench(options) => bench::run(&root(), &options),
        Task::Contract(options) => tasks::contract::run(&root(), &options),
        Task::Coverage => coverage::run(&root()),
        Task::Crash(options) => crash::run(&root(), &options),
        Task::Faults(options) => faults::run(&root(), &options),
        Task::Hostile(options) => hostile::run(&root(), &options),
        Task::SoapSuite(options) => tasks::soap_suite::run(&root(), &options),
        Task::Test(options) => test::run(&root(), options),
        Task::Tidy => tidy::run(&root()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
