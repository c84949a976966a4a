//! `Options` of a list: an object, or its JSON text, kept as JSON text (OE-9).

use serde_json::{Map, Value};

use crate::dialects::kit::form::{Array, Node};
use crate::dialects::oempro::params::Params;

/// Longer options are not kept, in bytes.
const MAX_BYTES: usize = 65_535;

/// Names that lose their case on the way in (OE-2) and get it back here.
const NAMES: &[&str] = &[
    "DoNotSendEmailCampaignIfRecipientIsEnrolledInJourneyOrAutoresponder",
    "PlainEmailHeader",
    "PlainEmailFooter",
    "HTMLEmailHeader",
    "HTMLEmailFooter",
];

/// What `Options` asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Given {
    /// Nothing, or nothing that can be kept: no JSON object, or too long.
    Nothing,
    /// Options as JSON text; empty text clears them.
    Options(String),
    /// Settings of ClickBank, which is not offered: the code to answer.
    ClickBank(i64),
}

/// Reads `Options`.
#[must_use]
pub fn read(params: &Params) -> Given {
    let members = match params.node("Options") {
        None => return Given::Nothing,
        Some(Node::Text(text)) if text.trim().is_empty() => return Given::Options(String::new()),
        Some(Node::Text(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(members)) => members,
            _ => return Given::Nothing,
        },
        Some(Node::Array(array)) => members(array),
    };
    if let Some((_, settings)) = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("ClickBankINS"))
        && !is_blank(settings)
    {
        return Given::ClickBank(click_bank_code(settings));
    }
    if members.is_empty() {
        return Given::Options(String::new());
    }
    let text = Value::Object(members).to_string();
    if text.len() > MAX_BYTES { Given::Nothing } else { Given::Options(text) }
}

/// A parameter as it was sent: a text as it is, an array as JSON. `None` when it was not sent.
#[must_use]
pub fn text_or_json(params: &Params, name: &str) -> Option<String> {
    params.node(name).map(|node| match node {
        Node::Text(text) => text.clone(),
        Node::Array(array) => Value::Object(members(array)).to_string(),
    })
}

fn members(array: &Array) -> Map<String, Value> {
    array.iter().map(|(key, node)| (spelled(key), value(node))).collect()
}

fn value(node: &Node) -> Value {
    match node {
        Node::Text(text) => Value::String(text.clone()),
        Node::Array(array) => Value::Object(members(array)),
    }
}

fn spelled(key: &str) -> String {
    NAMES.iter().find(|name| name.eq_ignore_ascii_case(key)).map_or(key, |name| *name).to_owned()
}

fn is_blank(settings: &Value) -> bool {
    match settings {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_blank),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// 21 when a key of another length than eight stands there, else 20, which says that it cannot be kept. The names inside are not published.
fn click_bank_code(settings: &Value) -> i64 {
    let is_bad_key = |(name, value): (&String, &Value)| {
        name.to_ascii_lowercase().contains("key") && value.as_str().is_some_and(|key| key.chars().count() != 8)
    };
    if settings.as_object().is_some_and(|members| members.iter().any(is_bad_key)) { 21 } else { 20 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    fn options(query: &str) -> Given {
        read(&Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query")))
    }

    #[test]
    fn options_are_an_object_or_its_text() {
        let kept = |text: &str| Given::Options(text.to_owned());
        assert_eq!(options(""), Given::Nothing);
        assert_eq!(options("Options="), kept(""));
        assert_eq!(options("Options={\"A\":1}"), kept("{\"A\":1}"));
        assert_eq!(options("Options=[1]"), Given::Nothing);
        assert_eq!(options("Options=x"), Given::Nothing);
        assert_eq!(options("Options[PlainEmailHEADER]=x"), kept("{\"PlainEmailHeader\":\"x\"}"));
    }

    #[test]
    fn click_bank_is_not_offered() {
        assert_eq!(options("Options[ClickBankINS][SecretKey]=12345678"), Given::ClickBank(20));
        assert_eq!(options("Options[ClickBankINS][SecretKey]=123"), Given::ClickBank(21));
        assert_eq!(
            options("Options[ClickBankINS][SecretKey]=&Options[A]=b"),
            Given::Options("{\"clickbankins\":{\"secretkey\":\"\"},\"a\":\"b\"}".to_owned())
        );
    }
}
