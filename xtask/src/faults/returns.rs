//! Returned mail that is huge, broken, nested without end, answers by itself, or is forged: piped into `understudy intake`, and by LMTP into the server. Nothing
//! follows from any of it, and each is answered clearly.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::End;
use super::house::{House, Stage, relay, until};
use crate::bench::program::free_address;
use crate::sink::{Manners, Sink};

const SOON: Duration = Duration::from_secs(30);
/// Every server's answer comes within this.
const ANSWER: Duration = Duration::from_secs(20);
/// The most that is taken by LMTP.
const MOST: usize = 1_000_000;
const ANN: &str = "ann@example.com";

/// A mail, and why nothing may follow from it.
struct Bad {
    name: &'static str,
    recipient: String,
    sender: &'static str,
    mail: String,
}

/// What is known of the person stays the same, byte for byte, whatever comes; only then a true bounce is believed.
pub async fn bad_mail(stage: Arc<Stage>) -> anyhow::Result<End> {
    let sink = Sink::start(Manners::default()).await;
    let listen = free_address()?.to_string();
    let returns = format!("domain = \"returns.example.org\"\nlisten = \"{listen}\"\nmax_message_bytes = {MOST}");
    let house = House::open(&stage, &format!("{}[returns]\n{returns}\n", relay(sink.port))).await?;
    let address = envelope_sender(&house, &sink).await?;
    let before = known(&house).await?;
    let all = bad(&address);
    for bad in &all {
        let (code, told) = intake(&house, bad).await.with_context(|| bad.name)?;
        let word = told["taken"].as_str().unwrap_or_default().to_owned();
        ensure!(code == Some(0), "{}: intake ended with {code:?}: {told}", bad.name);
        ensure!(["nothing", "kept", "repeated"].contains(&word.as_str()), "{}: intake says {told}", bad.name);
        let said = lmtp(&listen, bad).await.with_context(|| bad.name)?;
        let expected = match () {
            () if bad.mail.len() > MOST => "552 5.3.4 ",
            () if !bad.recipient.starts_with("b+") => "550 5.1.1 ",
            () => "250 2.0.0 ",
        };
        ensure!(said.starts_with(expected), "{}: LMTP says {said}", bad.name);
        let now = known(&house).await?;
        ensure!(now == before, "{}: {before} became {now}", bad.name);
    }
    ensure!(sink.n_taken() == 1, "something was answered by mail: {:?}", sink.recipients());
    let bounce =
        Bad { name: "a bounce", recipient: address.clone(), sender: "", mail: report(&address, "failed", "5.1.1") };
    let (code, told) = intake(&house, &bounce).await?;
    ensure!(code == Some(0) && told["taken"] == "hard_bounce", "the true bounce: {code:?} {told}");
    ensure!(known(&house).await? != before, "nothing followed from the true bounce");
    house.close().await?;
    Ok(End::Good(format!("{} mails, each by both ways", all.len())))
}

