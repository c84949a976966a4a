//! `understudy project`, `key`, `message` and `seed`, beside a running server too.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::TestDatabase;

/// A folder and a database that several processes of the binary share.
struct Place {
    folder: TempDir,
    database: TestDatabase,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.database.drop_now();
    }
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path());
        Self { folder, database }
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
        command.args(line).arg("--json").arg("--data").arg(self.folder.path());
        command.arg("--database").arg(self.database.url());
        command.env("UNDERSTUDY_SECURITY_ARGON2_MEMORY_KIB", "64").env("UNDERSTUDY_SECURITY_ARGON2_PASSES", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &[&str]) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs a subcommand that must succeed and reads what it shows.
    fn json(&self, line: &[&str]) -> Value {
        let output = self.run(line);
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a subcommand that must fail and reads its one line.
    fn refused(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(1), "{line:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn count(&self, table: &str) -> i64 {
        self.database.count(&format!("SELECT count(*) AS n FROM {table}"))
    }
}

fn account(place: &Place) {
    place.json(&["account", "create", "--username", "shop", "--email", "shop@example.com"]);
}

#[test]
fn a_project_is_made_and_shown_from_the_command_line() {
    let place = Place::new();
    account(&place);
    let made = place.json(&[
        "project",
        "create",
        "--account",
        "shop",
        "--name",
        "Shop",
        "--language",
        "fr-CA",
        "--language",
        "en",
        "--time-zone",
        "America/Toronto",
    ]);
    let id = made["project_id"].to_string();
    place.json(&["project", "field", &id, "--code", "FirstName", "--required", "--label", "en=First name"]);
    place.json(&[
        "project", "field", &id, "--code", "Colour", "--type", "choice", "--choice", "r=Red", "--choice", "blue",
    ]);
    place.json(&["project", "opt-in", &id, "--code", "News", "--category", "7"]);
    let shown = place.json(&["project", "show", &id]);
    assert_eq!(shown["languages"], serde_json::json!(["fr-CA", "en"]));
    assert_eq!((&shown["time_zone"], &shown["key"][0]), (&"America/Toronto".into(), &"EMail".into()));
    assert_eq!((&shown["fields"][0]["code"], &shown["fields"][0]["is_required"]), (&"FirstName".into(), &true.into()));
    assert_eq!(shown["fields"][0]["labels"]["en"], "First name");
    assert_eq!(shown["fields"][1]["type"], "choice");
    assert_eq!((&shown["opt_ins"][0]["code"], &shown["opt_ins"][0]["category_id"]), (&"News".into(), &7.into()));
    assert_eq!(place.json(&["project", "list", "--account", "shop"])[0]["name"], "Shop");
    assert!(place.refused(&["project", "field", &id, "--code", "FirstName"]).contains("taken"));
    assert!(place.refused(&["project", "show", "99"]).contains("no list or project 99"));
    assert!(place.refused(&["project", "list", "--account", "nobody"]).contains("nobody"));
    let bad_type = place.run(&["project", "field", &id, "--code", "X", "--type", "colour"]);
    assert_eq!(bad_type.status.code(), Some(2));
}

