//! Returned mail as mail servers hand it over: piped into the real binary, and by LMTP into a running server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use understudy::domain::envelope_senders::{Posted, address};
use understudy::model::ids::MailId;

use crate::contract::http::Server;
use crate::support::TestDatabase;

const SECRET: &str = "a-secret-for-tests-only";
const DOMAIN: &str = "bounces.example.org";
const POSTFIX: &str = include_str!("../fixtures/returns/postfix.eml");

/// A folder, a database, and settings for returned mail.
struct Place {
    folder: TempDir,
    database: TestDatabase,
    listen: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path());
        // A port that was free a moment ago.
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self { folder, database, listen }
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
        command.args(line).arg("--json").arg("--data").arg(self.folder.path());
        command.arg("--database").arg(self.database.url());
        command.env("UNDERSTUDY_SECURITY_ARGON2_MEMORY_KIB", "64").env("UNDERSTUDY_SECURITY_ARGON2_PASSES", "1");
        command.env("UNDERSTUDY_SECURITY_LINK_SECRET", SECRET).env("UNDERSTUDY_RETURNS_DOMAIN", DOMAIN);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Runs a subcommand with this on its standard input.
    fn pipe(&self, line: &[&str], mail: &str) -> Output {
        let mut child = self.command(line).spawn().unwrap();
        child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn json(&self, line: &[&str], mail: &str) -> Value {
        let output = self.pipe(line, mail);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn serve(&self) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.env("UNDERSTUDY_RETURNS_LISTEN", &self.listen).spawn().unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let welcome: Value = serde_json::from_str(&line).unwrap();
        let server = Server::parse(welcome["address"].as_str().unwrap()).unwrap();
        let key = welcome["first_run"]["api_key"].as_str().unwrap().to_owned();
        Serving { child, server, key }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.database.drop_now();
    }
}

/// A server process; killed when dropped.
struct Serving {
    child: Child,
    server: Server,
    key: String,
}

impl Serving {
    fn call(&self, form: &str) -> Value {
        let form = format!("ResponseFormat=JSON&APIKey={}&{form}", self.key);
        self.server.post("/api.php", &form).unwrap().json().unwrap()
    }

    /// Asks for a subscription, so that a mail to the subscriber is queued; answers the list.
    fn subscribe(&self) -> String {
        let made = self.call("Command=List.Create&SubscriberListName=News");
        let list = made["ListID"].to_string();
        self.call(&format!("Command=List.Update&SubscriberListID={list}&OptInMode=Double"));
        let joined = self.call(&format!(
            "Command=Subscriber.Subscribe&ListID={list}&EmailAddress=ann%40example.com&IPAddress=192.0.2.7"
        ));
        assert_eq!(joined["Success"], true, "{joined}");
        list
    }

    fn bounce_type(&self, list: &str) -> Value {
        let form = format!("Command=Subscriber.Get&ListID={list}&EmailAddress=ann%40example.com");
        self.call(&form)["SubscriberInformation"]["BounceType"].clone()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The envelope sender of the first queued mail.
fn sender() -> String {
    address(SECRET, Posted::Mail(MailId(1)), DOMAIN)
}

fn bounce() -> String {
    let token = sender().split(['+', '@']).nth(1).unwrap().to_owned();
    POSTFIX.replace("TOKEN", &token).replace('\n', "\r\n")
}

#[test]
fn a_piped_bounce_marks_the_subscriber_and_is_counted_once() {
    let place = Place::new();
    let serving = place.serve();
    let list = serving.subscribe();
    assert_eq!(serving.bounce_type(&list), "Not Bounced");
    assert_eq!(place.json(&["intake"], &bounce())["taken"], "hard_bounce");
    assert_eq!(place.json(&["intake", "--sender", "", "--recipient", &sender()], &bounce())["taken"], "repeated");
    assert_eq!(serving.bounce_type(&list), "Hard");

    let forged = bounce().replace(&sender()[2..8], "aaaaaa");
    assert_eq!(place.json(&["intake"], &forged)["taken"], "kept");
    let kept = place.json(&["returns", "list"], "");
    assert_eq!(kept.as_array().unwrap().len(), 1, "{kept}");
    let id = kept[0]["id"].to_string();
    assert!(place.json(&["returns", "show", &id], "")["message"].as_str().unwrap().contains("MAILER-DAEMON"));

    let about = place.json(&["subscriber", "export", "ann@example.com"], "");
    assert_eq!(about["tables"]["return_events"][0]["code"], "5.1.1", "{about}");
    assert_eq!(place.json(&["subscriber", "erase", "ANN@example.com"], "")["subscriptions"], 1);
    let about = place.json(&["subscriber", "export", "ann@example.com"], "");
    assert_eq!(about["tables"].as_object().unwrap().keys().collect::<Vec<_>>(), ["suppressions"], "{about}");
}

#[test]
fn what_cannot_be_stored_is_for_the_mail_server_to_keep() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("sqlite:{}", folder.path().join("none.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
    command.args(["intake", "--database", &nowhere, "--data"]).arg(place.folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{output:?}");
}

#[test]
fn a_running_server_takes_bounces_by_lmtp() {
    let place = Place::new();
    let serving = place.serve();
    let list = serving.subscribe();
    let mut stream = TcpStream::connect(&place.listen).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let talk = format!("LHLO here\r\nMAIL FROM:<>\r\nRCPT TO:<{}>\r\nDATA\r\n{}\r\n.\r\nQUIT\r\n", sender(), bounce());
    stream.write_all(talk.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("250 2.0.0 hard_bounce"), "{said}");
    assert_eq!(serving.bounce_type(&list), "Hard");
}
