//! Campaigns from end to end: driven from the command line beside the running server, written into the outbox by its workers, left by one click, and whole
//! after a server was killed.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{TestAccount, TestApp, TestDatabase};

/// How long the workers may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn list_of(app: &TestApp, account: &TestAccount, emails: &[&str]) -> String {
    let session = &account.session;
    let call = format!("Command=List.Create&SessionID={session}&SubscriberListName=News&OptInMode=Single");
    let list = app.json(&call)["ListID"].to_string();
    for email in emails {
        let call = format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress={email}&IPAddress=192.0.2.1");
        assert_eq!(app.json(&call)["Success"], true);
    }
    list
}

/// Runs a subcommand that must succeed.
fn run(app: &TestApp, line: &[&str]) -> Value {
    let (is_good, shown) = app.run(line);
    assert!(is_good, "{line:?}: {shown}");
    shown
}

fn draft(app: &TestApp, account: &TestAccount, lists: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body.html");
    std::fs::write(&body, "<p>Dear %Subscriber:EmailAddress%</p><a href='%Link:Unsubscribe%'>Leave</a>").unwrap();
    let name = &account.username;
    let made = run(
        app,
        &[
            "message",
            "create",
            "--account",
            name,
            "--name",
            "Spring",
            "--subject",
            "For %Subscriber:EmailAddress%",
            "--sender-name",
            "News",
            "--sender-email",
            "news@example.org",
            "--html-file",
            body.to_str().unwrap(),
        ],
    );
    let message = made["message_id"].to_string();
    let mut line = vec!["campaign", "create", "--account", name, "--name", "Spring", "--message", &message];
    for list in lists {
        line.extend(["--list", list]);
    }
    run(app, &line)["campaign_id"].to_string()
}

#[test]
fn a_campaign_is_made_started_watched_and_looked_up_from_the_command_line() {
    let mut app = TestApp::start();
    let account = app.account("");
    let first = list_of(&app, &account, &["ann@example.com", "bob@example.com", "cid@example.net"]);
    let second = list_of(&app, &account, &["bob@example.com", "dan@example.com"]);
    let part = format!("{first}:[\"address\",\"ends\",\"@example.com\"]");
    let id = draft(&app, &account, &[&part, &second]);
    let shown = run(&app, &["campaign", "show", &id]);
    assert_eq!((&shown["state"], &shown["lists"][0]["selection"][0]), (&"draft".into(), &"address".into()));
    assert_eq!(run(&app, &["campaign", "schedule", &id, "--at", "2099-01-01T00:00:00Z"])["state"], "scheduled");
    assert_eq!(run(&app, &["campaign", "unschedule", &id])["state"], "draft");
    assert_eq!(run(&app, &["campaign", "start", &id])["state"], "sending");
    let over = run(&app, &["campaign", "status", &id, "--watch"]);
    let counts = ["n_recipients", "n_sent", "n_failed", "n_skipped", "n_open"].map(|name| over[name].as_i64().unwrap());
    assert_eq!((over["state"].as_str(), counts), (Some("sent"), [3, 3, 0, 0, 0]), "{over}");

    let mails = app.mails();
    let mut to: Vec<&str> = mails.iter().map(|mail| mail.header("subject")).collect();
    to.sort();
    assert_eq!(to, ["For ann@example.com", "For bob@example.com", "For dan@example.com"]);
    assert!(mails.iter().all(|mail| mail.header("list-unsubscribe").contains(&app.server.base_url())));

    let log = run(&app, &["log", "--subscriber", "BOB@example.com"]);
    let entries: Vec<_> = log.as_array().unwrap().iter().map(|row| (&row["list_id"], &row["state"])).collect();
    assert_eq!(entries, [(&Value::from(first.parse::<i64>().unwrap()), &Value::from("sent"))]);
    assert_eq!(run(&app, &["log", "--campaign", &id, "--state", "sent"]).as_array().unwrap().len(), 3);
    assert_eq!(run(&app, &["queue"])[0]["queue"], "mails");
    let listed = run(&app, &["campaign", "list", "--account", &account.username]);
    assert_eq!(listed[0]["campaign_id"].to_string(), id);
    assert!(!app.run(&["campaign", "pause", &id]).0, "it is over");
    assert!(!app.run(&["campaign", "show", "99"]).0);
}

#[test]
fn who_leaves_by_one_click_gets_no_further_campaign() {
    let mut app = TestApp::start();
    let account = app.account("");
    let list = list_of(&app, &account, &["ann@example.com", "bob@example.com"]);
    let id = draft(&app, &account, &[&list]);
    run(&app, &["campaign", "start", &id]);
    let mails = app.mails();
    assert_eq!(mails.len(), 2);
    let to_ann = mails.iter().find(|mail| mail.is_to("ann@example.com")).unwrap();
    let pattern = Regex::new(&format!("<{}(/[^>]+)>", regex::escape(&app.server.base_url()))).unwrap();
    let header = to_ann.header("list-unsubscribe").replace([' ', '\t', '\r', '\n'], "");
    let link = pattern.captures(&header).unwrap_or_else(|| panic!("no link in {header}"))[1].to_owned();
    assert_eq!(app.server.post(&link, "List-Unsubscribe=One-Click").unwrap().status, 200);

    let again = draft(&app, &account, &[&list]);
    run(&app, &["campaign", "start", &again]);
    let mails = app.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].is_to("bob@example.com"), "{}", mails[0].header("to"));
}

