//! `understudy commands`: the registry as a list, for people and for the project's own coverage check.

use serde_json::{Value, json};

use super::shown::Shown;
use crate::dialects::oempro::registry::{self, Command};
use crate::dialects::oempro::wire::Codes;
use crate::dialects::ofsys::json::registry::{self as methods, Method};

/// Flags of `commands`: none of its own.
#[derive(Debug, clap::Args)]
pub struct Commands {}

impl Commands {
    pub fn run(self) -> Shown {
        let json: Vec<Value> = registry::all().map(row).chain(methods::all().map(row_of_method)).collect();
        let mut rows: Vec<Vec<String>> = registry::all()
            .map(|command| {
                let codes: Vec<String> = command.texts.iter().map(|(code, _)| code.to_string()).collect();
                vec![
                    command.name.to_owned(),
                    command.auth.word().to_owned(),
                    word(command.codes).to_owned(),
                    codes.join(" "),
                ]
            })
            .collect();
        rows.extend(methods::all().map(|method| {
            let codes: Vec<&str> = method.codes.iter().map(|code| code.word()).collect();
            vec![method.full_name(), method.auth.word().to_owned(), "word".to_owned(), codes.join(" ")]
        }));
        Shown::table(Value::Array(json), &["COMMAND", "LOGIN", "SHAPE", "CODES"], &rows)
    }
}

fn row(command: &Command) -> Value {
    let texts: Vec<Value> = command.texts.iter().map(|(code, text)| json!({ "code": code, "text": text })).collect();
    json!({
        "dialect": "oempro",
        "name": command.name,
        "auth": command.auth.word(),
        "codes": word(command.codes),
        "texts": texts,
    })
}

fn row_of_method(method: &Method) -> Value {
    let texts: Vec<Value> = method.codes.iter().map(|code| json!({ "code": code.word() })).collect();
    json!({
        "dialect": "ofsys",
        "name": method.full_name(),
        "auth": method.auth.word(),
        "codes": "word",
        "texts": texts,
    })
}

/// The shape of a command's codes in a word; `login` and `subscribe` are the wire choices that decide it.
fn word(codes: Codes) -> &'static str {
    match codes {
        Codes::Scalar => "scalar",
        Codes::Array => "array",
        Codes::OfSubscribe => "subscribe",
        Codes::OfLogin => "login",
    }
}
