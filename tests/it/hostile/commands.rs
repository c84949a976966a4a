//! Every command of the registry, every parameter it knows, with values nobody should send.

use std::collections::BTreeMap;

use serde_json::Value;
use understudy::dialects::oempro::registry::{self, Auth, Command};

use super::{assert_envelope, assert_xml_envelope};
use crate::contract::golden::Step;
use crate::contract::pattern::Bindings;
use crate::support::TestApp;

/// Values as they stand in a form body.
fn values() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", String::new()),
        ("a blank", "+".to_owned()),
        ("zero", "0".to_owned()),
        ("a negative number", "-1".to_owned()),
        ("a number over 64 bits", "99999999999999999999999".to_owned()),
        ("the largest number", "9223372036854775807".to_owned()),
        ("a NUL", "a%00b@example.com".to_owned()),
        ("invalid UTF-8", "%FF%FE%C0%AF".to_owned()),
        ("line breaks", "a@example.com%0D%0ABcc:+b@example.com%0D%0A%0D%0Ahi".to_owned()),
        ("markup", "%3C%2Fresponse%3E%5D%5D%3E%3Cscript%3E%27%22%26".to_owned()),
        ("SQL", "1%27+OR+1%3D1+--+%22%3B".to_owned()),
        ("wildcards", "%25_%5C*%3F".to_owned()),
        ("60 KB", "A".repeat(60 * 1024)),
        ("four-byte signs", "%F0%9F%92%A9%F0%9D%94%98".to_owned()),
    ]
}

/// The parameters of each command, by its name in lower case.
fn parameters() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/dialects/oempro-commands.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let names = |row: &Value| {
        row["request"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    };
    rows.iter().map(|row| (row["command"].as_str().unwrap().to_lowercase(), names(row))).collect()
}

/// Sessions that are never worth much: a fresh account, and the operator.
fn session(app: &TestApp, auth: Auth) -> String {
    match auth {
        Auth::Admin => {
            let mut bound = Bindings::new();
            app.stage.prepare(&Step::Admin { name: "a".to_owned() }, &mut bound).unwrap();
            bound["a"].clone()
        }
        _ => app.account("").session,
    }
}

/// Credentials are not attacked here: a call must get past them.
fn is_credential(name: &str) -> bool {
    ["sessionid", "apikey", "adminapikey", "command", "responseformat"].contains(&name.to_lowercase().as_str())
}

fn attack(app: &TestApp, command: &Command, params: &[String]) {
    let session = session(app, command.auth);
    for (what, value) in values() {
        for (shape, form) in [
            ("as text", params.iter().map(|name| format!("&{name}={value}")).collect::<String>()),
            ("as array", params.iter().map(|name| format!("&{name}[]={value}&{name}[x][y]={value}")).collect()),
        ] {
            let call = format!("Command={}&SessionID={session}{form}", command.name);
            let told = format!("{} with {what} {shape}", command.name);
            let answer = app.post(&call);
            assert_envelope(&told, &answer);
            assert_eq!(answer.header("bcc"), None, "{told}");
            assert_xml_envelope(&format!("{told}, XML"), &app.post(&format!("{call}&ResponseFormat=XML")));
        }
    }
    for name in params {
        let call = format!("Command={}&SessionID={session}&{name}=%00%FF", command.name);
        assert_envelope(&format!("{} with rubbish in {name} alone", command.name), &app.post(&call));
    }
}

#[test]
fn no_value_of_any_parameter_breaks_a_command() {
    let mut app = TestApp::start_with(|settings| settings.security.free_login_failures = 1_000_000);
    let parameters = parameters();
    // The operator's own row is attacked last: its name may be another one afterwards.
    let (own, others): (Vec<_>, Vec<_>) = registry::all().partition(|command| command.name.starts_with("Admin."));
    for command in others.into_iter().chain(own) {
        let params = parameters.get(&command.name.to_lowercase()).cloned().unwrap_or_default();
        let params: Vec<String> = params.into_iter().filter(|name| !is_credential(name)).collect();
        attack(&app, command, &params);
    }
    app.mails();
}

#[test]
fn a_command_called_bare_answers_its_own_codes() {
    let app = TestApp::start();
    for command in registry::all() {
        let session = session(&app, command.auth);
        let json = assert_envelope(command.name, &app.post(&format!("Command={}&SessionID={session}", command.name)));
        let codes: Vec<i64> = match &json["ErrorCode"] {
            Value::Array(codes) => codes.iter().filter_map(Value::as_i64).collect(),
            code => vec![code.as_i64().unwrap()],
        };
        for code in codes {
            let is_own = code == 0 || code >= 99_997 || command.texts.iter().any(|(known, _)| *known == code);
            assert!(is_own, "{} answers {code}, which it does not explain: {json}", command.name);
        }
    }
}