/// A folder and a database that processes share.
struct Place {
    folder: TempDir,
    database: TestDatabase,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.database.drop_now();
    }
}

/// A server process; killed with the test.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        // One that was killed before is gone already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Place {
    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
        command.args(line).arg("--json").arg("--data").arg(self.folder.path());
        command.arg("--database").arg(self.database.url());
        command.env("UNDERSTUDY_SECURITY_ARGON2_MEMORY_KIB", "64").env("UNDERSTUDY_SECURITY_ARGON2_PASSES", "1");
        // Leases last far longer than the test: what a dead node had comes back because others miss it.
        command.env("UNDERSTUDY_QUEUE_NODE_SECONDS", "2");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    fn json(&self, line: &[&str]) -> Value {
        let output = self.command(line).output().unwrap();
        assert!(output.status.success(), "{line:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn serve(&self) -> Node {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = self.command(&["serve"]);
        command.env("UNDERSTUDY_SERVER_LISTEN", format!("127.0.0.1:{port}")).stdout(Stdio::null());
        Node(command.spawn().unwrap())
    }

    /// Waits until the campaign is as asked.
    fn wait(&self, id: &str, is_good: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let status = self.json(&["campaign", "status", id]);
            if is_good(&status) {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "{status}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whom the mails in the outbox are for.
    fn reached(&self) -> BTreeSet<String> {
        let outbox: &Path = &self.folder.path().join("outbox");
        let names = std::fs::read_dir(outbox).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let of = |name: String| Some(name.strip_suffix(".eml")?.split_once('-')?.1.to_owned());
        names.filter(|name| !name.starts_with('.')).filter_map(of).collect()
    }
}

#[test]
fn a_server_that_is_killed_while_it_sends_misses_nobody() {
    const N: i64 = 1_500;
    let folder = tempfile::tempdir().unwrap();
    let place = Place { database: TestDatabase::create(folder.path()), folder };
    place.json(&["account", "create", "--username", "shop", "--email", "shop@example.com"]);
    let list = place.json(&["project", "create", "--account", "shop", "--name", "News"])["project_id"].to_string();
    place.database.execute(&format!(
        "INSERT INTO subscribers (list_id, number, email, email_key, status, bounce, is_suppressed, roster, fields, subscribed_at, \
         subscribed_ip, opted_in_at, unsubscribed_at, unsubscribed_ip, request_sent_at, source, source_ref, import_id) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {N}) \
         SELECT {list}, i, i || '@example.com', i || '@example.com', 2, 0, FALSE, 1, '{{}}', 0, '', NULL, NULL, '', NULL, 1, '', 0 FROM n"
    ));
    place.database.execute(&format!("UPDATE list_totals SET last_number = {N}, n_active = {N} WHERE list_id = {list}"));
    let body = place.folder.path().join("body.txt");
    std::fs::write(&body, "Hello").unwrap();
    let body = body.to_str().unwrap();
    let line = ["message", "create", "--account", "shop", "--name", "m", "--subject", "s", "--text-file", body];
    let message = place.json(&line)["message_id"].to_string();
    let line = ["campaign", "create", "--account", "shop", "--name", "c", "--message", &message, "--list", &list];
    let id = place.json(&line)["campaign_id"].to_string();

    let mut first = place.serve();
    // On one PostgreSQL two nodes share the work; on SQLite the next one begins where the first was killed.
    let beside = std::env::var("UNDERSTUDY_TEST_DATABASE").is_ok().then(|| place.serve());
    place.json(&["campaign", "start", &id]);
    place.wait(&id, |status| status["n_sent"].as_i64() > Some(50));
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let node = beside.unwrap_or_else(|| place.serve());
    let over = place.wait(&id, |status| status["state"] == "sent");
    drop(node);
    let counts = ["n_recipients", "n_sent", "n_failed", "n_skipped"].map(|name| over[name].as_i64().unwrap());
    assert_eq!(counts, [N, N, 0, 0], "{over}");
    let everybody: BTreeSet<String> = (1..=N).map(|number| format!("{number}@example.com")).collect();
    assert!(place.reached() == everybody, "{} of {N} reached", place.reached().len());
    let uncertain = place.database.count("SELECT count(*) AS n FROM recipients WHERE is_uncertain");
    assert_eq!(over["n_uncertain"].as_i64(), Some(uncertain));
}
