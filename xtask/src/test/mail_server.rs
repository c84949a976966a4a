//! Mail on its whole way: called for over both wires, signed, handed to a real Postfix, read in its mailbox; what it bounces comes back.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::counted::{Count, run_counted};
use super::postfix::{Postfix, RETURNS_DOMAIN};
use super::server::Server;
use super::soap_tools::{Runner, Workshop};
use super::tools;

/// The domain of the senders; the key of it signs.
const SENDER_DOMAIN: &str = "example.org";

/// Runs it on a server of its own, on SQLite.
///
/// # Errors
/// When Postfix, the server or Python's packages cannot be made ready.
pub async fn run(workshop: &mut Workshop, binary: &Path) -> anyhow::Result<Count> {
    if !tools::is_root().await {
        println!("not run: Postfix is started by root only");
        return Ok(Count::default());
    }
    workshop.make_ready(Runner::Python, &[]).await?;
    let returns_port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let postfix = Postfix::start(returns_port).await.context("cannot start a private Postfix")?;
    let folder = tempfile::Builder::new().prefix("understudy-mail-").tempdir()?;
    let file = folder.path().join("understudy.toml");
    std::fs::write(&file, settings(postfix.port, returns_port))?;
    let server = Server::start_with(binary, None, Some(&file)).await?;
    let count = call(workshop, &server, &postfix).await;
    server.stop().await?;
    let count = count?;
    if count.n_failed > 0 {
        println!("Postfix says:\n{}", postfix.log());
    }
    postfix.stop().await?;
    Ok(count)
}

async fn call(workshop: &Workshop, server: &Server, postfix: &Postfix) -> anyhow::Result<Count> {
    let made = server.tell(&["domain", "create", SENDER_DOMAIN, "--enable"]).await?;
    let key = &made[0];
    let name = key["record_name"].as_str().with_context(|| format!("no record_name: {key}"))?;
    let texts: Vec<&str> = key["record_texts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(!texts.is_empty(), "no record_texts: {key}");
    let account = server.make_account().await?;
    let mut command = workshop.python("../mail/postfix.py");
    command.args([&server.base_url, &account.username, &account.password, &account.api_key]).args(&account.project);
    command.env("UNDERSTUDY_MAILBOX", postfix.mailbox());
    command.env("UNDERSTUDY_DKIM_NAME", name).env("UNDERSTUDY_DKIM_RECORD", texts.concat());
    let count = run_counted(command).await?;
    let is_silent = count == Count::default();
    Ok(if is_silent { Count { n_passed: 0, n_failed: 1 } } else { count })
}

fn settings(relay_port: u16, returns_port: u16) -> String {
    format!(
        "[mail]
from_name = \"Lists\"
from_email = \"lists@{SENDER_DOMAIN}\"
[[mail.relays]]
name = \"postfix\"
host = \"127.0.0.1\"
port = {relay_port}
tls = \"none\"
[returns]
domain = \"{RETURNS_DOMAIN}\"
listen = \"127.0.0.1:{returns_port}\"
"
    )
}