#[test]
fn a_key_is_shown_once_listed_without_its_secret_rotated_and_disabled() {
    let place = Place::new();
    account(&place);
    let line = [
        "key",
        "create",
        "--account",
        "shop",
        "--note",
        "site",
        "--address",
        "192.0.2.0/24",
        "--endpoint",
        "Contacts.*",
    ];
    let made = place.json(&line);
    let secret = made["Key"].as_str().unwrap().to_owned();
    assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let id = made["idKey"].to_string();
    let listed = place.run(&["key", "list", "--account", "shop"]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(!text.contains(&secret) && text.contains("192.0.2.0/24"), "{text}");
    let rotated = place.json(&["key", "rotate", &id]);
    assert_ne!((rotated["Key"].as_str().unwrap(), rotated["idKey"].to_string()), (secret.as_str(), id.clone()));
    place.json(&["key", "disable", &rotated["idKey"].to_string()]);
    let states: Vec<Value> = serde_json::from_slice(&place.run(&["key", "list", "--account", "shop"]).stdout).unwrap();
    assert!(states.len() == 2 && states.iter().all(|key| key["is_good"] == false));
    assert!(place.refused(&["key", "rotate", &id]).contains("disabled"));
    assert!(place.refused(&["key", "create", "--account", "shop", "--address", "nowhere"]).contains("nowhere"));
    assert!(place.refused(&["key", "create", "--account", "shop", "--project", "9"]).contains("no project 9"));
    assert!(place.refused(&["key", "disable", "999"]).contains("no key 999"));
}

#[test]
fn a_message_is_made_from_files() {
    let place = Place::new();
    account(&place);
    let html = place.write("body.html", "<p>[[=Contact.f_EMail;]]");
    let line = ["message", "create", "--account", "shop", "--name", "Welcome", "--subject", "Hi", "--html-file", &html];
    let made = place.json(&line);
    let listed = place.json(&["message", "list", "--account", "shop"]);
    assert_eq!((&listed[0]["message_id"], &listed[0]["subject"]), (&made["message_id"], &"Hi".into()));
    assert!(place.refused(&line[..line.len() - 2]).contains("needs a body"));
    assert!(
        place
            .refused(&[
                "message",
                "create",
                "--account",
                "shop",
                "--name",
                "x",
                "--subject",
                "y",
                "--html-file",
                "/nowhere"
            ])
            .contains("/nowhere")
    );
}

const SEED: &str = r#"
[account]
username = "shop"
email = "shop@example.com"

[[project]]
name = "Shop"
languages = ["fr-CA", "en"]
time_zone = "America/Toronto"
key = ["Code"]

[[project.field]]
code = "Code"
required = true

[[project.field]]
code = "Colour"
type = "multi-choice"
labels = { en = "Colour", fr-CA = "Couleur" }
choices = ["red", { value = "b", label = "Blue" }]

[[project.opt_in]]
code = "News"
category = 7

[[project.message]]
name = "Welcome"
[[project.message.version]]
culture = "en"
subject = "Welcome"
sender_email = "shop@example.org"
text = "Thanks, [[=Contact.f_Code;]]."

[[project.message]]
name = "Confirm"
[[project.message.version]]
culture = "fr-CA"
subject = "Confirmez"
html_file = "confirm.html"

[[project.link]]
name = "verify"
url = "https://shop.example/thanks"
message = "Welcome"
set = { isActive = "true", optin_News = "1" }

[[key]]
note = "site"
projects = ["Shop"]
endpoints = ["Contacts.*", "Sendings.SendSingle2"]
calls_per_day = 1000
"#;

const CONFIRM: &str = "<a href=\"[[=Message.OpLink(\"verify\");]]\">oui</a>";

#[test]
fn a_seed_file_sets_all_up_and_a_second_run_changes_nothing() {
    let place = Place::new();
    place.write("confirm.html", CONFIRM);
    let file = place.write("seed.toml", SEED);
    let first = place.json(&["seed", &file]);
    assert_eq!(first["changed"], true);
    assert_eq!(first["keys"][0]["Key"].as_str().unwrap().len(), 32);
    assert!(first["password"].as_str().is_some(), "made, since the file names none");
    let link = first["links"]["verify"].as_i64().unwrap();
    let body = format!("SELECT count(*) AS n FROM message_bodies WHERE content LIKE '%OpLink({link})%'");
    assert_eq!(place.database.count(&body), 1, "the link's name became its id");
    let tables = [
        "accounts",
        "lists",
        "fields",
        "opt_ins",
        "messages",
        "message_versions",
        "message_bodies",
        "operational_links",
        "credentials",
    ];
    let before = tables.map(|table| place.count(table));
    let second = place.json(&["seed", &file]);
    assert_eq!(
        (&second["changed"], &second["done"], &second["keys"]),
        (&false.into(), &serde_json::json!([]), &serde_json::json!([]))
    );
    assert_eq!((&second["projects"], &second["messages"]), (&first["projects"], &first["messages"]));
    assert_eq!(tables.map(|table| place.count(table)), before);

    let changed = place.write(
        "seed.toml",
        &SEED.replace("Confirmez", "Confirmez donc").replace("required = true", "required = false"),
    );
    let third = place.json(&["seed", &changed]);
    let done = third["done"].to_string();
    assert!(
        done.contains("field changed: f_Code") && done.contains("changed: Confirm") && !done.contains("made"),
        "{done}"
    );
    assert_eq!(tables.map(|table| place.count(table)), before);
    let shown = place.json(&["project", "show", &first["projects"]["Shop"].to_string()]);
    assert_eq!(
        (&shown["key"], &shown["fields"][1]["labels"]["fr-CA"]),
        (&serde_json::json!(["Code"]), &"Couleur".into())
    );
}

#[test]
fn a_bad_seed_file_is_refused_with_line_and_name_and_nothing_is_half_done() {
    let place = Place::new();
    place.write("confirm.html", CONFIRM);
    for (old, new, parts) in [
        ("languages = [\"fr-CA\", \"en\"]", "languages = \"fr-CA\"", &["line 8", "project[0].languages"][..]),
        ("required = true", "requird = true", &["line 14", "requird"]),
        ("[account]", "[account", &["line 2"]),
        ("fr-CA = \"Couleur\"", "fr_CA = \"Couleur\"", &["line 17", "field \"Colour\"", "fr_CA"]),
        ("key = [\"Code\"]", "key = [\"Nothing\"]", &["line 7", "Nothing"]),
        ("message = \"Welcome\"", "message = \"Other\"", &["line 44", "message \"Other\""]),
        ("optin_News = ", "optin_Other = ", &["operational link \"verify\"", "optin_Other"]),
        ("projects = [\"Shop\"]", "projects = [\"Shop\", \"Else\"]", &["project \"Else\"", "not in the file"]),
        ("\"Contacts.*\"", "\"Contacts\"", &["key \"site\"", "Contacts"]),
        ("shop@example.com", "nobody", &["account \"shop\"", "nobody"]),
        ("confirm.html", "absent.html", &["Confirm", "absent.html"]),
    ] {
        let file = place.write("bad.toml", &SEED.replacen(old, new, 1));
        let error = place.refused(&["seed", &file]);
        assert!(parts.iter().all(|part| error.contains(part)) && error.trim_end().lines().count() == 1, "{error}");
        let n_made = if place.run(&["account", "list"]).status.success() {
            place.count("accounts") + place.count("lists")
        } else {
            0
        };
        assert_eq!(n_made, 0, "{error}");
    }
    assert!(place.refused(&["seed", "/nowhere.toml"]).contains("/nowhere.toml"));
}

#[test]
fn the_example_of_the_manual_works() {
    let place = Place::new();
    let manual = include_str!("../../../docs/operations.md");
    let blocks = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = blocks.into_iter().find(|block| block.starts_with("[account]")).expect("an example");
    let file = place.write("seed.toml", example);
    assert_eq!(place.json(&["seed", &file])["changed"], true);
    assert_eq!(place.json(&["seed", &file])["changed"], false);
}

#[test]
fn seeding_works_beside_a_running_server() {
    let place = Place::new();
    place.write("confirm.html", CONFIRM);
    let file = place.write("seed.toml", SEED);
    let mut server = place.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
    let seeded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        place.json(&["seed", &file]);
        place.json(&["seed", &file])["changed"].clone()
    }));
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(seeded.unwrap(), false);
}
