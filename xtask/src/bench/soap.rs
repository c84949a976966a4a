//! SOAP without a store and with the real one, each beside a bare HTTP server that gives the same bytes, and the codecs by themselves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::Bench;
use super::bare::Bare;
use super::figures::{Times, against, below};
use super::load::{self, NUMBER, Plan};
use super::program::{self, Program, Running};
use super::{client, subscribe};

/// Connections of the load.
const N_CONNECTIONS: usize = 32;
/// How a good answer begins.
const GOOD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope";
/// How the answer begins that says a contact was created; a refusal differs from it.
const CREATED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:ns1=\"urn:ofsys:soap\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><SOAP-ENV:Body><ns1:USER.CREATEResponse><return>\
    <Success>true</Success>";
/// The share of the bare server that is wanted.
const SHARE: f64 = 0.45;
/// The 99th percentile wanted, in milliseconds.
const SLOWEST: f64 = 10.0;
/// Resident memory wanted, in MiB.
const MEMORY_LIMIT: f64 = 30.0;

/// Runs the codecs, SOAP without a store, and then the real program.
///
/// # Errors
/// When something does not build, or an answer is wrong.
pub async fn run(bench: &Bench<'_>) -> anyhow::Result<()> {
    without_store(bench).await?;
    durable(bench).await
}

async fn without_store(bench: &Bench<'_>) -> anyhow::Result<()> {
    let binary = program::build_bench(&bench.root, "soap").await?;
    println!();
    let status = Command::new(&binary).arg("figures").status().await?;
    ensure!(status.success(), "the codecs could not be measured");
    let message = Command::new(&binary).arg("message").output().await?.stdout;
    let server = Server::start(&binary).await?;
    let message = String::from_utf8(message).context("the message is no text")?;
    let plan = plan(bench, server.address.parse()?, &message);
    let sample = load::run(Plan { max_requests: 100, ..plan.clone() }).await?;
    let bare = Bare::start(bench.folder.join("body.xml"), &sample.body).await?;
    let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
    for _ in 0..bench.options.rounds {
        ours.add(load::run(plan.clone()).await?);
        theirs.add(load::run(Plan { address: bare.address, ..plan.clone() }).await?);
    }
    println!("\nUSER.CREATE over HTTP without a store, {N_CONNECTIONS} connections");
    println!("  {:<34} {:>9} {:>9} {:>9}", "", "calls/s", "p50 ms", "p99 ms");
    ours.print("a SOAP, all limits on");
    theirs.print("b bare actix, the same bytes");
    against("a / b", ours.rate() / theirs.rate(), SHARE);
    below("99th percentile", ours.times().at(99), SLOWEST, "ms");
    below("resident memory", server.memory()?, MEMORY_LIMIT, "MiB");
    Ok(())
}

#[derive(Default)]
struct Rounds {
    times: Vec<Times>,
    took: Duration,
}

impl Rounds {
    fn add(&mut self, load: load::Load) {
        self.took += load.took;
        self.times.push(load.times);
    }

    /// Runs a plan whose numbers go on from run to run.
    async fn add_numbered(&mut self, plan: &mut Plan) -> anyhow::Result<()> {
        let done = load::run(plan.clone()).await?;
        plan.first += u64::try_from(done.times.len())?;
        self.add(done);
        Ok(())
    }

    fn print(&self, name: &str) {
        println!("  {name:<34} {:9.0} {}", self.rate(), self.times().shown());
    }

    fn times(&self) -> Times {
        Times::joined(&self.times)
    }

    fn rate(&self) -> f64 {
        self.times.iter().map(Times::len).sum::<usize>() as f64 / self.took.as_secs_f64()
    }
}

fn plan(bench: &Bench<'_>, address: SocketAddr, message: &str) -> Plan {
    Plan {
        address,
        n_connections: N_CONNECTIONS,
        request: request(message),
        first: 0,
        max_requests: u64::MAX,
        span: Duration::from_secs(bench.options.seconds),
        expected: GOOD,
    }
}

fn request(message: &str) -> Vec<u8> {
    let head = "POST /webservices/soap HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:ofsys:soap#USER.CREATE\"";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{message}", message.len()).into_bytes()
}

