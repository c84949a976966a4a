//! `understudy table`, `application` and `webhook`, on a database of their own; `batch`, `link`, `message` and the parts of projects, beside a server.

use std::process::Command;

use serde_json::{Value, json};
use understudy::domain::messages::versions::{self, Body, Draft, DraftVersion, PLAIN};
use understudy::domain::{operational_links, projects};
use understudy::model::ids::{MessageId, OperationalLinkId};

use super::Site;

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

/// A message and a link that sends it and sets the opt-in of the site.
fn message_and_link(site: &Site) -> (MessageId, OperationalLinkId) {
    let project = site.project;
    site.as_owner(move |cx| {
        let body = Body { mime_type: PLAIN.to_owned(), content: "hi".to_owned() };
        let version = DraftVersion { subject: "Hi".to_owned(), bodies: vec![body], ..DraftVersion::default() };
        let draft = Draft { name: "News".to_owned(), versions: vec![version], ..Draft::default() };
        let message = versions::create(cx, project, &draft).unwrap();
        let changes = vec![("optin_News".to_owned(), "1".to_owned()), ("City".to_owned(), "Oslo".to_owned())];
        let name = "verify".to_owned();
        let draft = operational_links::Draft { name, url: String::new(), message: Some(message), changes };
        (message, operational_links::create(cx, project, &draft).unwrap())
    })
}

/// Runs what must fail; its one line.
fn refused(site: &Site, line: &[&str]) -> String {
    let (is_done, told) = site.app.run(line);
    assert!(!is_done, "{line:?}: {told}");
    told["error"].as_str().unwrap().to_owned()
}

fn done(site: &Site, line: &[&str]) -> Value {
    let (is_done, told) = site.app.run(line);
    assert!(is_done, "{line:?}: {told}");
    told
}

#[test]
fn a_batch_that_waits_is_listed_and_approved_from_the_command_line() {
    let mut site = Site::open();
    let (message, _) = message_and_link(&site);
    for n in 0..2 {
        site.contact(&format!("{n}@example.com"), json!({}));
    }
    let body = json!({
        "idMessage": message.0, "contactFilter": { "Mode": "All" },
        "sendBatchOptions": { "isDelayed": false, "PrepareNow": true, "AutoApprove": false },
    });
    let batch = site.done("Sendings.SendBatch", body)["idBatch"].to_string();
    site.app.expect_no_mails();
    let project = site.project.to_string();
    let waiting = ["batch", "list", "--project", &project, "--waiting"];
    let listed = done(&site, &waiting);
    assert_eq!((listed[0]["batch_id"].to_string(), &listed[0]["state"]), (batch.clone(), &json!("waiting")));
    let of_it = ["message", "delete", &message.to_string(), "--account", &site.owner.username];
    site.as_owner(|cx| {
        for (list, _) in understudy::domain::projects::list(cx).unwrap() {
            for link in operational_links::list(cx, list).unwrap() {
                operational_links::delete(cx, list, link.id).unwrap();
            }
        }
    });
    assert!(refused(&site, &of_it).contains("not over"));
    let approve = ["batch", "approve", &batch, "--project", &project];
    assert!(refused(&site, &["batch", "approve", "999", "--project", &project]).contains("no batch 999"));
    done(&site, &approve);
    assert_eq!(site.app.mails().len(), 2);
    assert_eq!(done(&site, &waiting), json!([]));
    let all = done(&site, &waiting[..4]);
    assert_eq!((&all[0]["state"], &all[0]["n_queued"]), (&json!("done"), &json!(2)));
    assert!(refused(&site, &approve).contains("waits for approval"), "it goes once");
    done(&site, &of_it);
    assert_eq!(done(&site, &["message", "list", "--account", &site.owner.username]), json!([]));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM message_bodies"), 0);
}

