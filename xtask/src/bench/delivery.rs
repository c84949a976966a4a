//! What sending a campaign costs: a personalised message of 10 KB, HTML and text, to everybody on a list, over ten connections into a sink on this
//! machine, with every result durable on SQLite. Beside it, into the same sink, lettre's own pool and Postfix's `smtp-source`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use lettre::message::MultiPart;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde_json::Value;

use super::client::Api;
use super::figures::{against, below};
use super::lists;
use super::program::{Memory, Program, Running};
use super::sink::Sink;
use super::{Bench, MEMORY_LIMIT, SHORT};
use crate::test::seeder::CommandLine;

/// Connections to the sink.
const CONNECTIONS: usize = 10;
/// Size of a body, in bytes.
const BODY_BYTES: usize = 10 * 1024;
/// A campaign must be over within this.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Between looks at it.
const LOOK: Duration = Duration::from_millis(100);
/// The domain of the sender.
const SENDER_DOMAIN: &str = "example.org";
/// Messages a second that are wanted unsigned, and signed by RSA of 2048 bits.
const WANTED_UNSIGNED: f64 = 3_000.0;
const WANTED_SIGNED: f64 = 600.0;

/// Prints the table.
///
/// # Errors
/// When something does not start, or not everybody gets the campaign.
pub async fn run(bench: &Bench<'_>) -> anyhow::Result<()> {
    println!("\nCampaigns: {} connections, {BODY_BYTES} bytes of HTML and as much text, SQLite", CONNECTIONS);
    let folder = bench.folder.join("delivery");
    std::fs::create_dir_all(&folder)?;
    let sink = Sink::start().await?;
    let span = Duration::from_secs(bench.options.seconds);
    stock_lettre(&sink, span).await?;
    smtp_source(&sink, span).await?;

    let config = folder.join("understudy.toml");
    std::fs::write(&config, settings(sink.port))?;
    let config = config.to_string_lossy().into_owned().leak();
    let settings = vec![("UNDERSTUDY_CONFIG", &*config)];
    let program = Program { binary: bench.binary.clone(), folder, database: None, settings };
    let server = program.start().await?;
    let mut api = Api::open(server.address, &server.api_key()?).await?;
    let sender = Sender::new(&program, &server)?;
    let few = lists::fill(&server, &mut api, SHORT).await?;
    let many = lists::fill(&server, &mut api, bench.options.rows).await?;

    let short = sender.send(&sink, few.list).await?;
    short.show("unsigned, short list");
    let long = sender.send(&sink, many.list).await?;
    long.show("unsigned, long list");
    against("messages/s unsigned, long list", long.rate(), WANTED_UNSIGNED);
    against("rate of the long list beside the short one's", long.rate() / short.rate(), 0.9);
    below("resident memory, at most", server.memory()?.peak, MEMORY_LIMIT, "MiB");

    sender.tell(&["domain", "create", SENDER_DOMAIN, "--enable"])?;
    // A running server notices a new key within a while.
    server.stop().await?;
    let server = program.start().await?;
    let sender = Sender::new(&program, &server)?;
    let signed = sender.send(&sink, few.list).await?;
    ensure!(sink.n_signed() == signed.n, "{} of {} were signed", sink.n_signed(), signed.n);
    signed.show("signed by RSA-2048, short list");
    against("messages/s signed", signed.rate(), WANTED_SIGNED);
    server.stop().await
}

/// A campaign that was sent.
struct Sent {
    n: u64,
    took: Duration,
    memory: Memory,
}

impl Sent {
    fn rate(&self) -> f64 {
        self.n as f64 / self.took.as_secs_f64()
    }

    fn show(&self, name: &str) {
        println!(
            "  {name}: {} messages in {:.1} s, {:.0} a second; memory {:.1}, peak {:.1} MiB",
            self.n,
            self.took.as_secs_f64(),
            self.rate(),
            self.memory.now,
            self.memory.peak
        );
    }
}

/// Makes and starts campaigns by the command line, beside the running server.
struct Sender<'s> {
    server: &'s Running,
    line: CommandLine,
    html: PathBuf,
    text: PathBuf,
}

impl<'s> Sender<'s> {
    fn new(program: &Program, server: &'s Running) -> anyhow::Result<Self> {
        let line = CommandLine { binary: program.binary.clone(), folder: program.folder.clone(), database: None };
        let (html, text) = (program.folder.join("body.html"), program.folder.join("body.txt"));
        write_bodies(&html, &text)?;
        Ok(Self { server, line, html, text })
    }

    fn tell(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        self.line.tell(arguments)
    }