/// Asks somebody to confirm; the envelope sender of that mail.
async fn envelope_sender(house: &House, sink: &Sink) -> anyhow::Result<String> {
    let mut api = house.api().await?;
    let list = api.make_list("News", "Double").await?;
    api.call(&format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress={ANN}&IPAddress=192.0.2.7")).await?;
    let taken = || std::future::ready(Ok(sink.n_taken()));
    until("the question", SOON, taken, |n| *n > 0).await?;
    // The ending of the attempt is noted a moment after the mail was taken.
    let log = || house.tell(&["log", "--subscriber", ANN]);
    until("the note of it", SOON, log, |log: &Value| log[0]["state"] == "sent").await?;
    let first = sink.taken().into_iter().next().context("no mail")?;
    ensure!(first.sender.starts_with("b+"), "envelope sender {}", first.sender);
    Ok(first.sender)
}

/// Everything that is kept about the person.
async fn known(house: &House) -> anyhow::Result<Value> {
    house.tell(&["subscriber", "export", ANN]).await
}

async fn intake(house: &House, bad: &Bad) -> anyhow::Result<(Option<i32>, Value)> {
    let mut command = Command::new(&house.program.binary);
    command.args(["intake", "--json", "--recipient", &bad.recipient, "--sender", bad.sender, "--data"]);
    command.arg(&house.program.folder).envs(house.program.settings.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mail = bad.mail.clone();
    let run = move || -> anyhow::Result<Output> {
        let mut child = command.spawn()?;
        child.stdin.take().context("no standard input")?.write_all(mail.as_bytes())?;
        Ok(child.wait_with_output()?)
    };
    let output = tokio::task::spawn_blocking(run).await??;
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        Value::String(format!(
            "{} {}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))
    });
    Ok((output.status.code(), told))
}

/// The answer to the message, or to what was refused before it.
async fn lmtp(listen: &str, bad: &Bad) -> anyhow::Result<String> {
    let (read, mut write) = TcpStream::connect(listen).await?.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut answer = async || loop {
        let line = tokio::time::timeout(ANSWER, lines.next_line()).await.context("no answer")??;
        let line = line.context("the connection was closed")?;
        if line.as_bytes().get(3) != Some(&b'-') {
            return anyhow::Ok(line);
        }
    };
    answer().await?;
    for command in [
        "LHLO here".to_owned(),
        format!("MAIL FROM:<{}>", bad.sender),
        format!("RCPT TO:<{}>", bad.recipient),
        "DATA".to_owned(),
    ] {
        write.write_all(format!("{command}\r\n").as_bytes()).await?;
        let said = answer().await?;
        if said.starts_with("550 ") && command.starts_with("RCPT") {
            return Ok(said);
        }
        ensure!(said.starts_with(['2', '3']), "{command}: {said}");
    }
    let stuffed = bad.mail.replace("\r\n.", "\r\n..");
    // A server that has had enough need not read the rest.
    let written = write.write_all(format!("{stuffed}\r\n.\r\n").as_bytes()).await;
    let said = answer().await.with_context(|| format!("after the message: {written:?}"))?;
    let _ = write.write_all(b"QUIT\r\n").await;
    Ok(said)
}

/// A report of Postfix's kind about a mail that this address sent.
fn report(address: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {address}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nNobody of that name.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; {ANN}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; 550 {status} no such user\r\n\
         --b--\r\n"
    )
}

fn reply(address: &str, header: &str, body: &str) -> String {
    format!("From: {ANN}\r\nTo: {address}\r\nSubject: Re: News\r\n{header}\r\n{body}\r\n")
}

fn bad(address: &str) -> Vec<Bad> {
    let to = |name, sender, mail| Bad { name, recipient: address.to_owned(), sender, mail };
    let multipart = "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n";
    let mut all = vec![
        to("huge", ANN, reply(address, "", &"0123456789 0123456789 0123456789\r\n".repeat(600_000))),
        to("one endless line", ANN, reply(address, "", &"x".repeat(900_000))),
        to("an endless header", ANN, reply(address, &format!("X-Long: {}\r\n", "y ".repeat(400_000)), "hello")),
        to("without parts", ANN, reply(address, multipart, "no boundary comes")),
        to(
            "broken off in a part",
            ANN,
            reply(address, multipart, "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Rec"),
        ),
        to(
            "bytes that are no text",
            ANN,
            reply(address, "Content-Type: text/plain; charset=utf-99\r\n", "\0\u{1}\u{7f}=ZZ=\r\n\t"),
        ),
        to("broken base64", ANN, reply(address, "Content-Transfer-Encoding: base64\r\n", "====!!!!====")),
        to("empty", ANN, String::new()),
        to("nested parts", ANN, nested(address, 5_000)),
        to("nested messages", ANN, nested_messages(address, 5_000)),
        to(
            "on holiday",
            ANN,
            reply(address, "Auto-Submitted: auto-replied (vacation)\r\n", "I am away. 550 user unknown"),
        ),
        to("on holiday, null sender", "", reply(address, "Auto-Submitted: auto-replied\r\n", "I am away.")),
        to("on holiday, old style", ANN, reply(address, "Precedence: bulk\r\nX-Autoreply: yes\r\n", "I am away.")),
        to(
            "our own, come back",
            address_of_ours(),
            reply(address, "Auto-Submitted: auto-generated\r\n", "Please confirm."),
        ),
        to("a person's answer", ANN, reply(address, "", "Thank you!")),
        to("a delay", "", report(address, "delayed", "4.4.1")),
    ];
    for (name, forged) in forged(address) {
        all.push(Bad { name, recipient: forged.clone(), sender: "", mail: report(&forged, "failed", "5.1.1") });
    }
    all
}

fn address_of_ours() -> &'static str {
    "lists@example.org"
}

/// Envelope senders that this server never made.
fn forged(address: &str) -> Vec<(&'static str, String)> {
    let (local, domain) = address.split_once('@').unwrap_or_default();
    let token = local.trim_start_matches("b+");
    let other = |place: usize| {
        let sign = if token.as_bytes()[place] == b'a' { "b" } else { "a" };
        format!("b+{}{sign}{}@{domain}", &token[..place], &token[place + 1..])
    };
    vec![
        ("another first sign in the token", other(0)),
        ("another last sign in the token", other(token.len() - 1)),
        ("another sign in the midst of the token", other(token.len() / 2)),
        ("a token cut off", format!("b+{}@{domain}", &token[..token.len() - 2])),
        ("a token with more behind it", format!("b+{token}aa@{domain}")),
        ("an empty token", format!("b+@{domain}")),
        ("no token", format!("bounces@{domain}")),
    ]
}

fn nested(address: &str, depth: usize) -> String {
    let mut body = String::new();
    for level in 0..depth {
        body.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{level}\"\r\n\r\n--{level}\r\n"));
    }
    format!("From: {ANN}\r\nTo: {address}\r\nMIME-Version: 1.0\r\n{body}\r\nFinal-Recipient: rfc822; {ANN}\r\n")
}

fn nested_messages(address: &str, depth: usize) -> String {
    let message = format!("From: {ANN}\r\nTo: {address}\r\nContent-Type: message/rfc822\r\n\r\n");
    format!("{}Subject: end\r\n\r\nhello\r\n", message.repeat(depth))
}