#[test]
fn what_a_project_is_made_of_is_listed_shown_and_removed_where_nothing_needs_it() {
    let site = Site::open();
    let (message, link) = message_and_link(&site);
    let (project, message, link) = (site.project.to_string(), message.to_string(), link.to_string());
    let ann = site.contact("ann@example.com", json!({ "optin_News": true, "f_City": "Bern" }));
    let said = "SELECT count(*) AS n FROM contact_opt_ins";
    assert_eq!(site.app.count(said), 1);

    let links = done(&site, &["link", "list", "--project", &project]);
    assert_eq!((&links[0]["name"], links[0]["message_id"].to_string()), (&json!("verify"), message.clone()));
    let shown = done(&site, &["link", "show", &link, "--project", &project]);
    assert_eq!(shown["set"], json!({ "optin_News": "1", "City": "Oslo" }));
    let owner = site.owner.username.clone();
    let shown = done(&site, &["message", "show", &message, "--account", &owner]);
    assert_eq!(shown["versions"][0]["bodies"], json!([{ "mime_type": "text/plain", "content": "hi" }]));
    let codes = |what: &str| {
        let parts = done(&site, &["project", what, &project]);
        parts.as_array().unwrap().iter().map(|part| part["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(codes("fields").contains(&"City".to_owned()));
    assert_eq!(codes("opt-ins"), ["News"]);

    // What the link needs stays.
    let field = ["project", "delete-field", &project, "--code", "city"];
    let opt_in = ["project", "delete-opt-in", &project, "--code", "news"];
    let of_message = ["message", "delete", &message, "--account", &owner];
    for line in [&field[..], &opt_in[..], &of_message[..]] {
        assert!(refused(&site, line).contains(&format!("operational link {link}")), "{line:?}");
    }
    let of_link = ["link", "delete", &link, "--project", &project];
    done(&site, &of_link);
    assert!(refused(&site, &of_link).contains("no operational link"));
    assert!(refused(&site, &["link", "show", &link, "--project", &project]).contains("no operational link"));
    for line in [&field[..], &opt_in[..], &of_message[..]] {
        done(&site, line);
        assert!(refused(&site, line).contains("no "), "{line:?}");
    }
    site.app.settle();
    assert!(!codes("fields").contains(&"City".to_owned()));
    assert_eq!(codes("opt-ins"), [""; 0]);
    assert_eq!(site.app.count(said), 0, "what contacts said went with it");
    let row = site.row(ann);
    assert!(row.get("f_City").is_none() && row.get("optin_News").is_none(), "{row}");
    assert!(refused(&site, &["project", "delete-field", "999", "--code", "x"]).contains("999"));
}

#[test]
fn an_opt_in_stays_while_a_message_has_its_category() {
    let site = Site::open();
    let (project, owner) = (site.project, site.owner.username.clone());
    let message = site.as_owner(move |cx| {
        projects::add_opt_in(cx, project, "Offers", &projects::Labels::new(), 5).unwrap();
        projects::add_opt_in(cx, project, "Plain", &projects::Labels::new(), 0).unwrap();
        let body = Body { mime_type: PLAIN.to_owned(), content: "hi".to_owned() };
        let version = DraftVersion { subject: "Hi".to_owned(), bodies: vec![body], ..DraftVersion::default() };
        let draft = Draft { name: "Offer".to_owned(), category_id: 5, versions: vec![version], ..Draft::default() };
        versions::create(cx, project, &draft).unwrap()
    });
    let (project, message) = (project.to_string(), message.to_string());
    let delete = |code: &'static str| ["project", "delete-opt-in", project.as_str(), "--code", code];
    assert!(refused(&site, &delete("Offers")).contains(&format!("message {message}")));
    done(&site, &delete("Plain"));
    done(&site, &["message", "delete", &message, "--account", &owner]);
    done(&site, &delete("Offers"));
    site.app.settle();
}

#[test]
fn a_field_of_the_key_or_of_all_lists_is_not_removed_from_a_project() {
    let site = Site::open();
    let project = site.project;
    site.as_owner(move |cx| {
        projects::set_key(cx, project, &["City".to_owned()]).unwrap();
        let make = |field: &mut understudy::domain::fields::NewField| {
            field.name = "Everywhere".to_owned();
            field.code = "Everywhere".to_owned();
            field.is_global = true;
        };
        understudy::domain::fields::create(cx, project, make).unwrap();
    });
    let of = |code: &str| refused(&site, &["project", "delete-field", &project.to_string(), "--code", code]);
    assert!(of("CITY").contains("key"));
    assert!(of("Everywhere").contains("all lists"));
}

const PARTS: &str = r#"
[account]
username = "ann"
email = "ann@example.com"

[[project]]
name = "Club"

[[project.table]]
code = "Bookings"
contact_in_key = true
[[project.table.column]]
code = "Course"
key = true
[[project.table.column]]
code = "Seats"
type = "integer"

[[project.application]]
name = "App"

[[key]]
note = "site"
tables = ["Bookings"]

[[webhook]]
url = "https://example.com/told"
project = "Club"
events = ["contact_optout", "contact_optin"]
"#;

#[test]
fn a_seed_file_makes_tables_applications_and_webhooks_once() {
    let program = Program { folder: tempfile::tempdir().unwrap() };
    let path = program.folder.path().join("seed.toml");
    let file = path.to_str().unwrap();
    let seed = |text: &str| {
        std::fs::write(&path, text).unwrap();
        program.run(&["seed", file])
    };
    let (is_done, first) = seed(PARTS);
    assert!(is_done, "{first}");
    let table = &first["tables"]["Bookings"];
    assert!(first["applications"][0]["application_id"].as_str().unwrap().contains(':'));
    let listed = program.done(&["webhook", "list", "--account", "ann"]);
    assert_eq!(
        (&listed[0]["secret"], &listed[0]["url"]),
        (&first["webhooks"][0]["secret"], &json!("https://example.com/told"))
    );
    assert_eq!(program.done(&["key", "list", "--account", "ann"])[0]["tables"], json!([table]));
    let second =
        seed(&PARTS.replace("[\"contact_optout\", \"contact_optin\"]", "[\"contact_optin\", \"contact_optout\"]")).1;
    assert_eq!((&second["changed"], &second["tables"]), (&json!(false), &first["tables"]));
    assert_eq!((&second["applications"], &second["webhooks"]), (&json!([]), &json!([])));
    for (old, new, words) in [
        ("type = \"integer\"", "type = \"decimal\"", &["line 10", "table \"Bookings\"", "other columns"][..]),
        ("contact_in_key = true", "contact_in_key = false", &["other columns"]),
        ("type = \"integer\"", "type = \"colour\"", &["line 10", "Seats", "type"]),
        ("tables = [\"Bookings\"]", "tables = [\"Visits\"]", &["key \"site\"", "Visits"]),
        ("\"contact_optout\", ", "", &["webhook", "other events"]),
        ("contact_optout", "contact_lost", &["webhook", "contact_lost"]),
        ("https://example.com", "ftp://example.com", &["webhook", "called"]),
        ("project = \"Club\"", "project = \"Else\"", &["project \"Else\"", "not in the file"]),
        ("[[project.application]]", "[[project.application]]\ncolour = 1", &["colour"]),
    ] {
        let (is_done, told) = seed(&PARTS.replacen(old, new, 1));
        let error = told["error"].as_str().unwrap_or_default();
        assert!(!is_done && words.iter().all(|word| error.contains(word)), "{new}: {told}");
    }
}