    /// Sends the message to a whole list; from the start of the campaign, planning included, to its end.
    async fn send(&self, sink: &Sink, list: i64) -> anyhow::Result<Sent> {
        let (html, text) = (self.html.to_string_lossy(), self.text.to_string_lossy());
        let owned = ["--account", "demo"];
        let sender = format!("news@{SENDER_DOMAIN}");
        let body = ["--sender-email", &sender, "--html-file", &html, "--text-file", &text];
        let made =
            self.tell(&[&["message", "create", "--name", "m", "--subject", "News"], &owned[..], &body].concat())?;
        let message = made["message_id"].as_i64().with_context(|| format!("no message_id: {made}"))?.to_string();
        let list = list.to_string();
        let whom = ["--name", "c", "--message", &message, "--list", &list];
        let made = self.tell(&[&["campaign", "create"], &owned[..], &whom].concat())?;
        let campaign = made["campaign_id"].as_i64().with_context(|| format!("no campaign_id: {made}"))?.to_string();
        let before = sink.n_taken();
        let started = Instant::now();
        self.tell(&["campaign", "start", &campaign])?;
        let status = self.wait(&campaign, started).await?;
        let took = started.elapsed();
        let n = status["n_recipients"].as_u64().unwrap_or_default();
        ensure!(status["state"] == "sent" && status["n_sent"].as_u64() == Some(n), "{status}");
        ensure!(sink.n_taken() - before == n, "the sink took {} of {n}", sink.n_taken() - before);
        Ok(Sent { n, took, memory: self.server.memory()? })
    }

    /// Its end, looked for rarely while it is far, so that looking costs little.
    async fn wait(&self, campaign: &str, started: Instant) -> anyhow::Result<Value> {
        loop {
            let status = self.tell(&["campaign", "status", campaign])?;
            if status["state"] != "sending" {
                return Ok(status);
            }
            ensure!(started.elapsed() < PATIENCE, "the campaign does not end: {status}");
            let is_far = status["n_open"].as_u64().unwrap_or_default() > 20_000 || status["planned_at"] == "";
            tokio::time::sleep(if is_far { LOOK * 5 } else { LOOK }).await;
        }
    }
}

fn write_bodies(html: &Path, text: &Path) -> anyhow::Result<()> {
    let line = "<p>Hej %Subscriber:EmailAddress%, this is what is new på kysten: <a href=\"https://example.org/a\">more</a></p>\n";
    let mut body = String::from("<html><body>\n");
    while body.len() < BODY_BYTES {
        body.push_str(line);
    }
    body.push_str("<a href=\"%Link:Unsubscribe%\">Leave</a></body></html>\n");
    std::fs::write(html, &body)?;
    let mut plain = String::new();
    while plain.len() < BODY_BYTES {
        plain.push_str("Hej %Subscriber:EmailAddress%, this is what is new on the coast.\n");
    }
    Ok(std::fs::write(text, plain + "%Link:Unsubscribe%\n")?)
}

fn settings(port: u16) -> String {
    format!(
        "[[mail.relays]]
name = \"sink\"
host = \"127.0.0.1\"
port = {port}
tls = \"none\"
connections = {CONNECTIONS}
messages_per_connection = 1000
[returns]
domain = \"returns.example.org\"
"
    )
}

/// lettre's own pool with as many connections, a message built once.
async fn stock_lettre(sink: &Sink, span: Duration) -> anyhow::Result<()> {
    let mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(sink.port)
        .pool_config(lettre::transport::smtp::PoolConfig::new().max_size(u32::try_from(CONNECTIONS)?))
        .build();
    let message = Message::builder()
        .from(format!("news@{SENDER_DOMAIN}").parse()?)
        .to("reader@example.com".parse()?)
        .subject("News")
        .multipart(MultiPart::alternative_plain_html(
            "text\n".repeat(BODY_BYTES / 5),
            "<p>text</p>\n".repeat(BODY_BYTES / 12),
        ))?;
    let (envelope, bytes) = (message.envelope().clone(), message.formatted());
    let started = Instant::now();
    let before = sink.n_taken();
    let mut senders = Vec::new();
    for _ in 0..CONNECTIONS {
        let (mailer, envelope, bytes) = (mailer.clone(), envelope.clone(), bytes.clone());
        senders.push(tokio::spawn(async move {
            while started.elapsed() < span {
                mailer.send_raw(&envelope, &bytes).await?;
            }
            anyhow::Ok(())
        }));
    }
    for sender in senders {
        sender.await??;
    }
    let n = sink.n_taken() - before;
    println!("  lettre's own pool, one message built once: {:.0} a second", n as f64 / started.elapsed().as_secs_f64());
    Ok(())
}

/// Postfix's generator, if it is there.
async fn smtp_source(sink: &Sink, span: Duration) -> anyhow::Result<()> {
    let before = sink.n_taken();
    let started = Instant::now();
    let (sessions, target) = (CONNECTIONS.to_string(), format!("127.0.0.1:{}", sink.port));
    let mut command = tokio::process::Command::new("/usr/sbin/smtp-source");
    let length = (BODY_BYTES * 2).to_string();
    command.args(["-d", "-s", &sessions, "-l", &length, "-m", "100000000", &target]).kill_on_drop(true);
    let Ok(mut child) = command.spawn() else {
        println!("  Postfix's smtp-source: not installed");
        return Ok(());
    };
    if tokio::time::timeout(span, child.wait()).await.is_err() {
        child.kill().await?;
    }
    let n = sink.n_taken() - before;
    println!(
        "  Postfix's smtp-source -d, no personal message: {:.0} a second",
        n as f64 / started.elapsed().as_secs_f64()
    );
    Ok(())
}
