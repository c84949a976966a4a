//! `understudy doctor`, run as operators run it: beside a server and without one, against relays and name servers on loopback.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::TestApp;
use crate::support::name_server::{NameServer, Zone, a, mx, ptr, txt};
use crate::support::sink::{Manners, Sink, certificate};

/// What one run told.
struct Report {
    is_well: bool,
    json: Value,
}

impl Report {
    /// The findings of one check, each as `grade: says -> advice`.
    fn of(&self, check: &str) -> Vec<String> {
        let checks = self.json["checks"].as_array().unwrap_or_else(|| panic!("{}", self.json));
        let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let found = checks.iter().filter(|finding| finding["check"] == check);
        found.map(|one| format!("{}: {} -> {}", word(one, "grade"), word(one, "says"), word(one, "advice"))).collect()
    }

    /// Goes on only when a check found this, with these words in it.
    fn expect(&self, check: &str, grade: &str, words: &[&str]) {
        let found = self.of(check);
        let fits = |one: &String| one.starts_with(&format!("{grade}: ")) && words.iter().all(|word| one.contains(word));
        assert!(found.iter().any(fits), "{check}: no {grade} with {words:?} in {found:#?}");
    }
}

/// Runs it beside a server, with these settings in a file.
fn beside(app: &TestApp, settings: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let file = write_settings(
        &folder,
        &format!("[server]\nlisten = \"{0}\"\npublic_url = \"http://{0}/sub\"\n{settings}", app.server.authority),
    );
    let (is_well, json) = app.run(&["--config", &file, "doctor"]);
    Report { is_well, json }
}

fn write_settings(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
    path.display().to_string()
}

