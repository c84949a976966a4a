//! `cargo xtask hostile`: the hostile set against the real program, each row within a time and a bound on memory (SO-4.6), printed as a table.

mod business;
mod memory;
mod probe;
pub mod set;
mod slow_rows;
mod store;
mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use crate::contract::http::Server as Address;
use crate::test::counted::Count;
use crate::test::seeder::CommandLine;
use crate::test::server::{ClientAccount, Server};
use crate::test::server_of;
use memory::Memory;
use probe::Probe;
use set::{Expected, Service};
use store::Store;
use table::Table;

/// Flags of `hostile`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// A built server instead of a fresh development build.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Starts the program on an empty folder and runs the set against it. False when a row failed.
///
/// # Errors
/// When the program does not start, or what the set needs cannot be made.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let binary = server_of(root, options.binary.as_ref()).await?;
        let server = Server::start(&binary, None).await?;
        let count = run_on(&server).await?;
        server.stop().await?;
        println!("{} passed, {} failed", count.n_passed, count.n_failed);
        Ok(count.n_failed == 0)
    })
}

/// Runs the set against a running server, prints the table, and counts its rows.
///
/// # Errors
/// When what the set needs cannot be made, or the server is gone.
pub async fn run_on(server: &Server) -> anyhow::Result<Count> {
    let accounts = [server.make_account().await?, server.make_account().await?];
    let address = Address::parse(&server.base_url)?;
    let memory = Memory::of(server.id()?);
    let (command_line, outbox) = (server.command_line(), server.outbox.clone());
    let table = tokio::task::spawn_blocking(move || rows(address, memory, &accounts, &command_line, outbox)).await??;
    print!("{table}");
    Ok(table.count())
}

/// Everything, in turn; but what is slow by its nature goes on at the same time.
fn rows(
    address: Address,
    memory: Memory,
    accounts: &[ClientAccount; 2],
    command_line: &CommandLine,
    outbox: PathBuf,
) -> anyhow::Result<Table> {
    let [account, foreign] = accounts;
    let business = business::Seeds::make(command_line, account, foreign)?;
    let folder = command_line.folder.to_string_lossy().into_owned();
    let private = accounts.iter().map(|one| one.project[2].clone()).chain([folder]).collect();
    let service = service(&account.project, private);
    let keys = accounts.iter().map(|one| (one.api_key.clone(), one.project[0].clone())).collect();
    let store = Store { address: address.clone(), accounts: keys, outbox };
    let mut probe = Probe { address: address.clone(), service: &service, memory, store };
    let mut table = Table::new(probe.memory.is_measured());
    // First calls make what is made once.
    let first = probe.warm_up()?;
    std::thread::scope(|scope| {
        let endless = scope.spawn(|| slow_rows::endless(&address, &service));
        for row in service.rows() {
            table.push(probe.row(row)?);
        }
        for row in business.rows(&service) {
            table.push(probe.row(row)?);
        }
        for line in slow_rows::rows(&probe, &first, endless)? {
            table.push(line);
        }
        Ok(table)
    })
}

/// Every call of the set creates a contact, so that one that should have been refused would be seen in the store.
fn service(project: &[String; 3], private: Vec<String>) -> Service {
    let [project, id, key] = project;
    Service {
        path: "/webservices/soap",
        namespace: "urn:ofsys:soap",
        operation: "USER.CREATE",
        needed: format!("<AuthKey><idKey>{id}</idKey><Key>{key}</Key></AuthKey>"),
        number: ("idProject", project.clone()),
        any: "Fields",
        any_needed: "<f_EMail>hostile{n}@example.com</f_EMail>",
        done: "<Success>true</Success>",
        // A field's value is no map, however deep; that is said after all of it was read.
        deep_maps: Expected::Fault("InvalidParameter", 500),
        private,
        n_calls: AtomicU32::new(0),
    }
}

/// Everything but what is slow by its nature is answered within this time.
const PATIENCE: Duration = Duration::from_secs(1);
