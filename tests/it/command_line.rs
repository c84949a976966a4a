//! The binary as people and scripts run it: first start, subcommands beside a running server, exit codes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::contract::http::Server;
use crate::support::TestDatabase;

/// How long a server may take to start.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// A folder and a database that several processes of the binary share.
struct Place {
    folder: TempDir,
    database: TestDatabase,
}

/// A server process; killed when dropped.
struct Serving {
    child: Child,
    /// What it printed at its start.
    welcome: Value,
    server: Server,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path());
        Self { folder, database }
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
        command.args(line).arg("--data").arg(self.folder.path()).arg("--database").arg(self.database.url());
        command.env("UNDERSTUDY_SECURITY_ARGON2_MEMORY_KIB", "64").env("UNDERSTUDY_SECURITY_ARGON2_PASSES", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &[&str]) -> Output {
        self.command(line).arg("--json").output().unwrap()
    }

    /// Runs a subcommand that must succeed and reads what it shows.
    fn json(&self, line: &[&str]) -> Value {
        let output = self.run(line);
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn spawn(&self) -> Child {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    fn serve(&self) -> Serving {
        Serving::wait_for(self.spawn())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.database.drop_now();
    }
}

impl Serving {
    fn wait_for(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(lines.next()));
        let line = receiver.recv_timeout(START_PATIENCE).ok().flatten();
        let Some(line) = line else {
            child.kill().unwrap();
            panic!("the server did not start");
        };
        let welcome: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let server = Server::parse(welcome["address"].as_str().unwrap()).unwrap();
        Self { child, welcome, server }
    }

    fn call(&self, form: &str) -> Value {
        self.server.post("/api.php", form).unwrap().json().unwrap()
    }

    fn log_in(&self, username: &str, password: &str) -> Value {
        self.call(&format!("Command=User.Login&Username={username}&Password={}", encoded(password)))
    }

    fn lists_by_key(&self, key: &str) -> Value {
        self.call(&format!("Command=Lists.Get&APIKey={key}"))
    }

    /// Asks it to end as a service manager does; whether it ended well.
    #[cfg(unix)]
    fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        // The shell's own `kill`: a small system has no program of that name.
        assert!(Command::new("sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[test]
#[cfg(unix)]
fn the_first_start_makes_a_login_and_a_key_and_later_starts_tell_no_secrets() {
    let place = Place::new();
    let mut serving = place.serve();
    let first = serving.welcome["first_run"].clone();
    assert_eq!(serving.log_in("demo", text(&first["account_password"]))["Success"], true);
    assert_eq!(serving.lists_by_key(text(&first["api_key"]))["Success"], true);
    for call in ["php", "soap"] {
        assert!(text(&first["calls"][call]).starts_with("php -r '"), "{first}");
    }
    assert!(serving.terminate(), "SIGTERM ends it with code 0");

    let again = place.serve();
    assert_eq!(again.welcome["first_run"], Value::Null);
    assert!(!again.welcome.to_string().contains(text(&first["api_key"])));
    assert_eq!(again.log_in("demo", text(&first["account_password"]))["Success"], true);
}

#[test]
fn of_servers_started_at_once_on_one_empty_database_one_fills_it() {
    let place = Place::new();
    let children: Vec<Child> = (0..3).map(|_| place.spawn()).collect();
    let serving: Vec<Serving> = children.into_iter().map(Serving::wait_for).collect();
    let n_filled = serving.iter().filter(|serving| !serving.welcome["first_run"].is_null()).count();
    assert_eq!(n_filled, 1);
    assert_eq!(place.database.count("SELECT count(*) AS n FROM accounts"), 1);
    assert_eq!(place.database.count("SELECT count(*) AS n FROM operators"), 1);
    assert_eq!(place.database.count("SELECT count(*) AS n FROM server_secrets"), 1);
}

#[test]
fn accounts_are_made_disabled_and_given_passwords_beside_a_running_server() {
    let place = Place::new();
    let serving = place.serve();
    let made =
        place.json(&["account", "create", "--username", "Shop", "--email", "it@shop.example", "--password", "-p1"]);
    assert!(made["account_id"].is_i64() && made["user_group_id"].is_i64() && made.get("password").is_none(), "{made}");
    assert_eq!(serving.lists_by_key(text(&made["api_key"]))["Success"], true);
    let session = text(&serving.log_in("shop", "-p1")["SessionID"]).to_owned();
    let by_session = format!("Command=Lists.Get&SessionID={session}");
    assert_eq!(serving.call(&by_session)["Success"], true);

    place.json(&["account", "disable", "--username", "IT@shop.example"]);
    assert_eq!(serving.call(&by_session)["ErrorCode"], 99998);
    assert_eq!(serving.lists_by_key(text(&made["api_key"]))["ErrorCode"], 99998);
    place.json(&["account", "enable", "--username", "shop"]);
    assert_eq!(serving.call(&by_session)["ErrorCode"], 99998, "its session stays ended");
    assert_eq!(serving.lists_by_key(text(&made["api_key"]))["Success"], true);

    let rotated = place.json(&["account", "rotate-password", "--username", "shop"]);
    assert_eq!(serving.log_in("shop", "-p1")["Success"], false);
    assert_eq!(serving.log_in("shop", text(&rotated["password"]))["Success"], true);
    let wire = place.json(&["account", "set-wire", "--username", "shop", "row_ids=numbers", "xml_false=word"]);
    assert_eq!(wire["wire"]["row_ids"], "numbers");
    assert_eq!(
        place.json(&["account", "set-wire", "--username", "shop", "xml_false="])["wire"].as_object().unwrap().len(),
        1
    );
    assert_eq!(place.json(&["account", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_password_from_standard_input_does_not_stand_in_the_call() {
    let place = Place::new();
    let line = ["account", "create", "--username", "quiet", "--email", "quiet@example.com", "--password-stdin"];
    let mut child = place.command(&line).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"from a pipe\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(place.serve().log_in("quiet", "from a pipe")["Success"], true);
}

#[test]
fn keys_end_by_rotation_by_hand_and_elsewhere() {
    let place = Place::new();
    place.json(&["account", "create", "--username", "shop", "--email", "it@shop.example"]);
    let serving = place.serve();
    assert_eq!(serving.welcome["first_run"], Value::Null, "a database with an account is not filled");
    let made = place.json(&["credential", "create", "--account", "shop", "--note", "site", "--expires", "2999-01-01"]);
    let id = made["credential_id"].to_string();
    assert_eq!(serving.lists_by_key(text(&made["api_key"]))["Success"], true);

    let rotated = place.json(&["credential", "rotate", &id]);
    assert_eq!(serving.lists_by_key(text(&made["api_key"]))["ErrorCode"], 99998);
    assert_eq!(serving.lists_by_key(text(&rotated["api_key"]))["Success"], true);
    assert_eq!(place.run(&["credential", "rotate", &id]).status.code(), Some(1), "it has ended");
    place.json(&["credential", "disable", &rotated["credential_id"].to_string()]);
    assert_eq!(serving.lists_by_key(text(&rotated["api_key"]))["ErrorCode"], 99998);

    let elsewhere = place.json(&["credential", "create", "--account", "shop", "--ip", "192.0.2.1"]);
    assert_eq!(serving.lists_by_key(text(&elsewhere["api_key"]))["ErrorCode"], 99998);
    let listed = place.json(&["credential", "list", "--account", "shop"]);
    let states: Vec<bool> = listed.as_array().unwrap().iter().map(|row| row["is_good"].as_bool().unwrap()).collect();
    assert_eq!(states, [true, false, false, true]);
    assert!(!listed.to_string().contains(text(&elsewhere["api_key"])));
}

#[test]
fn operators_are_made_listed_and_shut_out() {
    let place = Place::new();
    let made =
        place.json(&["operator", "create", "--username", "Ann", "--email", "ann@example.com", "--name", "Ann B"]);
    assert!(made["operator_id"].is_i64() && made["password"].is_string(), "{made}");
    assert!(place.json(&["credential", "create", "--operator", "ann"])["api_key"].is_string());
    assert!(place.json(&["operator", "rotate-password", "--username", "ann"])["password"].is_string());
    place.json(&["operator", "disable", "--username", "ann@example.com"]);
    let listed = place.json(&["operator", "list"]);
    assert_eq!((&listed[0]["name"], &listed[0]["is_enabled"]), (&Value::from("Ann B"), &Value::from(false)));
    assert_eq!(place.json(&["operator", "enable", "--username", "ann"])["is_enabled"], true);
}

#[test]
fn failures_are_one_line_with_code_1_and_wrong_calls_code_2() {
    let place = Place::new();
    let create = ["account", "create", "--username", "one", "--email", "one@example.com"];
    place.json(&create);
    let output = place.run(&create);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{stderr}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["error"], r#"user name "one" is taken"#);
    for (line, code) in [
        (&["account", "create", "--username", "two", "--email", "nobody"][..], 1),
        (&["account", "create", "--username", "two", "--email", "two@example.com", "--group", "99"], 1),
        (&["account", "disable", "--username", "nobody"], 1),
        (&["credential", "disable", "99"], 1),
        (&["credential", "create", "--account", "one", "--expires", "2001-01-01"], 1),
        (&["account", "set-wire", "--username", "one", "row_ids=both"], 2),
        (&["credential", "list"], 2),
        (&["account", "create"], 2),
        (&["perform"], 2),
    ] {
        assert_eq!(place.run(line).status.code(), Some(code), "{line:?}");
    }
}

#[test]
fn a_bad_setting_or_a_taken_port_stops_the_start_and_is_named() {
    let place = Place::new();
    let bad =
        place.command(&["serve", "--listen", "127.0.0.1:0"]).env("UNDERSTUDY_OEMPRO_WIRE", "{row_ids=\"x\"}").output();
    let told = String::from_utf8(bad.unwrap().stderr).unwrap();
    assert!(told.contains("oempro.wire.row_ids"), "{told}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = place.run(&["serve", "--listen", &address]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && told.contains(&address), "{told}");
}

#[test]
fn a_newer_database_is_not_touched_and_said_to_be_newer() {
    let place = Place::new();
    place.json(&["migrate"]);
    place.database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && told.contains("newer"), "{told}");
}

#[test]
fn settings_are_shown_without_secrets_and_commands_as_an_array() {
    let place = Place::new();
    let show =
        place.command(&["config", "show"]).env("UNDERSTUDY_SECURITY_LINK_SECRET", "0123456789opensesame").output();
    let shown = String::from_utf8(show.unwrap().stdout).unwrap();
    assert!(shown.contains("link_secret") && !shown.contains("opensesame"), "{shown}");
    assert_eq!(place.json(&["config", "check"])["is_good"], true);
    assert_eq!(place.json(&["config", "show"])["soap"]["depth"], 64);
    let mut deeper = place.command(&["config", "check"]);
    let refused = deeper.env("UNDERSTUDY_SOAP_DEPTH", "257").output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("soap.depth: must be 16 to 256"), "{said}");
    let commands = place.json(&["commands"]);
    let login = commands.as_array().unwrap().iter().find(|row| row["name"] == "User.Login").unwrap();
    assert_eq!((&login["auth"], &login["codes"]), (&Value::from("none"), &Value::from("login")));
}

#[test]
fn health_is_told_without_a_login() {
    let place = Place::new();
    let serving = place.serve();
    let answer = serving.server.send("GET", "/healthz", "HTTP/1.1", &[], b"").unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"status":"ok"}"#));
}

#[test]
#[cfg(unix)]
fn what_is_made_in_a_new_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("new");
    let migrate = Command::new(env!("CARGO_BIN_EXE_understudy")).arg("migrate").arg("--data").arg(&folder).output();
    assert!(migrate.unwrap().status.success());
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("understudy.db"))), (0o700, 0o600));
}