/// Runs it on a folder, without a server.
fn alone(folder: &Path) -> Report {
    let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
    // Nobody listens on port 1.
    command.env("UNDERSTUDY_SERVER_LISTEN", "127.0.0.1:1");
    let output = command.args(["doctor", "--json", "--data"]).arg(folder).output().unwrap();
    Report { is_well: output.status.success(), json: serde_json::from_slice(&output.stdout).unwrap() }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The zone of a domain that has all it should, but for its keys.
fn zone_of(domain: &str) -> Zone {
    [
        (domain, mx("mail.example.org")),
        (domain, txt(["v=spf1 include:_spf.relay.example ~all"])),
        ("_spf.relay.example", txt(["v=spf1 ip4:192.0.2.0/24 -all"])),
        (&format!("_dmarc.{domain}"), txt(["v=DMARC1; p=quarantine"])),
        ("bounces.example.org", mx("mail.example.org")),
        ("bounces.example.org", txt(["v=spf1 include:_spf.relay.example -all"])),
    ]
    .map(|(name, data)| (name.to_owned(), data))
    .into()
}

/// Makes a key that signs, and answers its record.
fn make_key(app: &TestApp, domain: &str, more: &[&str]) -> (String, Vec<String>) {
    let (is_made, made) = app.run(&[&["domain", "create", domain, "--enable"], more].concat());
    assert!(is_made, "{made}");
    let texts = made[0]["record_texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
    (made[0]["record_name"].as_str().unwrap().to_owned(), texts.collect())
}

#[test]
fn nothing_is_wrong_with_a_server_that_is_set_up_well() {
    let app = TestApp::start();
    let runtime = Runtime::new().unwrap();
    let (acceptor, authority) = certificate();
    let manners = Manners { tls: Some(acceptor), login: Some(("lists", "opensesame")), ..Manners::default() };
    let sink = runtime.block_on(Sink::start(manners));
    let mut zone = zone_of("example.org");
    for more in [["--algorithm", "rsa"], ["--algorithm", "ed25519"]] {
        let (name, texts) = make_key(&app, "example.org", &more);
        zone.push((name, txt(texts)));
    }
    let names = NameServer::start(zone);
    let relay = format!(
        "[mail]\nfrom_email = \"lists@news.example.org\"\nname_servers = [\"{}\"]\n[[mail.relays]]\nname = \"main\"\nhost = \"127.0.0.1\"\nport = {}\n\
         tls = \"required-starttls\"\nusername = \"lists\"\npassword = \"opensesame\"\nca_file = \"{}\"\n\
         [returns]\ndomain = \"bounces.example.org\"\nmailbox_url = \"imaps://me:secret@mail.example.org/INBOX\"\n",
        names.address,
        sink.port,
        authority.path().display()
    );
    let report = beside(&app, &relay);
    assert!(report.is_well, "{:#}", report.json);
    report.expect(
        "relay main",
        "ok",
        &["the login is accepted", "encrypted (certificate good for", "SIZE 30000000, 8BITMIME, PIPELINING"],
    );
    assert_eq!((sink.n(|record| &record.n_logins), sink.recipients().len(), sink.faults().len()), (1, 0, 0));
    let dkim = report.of("example.org DKIM");
    assert!(dkim.len() == 2 && dkim.iter().all(|one| one.starts_with("ok") && one.contains("signs")), "{dkim:?}");
    report.expect("example.org SPF", "ok", &["1 of 10"]);
    report.expect("example.org DMARC", "ok", &["policy quarantine", "by DKIM, and by SPF"]);
    report.expect("example.org MX", "ok", &["mail.example.org"]);
    report.expect("bounces.example.org MX", "ok", &[]);
    report.expect("returns", "ok", &["a mailbox"]);
    report.expect("mail.from_email", "ok", &[]);
    report.expect("server", "ok", &["it runs"]);
    report.expect("public address", "ok", &["/sub/healthz reaches the server"]);
    report.expect("public address", "warning", &["nobody else reaches", "https://"]);
    report.expect("queues", "ok", &["nothing is late"]);
    report.expect("clock", "ok", &[]);
    report.expect("permissions", "ok", &[]);
    report.expect("disk", "ok", &["are free"]);
    let kind = if std::env::var("UNDERSTUDY_TEST_DATABASE").is_ok() { "PostgreSQL" } else { "journal mode wal" };
    report.expect("database", "ok", &[kind]);
    assert!(!report.json.to_string().contains("opensesame"), "no password is shown");
}

#[test]
fn what_is_wrong_is_told_with_what_to_do() {
    let app = TestApp::start();
    let runtime = Runtime::new().unwrap();
    let (acceptor, authority) = certificate();
    let guarded =
        |manners: Manners| Manners { tls: Some(acceptor.clone()), login: Some(("lists", "opensesame")), ..manners };
    let sink = runtime.block_on(Sink::start(guarded(Manners::default())));
    let open = runtime.block_on(Sink::start(Manners::default()));
    let busy = runtime.block_on(Sink::start(Manners { is_busy: true, ..Manners::default() }));
    make_key(&app, "example.org", &["--selector", "one"]);
    let zone = [
        ("one._domainkey.example.org", txt(["v=DKIM1; k=rsa; p=QUJD"])),
        ("example.org", txt(["v=spf1 mx -all"])),
        ("example.org", txt(["v=spf1 a -all"])),
        ("_dmarc.example.org", txt(["v=DMARC1; p=reject"])),
        ("bounces.example.net", txt(["v=spf1 include:gone.example -all"])),
    ];
    let names = NameServer::start(zone.map(|(name, data)| (name.to_owned(), data)).into());
    let mut settings = format!("[mail]\nname_servers = [\"{}\"]\n", names.address);
    let trusted = format!("ca_file = \"{}\"\n", authority.path().display());
    let login = "username = \"lists\"\npassword = \"swordfish\"\n";
    for (name, port, more) in [
        ("login", sink.port, format!("tls = \"starttls\"\n{login}{trusted}")),
        ("untrusted", sink.port, "tls = \"required-starttls\"\n".to_owned()),
        ("plain", open.port, "tls = \"required-starttls\"\n".to_owned()),
        ("busy", busy.port, "tls = \"none\"\n".to_owned()),
        ("gone", 1, "tls = \"none\"\n".to_owned()),
    ] {
        write!(settings, "[[mail.relays]]\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = {port}\nsenders = [\"other.example\"]\n{more}").unwrap();
    }
    settings.push_str("[returns]\ndomain = \"bounces.example.net\"\n");
    let report = beside(&app, &settings);
    assert!(!report.is_well, "{:#}", report.json);
    report.expect("relay login", "problem", &["535", "correct username and password of relay login"]);
    report.expect("relay untrusted", "problem", &["certificate", "ca_file"]);
    report.expect("relay plain", "problem", &["no encryption"]);
    report.expect("relay busy", "problem", &["421"]);
    report.expect("relay gone", "problem", &["cannot reach"]);
    report.expect("relay", "problem", &["no relay serves the sender domain example.org"]);
    report.expect("example.org DKIM", "problem", &["another key", "understudy domain show example.org"]);
    report.expect("example.org SPF", "warning", &["2 SPF records"]);
    report.expect("example.org MX", "problem", &["publish an MX record"]);
    report.expect("bounces.example.net MX", "problem", &[]);
    report.expect("bounces.example.net SPF", "problem", &["includes gone.example"]);
    report.expect("returns", "warning", &["understudy intake"]);
    report.expect("mail.from_email", "problem", &["understudy@localhost.localdomain"]);
    assert!(!report.json.to_string().contains("swordfish"), "no password is shown");
}

#[test]
fn a_host_that_sends_by_itself_is_looked_at_from_outside() {
    let app = TestApp::start();
    let runtime = Runtime::new().unwrap();
    let sink = runtime.block_on(Sink::start(Manners::default()));
    let zone = [("out.example.org", a([8, 8, 8, 8])), ("8.8.8.8.in-addr.arpa", ptr("out.example.org"))];
    let names = NameServer::start(zone.map(|(name, data)| (name.to_owned(), data)).into());
    let settings = |port: u16| {
        format!(
            "[mail]\nroute = \"mx\"\nhello_name = \"out.example.org\"\nfrom_email = \"lists@example.org\"\nname_servers = [\"{}\"]\n\
             [mail.mx]\nroutes = {{ \"example.org\" = [\"127.0.0.1:{port}\"] }}\n",
            names.address
        )
    };
    let report = beside(&app, &settings(sink.port));
    report.expect("port 25", "ok", &["the mail server of example.org", "not encrypted"]);
    report.expect("own name", "ok", &["out.example.org resolves to 8.8.8.8 and back"]);
    report.expect("mail.from_email", "warning", &["understudy domain create example.org"]);
    report.expect("returns", "warning", &["returns.domain is not set"]);
    assert!(report.is_well && sink.recipients().is_empty(), "{:#}", report.json);
    let report = beside(&app, &settings(1));
    report.expect("port 25", "problem", &["have it opened"]);
    assert!(!report.is_well);
}

#[test]
fn campaigns_that_paused_by_themselves_and_rows_from_the_future_are_told() {
    let app = TestApp::start();
    let columns = "account_id, name, message_id, state, schedule, reason, n_recipients, plan_position, plan_number, resend, created_at";
    for (name, reason) in [("Spring", "too many errors"), ("Autumn", "paused by hand")] {
        app.execute(&format!(
            "INSERT INTO campaigns ({columns}) VALUES (1, '{name}', 1, 5, 1, '{reason}', 0, 0, 0, 0, 0)"
        ));
    }
    let columns =
        "account_id, list_id, number, email_key, event, at, ip, user_agent, channel, actor, detail, import_id";
    let year_2100 = 4_102_444_800_000_000_i64;
    app.execute(&format!(
        "INSERT INTO consent_log ({columns}) VALUES (1, 1, 1, 'x', 1, {year_2100}, '', '', '', '', '', 0)"
    ));
    let report = beside(&app, "");
    let paused = report.of("campaigns");
    assert_eq!(paused.len(), 1, "{paused:?}");
    report.expect("campaigns", "warning", &["Spring", "too many errors", "understudy campaign resume"]);
    report.expect("clock", "problem", &["set back"]);
    assert!(!report.is_well);
}

#[test]
fn a_folder_is_looked_at_without_a_server_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let report = alone(&data);
    assert!(!report.is_well && !data.exists());
    report.expect("database", "problem", &["there is no file"]);

    let status =
        Command::new(env!("CARGO_BIN_EXE_understudy")).arg("--data").arg(&data).arg("migrate").output().unwrap().status;
    assert!(status.success());
    let file = data.join("understudy.db");
    let before = std::fs::read(&file).unwrap();
    let report = alone(&data);
    assert!(report.is_well, "{:#}", report.json);
    report.expect("database", "ok", &["up to date"]);
    report.expect("database", "ok", &["sound"]);
    report.expect("server", "warning", &["does not answer", "understudy serve"]);
    assert!(std::fs::read(&file).unwrap() == before, "the file is as it was");

    set_mode(&file, 0o644);
    alone(&data).expect("permissions", "problem", &["chmod o-rwx", "understudy.db"]);
    let mut bytes = before.clone();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 16_384].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let report = alone(&data);
    report.expect("database", "problem", &["damaged", "backup"]);
    assert!(!report.is_well);
}

#[test]
fn bad_settings_are_a_finding_too() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
    let output = command.args(["doctor"]).env("UNDERSTUDY_MAIL_ROUTE", "pigeon").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.starts_with("problem  settings  setting mail.route") && text.ends_with("1 check: 1 problem, 0 warnings\n"),
        "{text}"
    );
}
