//! What a request says of an installation, in the names of either kit (OF-12.9).

use serde_json::Value;

use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::request::{Members, given, text_of};
use crate::domain::mobile::{Claims, DeviceReport};

const GUIDS: &[&str] = &["Guid", "ContactId"];
const TOKENS: &[&str] = &["Token", "TokenPush"];
const OLD_TOKENS: &[&str] = &["OldToken", "PreviousToken"];

/// Reads all of it; what is absent is not told.
///
/// # Errors
/// `InvalidParameter`.
pub fn report(request: &Members<'_>) -> Result<DeviceReport, Fault> {
    Ok(DeviceReport {
        guid: guid(request),
        token: token(request),
        old_token: first_token(request, OLD_TOKENS),
        platform: request.whole("idPlatformPush")?,
        domain: request.text("Domain")?,
        language: request.text("Language")?,
        claims: claims(request)?,
        contact: None,
    })
}

/// What the installation calls itself.
#[must_use]
pub fn guid(request: &Members<'_>) -> Option<String> {
    request.any_text(GUIDS)
}

/// The address that messages are pushed to. A browser's subscription is an object, which is kept as its JSON.
#[must_use]
pub fn token(request: &Members<'_>) -> Option<String> {
    first_token(request, TOKENS)
}

fn first_token(request: &Members<'_>, names: &[&str]) -> Option<String> {
    let read = |value: &Value| match value {
        Value::Object(_) => Some(value.to_string()),
        other => text_of(other),
    };
    names.iter().find_map(|name| request.get(name).and_then(read)).filter(|token| !token.trim().is_empty())
}

/// Goes on only with a guid or a token.
///
/// # Errors
/// `MissingParameter`.
pub fn require_name(report: &DeviceReport) -> Result<(), Fault> {
    if report.guid.is_some() || report.token.is_some() { Ok(()) } else { Err(Fault::missing("Guid")) }
}

/// What it says about its holder: the members of `Contact` and `Fields`, and everything with the prefix of a field.
fn claims(request: &Members<'_>) -> Result<Claims, Fault> {
    let mut claims = Claims::new();
    let mut add = |name: &str, value: &Value| {
        if let Some(given) = given(value) {
            claims.insert(name.to_owned(), given.as_text().to_owned());
        }
    };
    for name in ["Contact", "Fields"] {
        for (name, value) in request.object(name)?.iter().flat_map(|members| members.map()) {
            add(name, value);
        }
    }
    let has_prefix = |name: &str| name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("f_"));
    for (name, value) in request.map().iter().filter(|(name, _)| has_prefix(name)) {
        add(name, value);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kits_names_are_read() {
        let read = |text: &str| {
            let map = serde_json::from_str(text).expect("json");
            report(&Members::of_request(&map)).expect("report")
        };
        let first =
            read(r#"{"contactid": "g", "TOKEN": "t", "Contact": {"f_EMail": "a@b.c", "X": {}}, "Language": "fr"}"#);
        assert_eq!((first.guid.as_deref(), first.token.as_deref()), (Some("g"), Some("t")));
        assert_eq!(first.claims.get("f_EMail").map(String::as_str), Some("a@b.c"));
        assert_eq!((first.claims.len(), first.language.as_deref()), (1, Some("fr")));
        let second = read(
            r#"{"Guid": "g", "TokenPush": {"endpoint": "https://p"}, "PreviousToken": "o", "f_City": "Oslo", "idPlatformPush": "3"}"#,
        );
        assert_eq!(second.token.as_deref(), Some(r#"{"endpoint":"https://p"}"#));
        assert_eq!((second.old_token.as_deref(), second.platform), (Some("o"), Some(3)));
        assert_eq!(second.claims.get("f_City").map(String::as_str), Some("Oslo"));
        assert!(require_name(&read("{}")).is_err());
    }
}
