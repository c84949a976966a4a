//! `understudy table`, `application` and `webhook`, on a database of their own.

use std::process::Command;

use serde_json::{Value, json};

struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    fn run(&self, arguments: &[&str]) -> (bool, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_understudy"))
            .arg("--data")
            .arg(self.folder.path())
            .args(arguments)
            .arg("--json")
            .output()
            .unwrap();
        let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.success(), told)
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let (is_done, told) = self.run(arguments);
        assert!(is_done, "{arguments:?}: {told}");
        told
    }
}

#[test]
fn tables_applications_and_webhooks_are_set_up_from_the_command_line() {
    let program = Program { folder: tempfile::tempdir().unwrap() };
    program.done(&[
        "account",
        "create",
        "--username",
        "ann",
        "--password",
        "long enough",
        "--email",
        "ann@example.com",
    ]);
    let project = program.done(&["project", "create", "--account", "ann", "--name", "Club"])["project_id"].to_string();
    let table =
        ["table", "create", "--project", &project, "--code", "Bookings", "--field", "Course", "--field", "Day:date"];
    let made = program.done(&[&table[..], &["--key", "Course", "--key", "idContact"]].concat());
    assert_eq!(made["code"], json!("Bookings"));
    assert!(!program.run(&[&table[..], &["--key", "Course"]].concat()).0, "the code is taken");
    assert!(!program.run(&[&table[..8], &["--key", "Colour"]].concat()).0, "no such column");
    assert_eq!(program.done(&["table", "list", "--account", "ann"])[0]["code"], json!("Bookings"));

    let app = program.done(&["application", "create", "--project", &project, "--name", "App"]);
    let id = app["application_id"].as_str().unwrap();
    assert_eq!(id.split_once(':').map(|(_, secret)| secret.len()), Some(32));
    let number = app["number"].to_string();
    program.done(&["application", "disable", &number]);
    assert_eq!(program.done(&["application", "list", "--account", "ann"])[0]["is_enabled"], json!(false));

    let url = "https://example.com/told";
    let event = ["--event", "contact_optout"];
    let hook = program.done(&[&["webhook", "create", "--account", "ann", "--url", url][..], &event].concat());
    let listed = program.done(&["webhook", "list", "--account", "ann"]);
    assert_eq!((&listed[0]["secret"], &listed[0]["events"]), (&hook["secret"], &json!(["contact_optout"])));
    let id = hook["webhook_id"].to_string();
    program.done(&["webhook", "test", &id, "--project", &project]);
    program.done(&["webhook", "delete", &id]);
    assert!(!program.run(&["webhook", "delete", &id]).0);
    assert!(!program.run(&["webhook", "create", "--account", "ann", "--url", "ftp://example.com/"]).0);
}
