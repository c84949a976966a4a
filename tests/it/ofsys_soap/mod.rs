//! The Ofsys SOAP service over HTTP: registration from the first call to the link, refusals, and the same contacts on every wire.

mod limits;
mod operations;
mod refusals;
mod registration;

use serde_json::{Value, json};

use crate::contract::http::Answer;
use crate::ofsys_json::Site;

/// Calls an operation with these members of `Request` after the key and the project.
pub fn call(site: &Site, operation: &str, members: &str) -> Answer {
    let key = format!("<AuthKey><idKey>{}</idKey><Key>{}</Key></AuthKey>", site.key.0, site.key.1);
    send(site, operation, &format!("{key}<idProject>{}</idProject>{members}", site.project.0))
}

/// Calls an operation with exactly these members of `Request`.
pub fn send(site: &Site, operation: &str, members: &str) -> Answer {
    let envelope = format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:ns1=\"urn:ofsys:soap\">\
         <SOAP-ENV:Body><ns1:{operation}><Request>{members}</Request></ns1:{operation}></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    );
    site.post_bytes("/webservices/soap", &[("Content-Type", "text/xml; charset=utf-8")], envelope.as_bytes())
}

/// The text of the first element of this name in a result; `None` when it is nil.
pub fn member(answer: &Answer, name: &str) -> Option<String> {
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    let start = text.find(&format!("<{name}")).unwrap_or_else(|| panic!("no {name} in {text}"));
    let (tag, rest) = text[start..].split_once('>').unwrap();
    if tag.ends_with('/') {
        return (!tag.contains("nil=\"true\"")).then(String::new);
    }
    Some(rest[..rest.find("</").unwrap()].to_owned())
}

/// Calls an operation that must do what it says.
pub fn done(site: &Site, operation: &str, members: &str) -> Answer {
    let answer = call(site, operation, members);
    assert_eq!(member(&answer, "Success").as_deref(), Some("true"), "{}", answer.text());
    assert_eq!((member(&answer, "ErrorCode"), member(&answer, "ErrorMessage")), (None, None));
    answer
}

/// The code of a call that must be refused.
pub fn refused(answer: &Answer) -> String {
    assert_eq!(member(answer, "Success").as_deref(), Some("false"), "{}", answer.text());
    assert!(member(answer, "ErrorMessage").is_some_and(|text| !text.is_empty()), "{}", answer.text());
    member(answer, "ErrorCode").unwrap()
}

/// `Fields` as PHP writes an associative array.
pub fn fields(pairs: &[(&str, &str)]) -> String {
    let items: String =
        pairs.iter().map(|(key, value)| format!("<item><key>{key}</key><value>{value}</value></item>")).collect();
    format!("<Fields>{items}</Fields>")
}

/// Creates a contact; its number.
pub fn create(site: &Site, pairs: &[(&str, &str)], more: &str) -> i64 {
    let answer = done(site, "USER.CREATE", &format!("{}{more}", fields(pairs)));
    member(&answer, "idContact").unwrap().parse().unwrap()
}

/// A message whose HTML body is this, made by the JSON wire.
pub fn message(site: &Site, html: &str) -> i64 {
    let version = json!({
        "Name": "one", "Culture": "", "SenderName": "Club", "SenderEMail": "club@example.org", "Subject": "Hello [[=Contact.f_City;]]",
        "MessageBodies": [{ "MIMEType": "text/html", "Content": html }],
    });
    let answer: Value =
        site.done("Messages.Create", json!({ "Message": { "Name": "m", "MessageVersions": [version] } }));
    answer["idMessage"].as_i64().unwrap()
}