/// `USER.CREATE` on the real program with SQLite: each call a new contact, each answer after the commit. Beside it, in turns, the bare server
/// with the same answer and `Subscriber.Subscribe` of `api.php` on the same program, which writes about the same.
async fn durable(bench: &Bench<'_>) -> anyhow::Result<()> {
    let folder = bench.folder.join("soap");
    std::fs::create_dir_all(&folder)?;
    let program = Program { binary: bench.binary.clone(), folder, database: None, settings: Vec::new() };
    let server = program.start().await?;
    let mut api = client::Api::open(server.address, &server.api_key()?).await?;
    let project = number(&server, "project_id")?;
    let mut create = plan(bench, server.address, &create_message(&server)?);
    create.expected = CREATED;
    let span = create.span;
    let list = api.make_list("Subscribed", "Single").await?;
    let mut subscribe = Plan { n_connections: N_CONNECTIONS, ..subscribe::plan(&server, list, span) };
    let sample = load::run(Plan { max_requests: 100, ..create.clone() }).await?;
    create.first += u64::try_from(sample.times.len())?;
    let bare = Bare::start(bench.folder.join("durable.xml"), &sample.body).await?;
    let bare_plan = Plan { address: bare.address, expected: GOOD, ..create.clone() };
    let (mut created, mut subscribed, mut theirs) = (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..bench.options.rounds {
        created.add_numbered(&mut create).await?;
        theirs.add(load::run(bare_plan.clone()).await?);
        subscribed.add_numbered(&mut subscribe).await?;
    }
    println!(
        "\nUSER.CREATE over HTTP with SQLite, {N_CONNECTIONS} connections, a new contact each, each answer durable"
    );
    println!("  {:<34} {:>9} {:>9} {:>9}", "", "calls/s", "p50 ms", "p99 ms");
    created.print("a SOAP, USER.CREATE");
    theirs.print("b bare actix, the same bytes");
    subscribed.print("c api.php, Subscriber.Subscribe");
    println!("  a / b: {:.2}   a / c: {:.2}", created.rate() / theirs.rate(), created.rate() / subscribed.rate());
    let memory = server.memory()?;
    println!("  resident memory {:.1} MiB, its peak {:.1} MiB", memory.now, memory.peak);
    count_contacts(&mut api, project, create.first, &load::address(create.first - 1)).await?;
    server.stop().await
}

/// Every acknowledged contact is there, and the last one by its address.
async fn count_contacts(api: &mut client::Api, project: i64, n: u64, last: &str) -> anyhow::Result<()> {
    let page = format!(
        "Command=Subscribers.Get&SubscriberListID={project}&SubscriberSegment=Opt-in+pending&RecordsPerRequest=1"
    );
    let found = api.call(&page).await?["TotalSubscribers"].as_u64();
    ensure!(found == Some(n), "{n} contacts were created, {found:?} are there");
    api.call(&format!("Command=Subscriber.Get&ListID={project}&EmailAddress={last}")).await?;
    println!("  contacts created and found: {n}");
    Ok(())
}

/// As a site registers somebody who is still to confirm.
fn create_message(server: &Running) -> anyhow::Result<String> {
    let (id, project) = (number(server, "key_id")?, number(server, "project_id")?);
    let key = server.first("key")?;
    let request = format!(
        "<AuthKey><idKey>{id}</idKey><Key>{key}</Key></AuthKey><idProject>{project}</idProject><Fields><item><key>f_EMail</key>\
         <value>load{NUMBER}@example.com</value></item></Fields><isActive>false</isActive>"
    );
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:ns1=\"urn:ofsys:soap\"><SOAP-ENV:Body><ns1:USER.CREATE><Request>{request}</Request></ns1:USER.CREATE></SOAP-ENV:Body>\
         </SOAP-ENV:Envelope>\n"
    ))
}

fn number(server: &Running, key: &str) -> anyhow::Result<i64> {
    let value = &server.told["first_run"][key];
    value.as_i64().with_context(|| format!("no {key} in {}", server.told))
}

/// The service in a process of its own.
struct Server {
    address: String,
    child: Child,
}

impl Server {
    async fn start(binary: &PathBuf) -> anyhow::Result<Self> {
        let mut command = Command::new(binary);
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("the service ended at once")?;
        Ok(Self { address: line.trim().to_owned(), child })
    }

    fn memory(&self) -> anyhow::Result<f64> {
        Ok(program::memory_of(self.child.id().context("the service has ended")?)?.now)
    }
}
