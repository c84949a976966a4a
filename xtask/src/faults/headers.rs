//! Values that would begin a header of their own, given in every call that has a part in one: on `api.php`, by JSON, by SOAP and on the command line.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use mail_parser::{HeaderName, MessageParser};
use serde_json::{Value, json};

use super::End;
use super::house::{House, Stage, relay, until};
use crate::bench::client::Connection;
use crate::sink::{Manners, Sink, Taken};

const SOON: Duration = Duration::from_secs(40);
/// The header that would be there, and the recipient that would get the mail too.
const EVIL: &str = "X-Evil: 1";
const BCC: &str = "Bcc: evil@example.com";
/// What puts values in, on the services' wire.
const TAGS: &str = "[[=Contact.f_City;]] [[=Message.Parameter(\"code\");]]";
/// What may end a line somewhere on the way. The last two lose a byte where letters are cut to eight bits.
const ENDS: [&str; 14] = [
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\n\n",
    "\r\n ",
    "\0\r\n",
    "\u{b}",
    "\u{c}",
    "\u{85}",
    "\u{2028}",
    "%0d%0a",
    "=?utf-8?q?=0d=0a?=",
    "\u{10d}\u{10a}",
];
/// Headers that a mail of ours may have.
const KNOWN: [&str; 17] = [
    "date",
    "from",
    "to",
    "subject",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
    "auto-submitted",
    "precedence",
    "x-auto-response-suppress",
    "x-mailing-ref",
];

/// No mail has a header that is not ours, nor one twice, nor another recipient, nor a line break in what its headers say.
pub async fn injected(stage: Arc<Stage>) -> anyhow::Result<End> {
    let sink = Sink::start(Manners::default()).await;
    let house = House::open(&stage, &relay(sink.port)).await?;
    let mut wires = Wires::new(&house).await?;
    let mut n_expected = 0;
    for (number, end) in ENDS.iter().enumerate() {
        let value = format!("a{end}{EVIL}{end}{BCC}{end}");
        n_expected += wires.by_api(number, &value).await?;
        n_expected += wires.by_services(number, &value).await?;
    }
    let taken = || std::future::ready(Ok(sink.recipients()));
    if let Err(error) = until("all mails", SOON, taken, |to: &Vec<String>| to.len() >= n_expected).await {
        let queue = house.tell(&["queue"]).await?;
        return Err(error.context(format!("{n_expected} were to be sent; the queue: {queue}")));
    }
    let log = || house.tell(&["log", "--subscriber", "wrong0@example.com"]);
    let log = until("an end", SOON, log, |log: &Value| log[0]["state"] == "failed").await?;
    ensure!(log[0]["last_error"] != "", "no reason: {log}");
    house.close().await?;
    for mail in sink.taken() {
        check(&mail).with_context(|| format!("to {}: {}", mail.recipient, String::from_utf8_lossy(&mail.message)))?;
    }
    ensure!(sink.n_taken() == n_expected, "{} mails in place of {n_expected}", sink.n_taken());
    ensure!(sink.faults().is_empty(), "{:?}", sink.faults());
    Ok(End::Good(format!("{n_expected} mails by {} forms of a line's end", ENDS.len())))
}

fn check(mail: &Taken) -> anyhow::Result<()> {
    ensure!(!mail.recipient.contains("evil") && !mail.mail.contains("evil"), "the envelope has another");
    let end = mail.message.windows(4).position(|window| window == b"\r\n\r\n").context("no end of the header")?;
    let head = String::from_utf8_lossy(&mail.message[..end]);
    let mut seen = BTreeSet::new();
    for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        ensure!(KNOWN.contains(&name.as_str()), "a header {line:?}");
        ensure!(seen.insert(name), "twice: {line:?}");
    }
    // What mail programs read there after decoding: a line's end in it would be one for the next program.
    let parsed = MessageParser::default().parse(&mail.message[..]).context("no mail")?;
    for name in [HeaderName::Subject, HeaderName::From, HeaderName::ReplyTo, HeaderName::ListId] {
        let text = format!("{:?}", parsed.header(name.clone()));
        ensure!(!text.contains("\\r") && !text.contains("\\n") && !text.contains("\\0"), "{name:?} says {text}");
    }
    // Otherwise nothing was tried.
    ensure!(parsed.subject().is_some_and(|subject| subject.contains(EVIL)), "the value is not in the subject");
    let to = parsed.to().and_then(|to| to.first()).and_then(|to| to.address());
    ensure!(to == Some(mail.recipient.as_str()), "To says {to:?}");
    Ok(())
}

/// A wire of the services.
#[derive(Debug, Clone, Copy)]
enum Wire {
    Json,
    Soap,
}

/// The ways in, with what they need.
struct Wires<'h> {
    house: &'h House,
    connection: Connection,
    project: String,
    key_id: i64,
    key: String,
    namespace: String,
}

impl<'h> Wires<'h> {
    async fn new(house: &'h House) -> anyhow::Result<Self> {
        let made = house.tell(&["project", "create", "--account", "demo", "--name", "Club"]).await?;
        let project = made["project_id"].to_string();
        house.tell(&["project", "field", &project, "--code", "City"]).await?;
        let key = house.tell(&["key", "create", "--account", "demo"]).await?;
        let connection = Connection::open(house.server.address).await?;
        let mut wires = Self {
            house,
            connection,
            project,
            key_id: key["idKey"].as_i64().context("no idKey")?,
            key: key["Key"].as_str().context("no Key")?.to_owned(),
            namespace: String::new(),
        };
        let (_, wsdl) =
            wires.connection.exchange(b"GET /webservices/soap?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let wsdl = String::from_utf8_lossy(wsdl).into_owned();
        let name = wsdl.split("targetNamespace=\"").nth(1).and_then(|rest| rest.split('"').next());
        wires.namespace = name.context("no namespace")?.to_owned();
        Ok(wires)
    }

    /// A double opt-in list and a campaign, everything called by that value; the number of mails that follow.
    async fn by_api(&mut self, number: usize, value: &str) -> anyhow::Result<usize> {
        let mut api = self.house.api().await?;
        let evil = percent(value);
        let made = api.call(&format!("Command=List.Create&SubscriberListName={evil}&OptInMode=Double")).await?;
        let list = made["ListID"].as_i64().context("no ListID")?;
        let given = format!("&Name={evil}&SenderName={evil}&SenderCompany={evil}&SenderAddress={evil}");
        api.call(&format!("Command=List.Update&SubscriberListID={list}{given}")).await?;
        let field = format!("Command=CustomField.Create&SubscriberListID={list}&FieldName=F&FieldType=Single+line");
        let field = api.call(&field).await?["CustomFieldID"].as_i64().context("no CustomFieldID")?;
        let join = format!("Command=Subscriber.Subscribe&ListID={list}&IPAddress=192.0.2.1&CustomField{field}={evil}");
        let (answer, _) = api.timed(&format!("{join}&EmailAddress=x{number}%40example.com{evil}")).await?;
        ensure!(answer["Success"] == false, "an address with a line's end is taken: {answer}");
        api.call(&format!("{join}&EmailAddress=asked{number}%40example.com")).await?;

        // Joined without being asked, so that a campaign reaches them.
        let open = api.call(&format!("Command=List.Create&SubscriberListName={evil}&OptInMode=Single")).await?;
        let open = open["ListID"].as_i64().context("no ListID")?;
        api.call(&format!("Command=List.Update&SubscriberListID={open}{given}")).await?;
        let field = format!("Command=CustomField.Create&SubscriberListID={open}&FieldName=F&FieldType=Single+line");
        let field = api.call(&field).await?["CustomFieldID"].as_i64().context("no CustomFieldID")?;
        let join = format!("Command=Subscriber.Subscribe&ListID={open}&IPAddress=192.0.2.1&CustomField{field}={evil}");
        api.call(&format!("{join}&EmailAddress=reader{number}%40example.com")).await?;
        self.campaign(open, field, value).await?;

        // A sender's address that is none is kept as it came; then nothing goes out in its name.
        let wrong = api.make_list("Wrong", "Double").await?;
        let address = format!("Command=List.Update&SubscriberListID={wrong}&SenderEmailAddress=a%40example.com{evil}");
        api.call(&address).await?;
        let join = format!("Command=Subscriber.Subscribe&ListID={wrong}&IPAddress=192.0.2.1");
        api.call(&format!("{join}&EmailAddress=wrong{number}%40example.com")).await?;
        Ok(2)
    }

    /// A campaign whose headers are made of such values, by tags and, as far as they are let in, as they are; a line's end is not.
    async fn campaign(&self, list: i64, field: i64, value: &str) -> anyhow::Result<()> {
        // No argument of a command can hold a NUL.
        let value = value.replace('\0', "");
        let tags = format!("%Subscriber:CustomField{field}% %List:Name% %List:SenderName%");
        let body = self.house.program.folder.join("evil.html");
        std::fs::write(&body, format!("<p>{tags} {value}</p>"))?;
        let (body, list) = (body.to_string_lossy(), list.to_string());
        let (plain, with_value) = ("m", format!("{tags} {value}"));
        let message = async |name: &str, subject: &str, sender: &str| {
            let owner = ["message", "create", "--account", "demo", "--name", name, "--subject", subject];
            let more = ["--sender-name", sender, "--sender-email", "news@example.org", "--html-file", &body];
            self.house.tell(&[&owner[..], &more].concat()).await
        };
        let made = if is_line(&value) {
            message(&value, &with_value, &with_value).await?
        } else {
            for [name, subject, sender] in [[&value, plain, plain], [plain, &value, plain], [plain, plain, &value]] {
                ensure!(message(name, subject, sender).await.is_err(), "a message with {value:?} in a header is made");
            }
            message(plain, &tags, &tags).await?
        };
        let message = made["message_id"].to_string();
        let name = if is_line(&value) { &value } else { plain };
        let owner = ["campaign", "create", "--account", "demo", "--name", name];
        let made = self.house.tell(&[&owner[..], &["--message", &message, "--list", &list]].concat()).await?;
        self.house.tell(&["campaign", "start", &made["campaign_id"].to_string()]).await?;
        Ok(())
    }

    /// A message made by JSON and one by SOAP, each sent by both; the number of mails that follow.
    async fn by_services(&mut self, number: usize, value: &str) -> anyhow::Result<usize> {
        let by_json = self.message(Wire::Json, value).await?;
        let by_soap = self.message(Wire::Soap, &without_controls_of_xml(value)).await?;
        let email = format!("contact{number}@example.com");
        let fields = format!("<Fields><f_EMail>{email}</f_EMail><f_City>{}</f_City></Fields>", xml(value));
        let made = self.soap("USER.CREATE", &fields).await?;
        let contact = number_in(&made, "idContact").with_context(|| format!("USER.CREATE: {made}"))?;
        for message in [&by_json, &by_soap] {
            let options = json!({ "idMessageVersion": null, "MessageParameterValues": { "code": value } });
            let filter = json!({ "Mode": "Single", "idContact": contact.parse::<i64>()? });
            let id: i64 = message.parse()?;
            let call = json!({ "idMessage": id, "contactFilter": filter, "SendSingleOptions": options });
            let sent = self.json("Sendings", "SendSingle2", call).await?;
            ensure!(sent["Success"] == true, "SendSingle2: {sent}");
            let code = format!("<Parameters><code>{}</code></Parameters>", xml(value));
            let call = format!("<idMessage>{message}</idMessage><idContact>{contact}</idContact>{code}");
            let sent = self.soap("MESSAGE.SENDSINGLE", &call).await?;
            ensure!(number_in(&sent, "AffectedContacts").as_deref() == Some("1"), "MESSAGE.SENDSINGLE: {sent}");
        }
        Ok(4)
    }

    /// A message with such values in its headers, by tags and, as far as they are let in, as they are.
    async fn message(&mut self, wire: Wire, value: &str) -> anyhow::Result<String> {
        let with_value = format!("{TAGS} {value}");
        if is_line(value) {
            return self.make(wire, [value, &with_value, &with_value]).await?.context("a harmless message is refused");
        }
        for texts in [[value, "s", "n"], ["m", &with_value, "n"], ["m", "s", &with_value]] {
            ensure!(self.make(wire, texts).await?.is_none(), "a message with {value:?} in a header is made");
        }
        self.make(wire, ["m", TAGS, TAGS]).await?.context("a harmless message is refused")
    }

    /// Name, subject, sender's name; `None` when it is refused.
    async fn make(&mut self, wire: Wire, texts: [&str; 3]) -> anyhow::Result<Option<String>> {
        match wire {
            Wire::Json => self.message_by_json(texts).await,
            Wire::Soap => self.message_by_soap(texts).await,
        }
    }

    async fn message_by_json(&mut self, [name, subject, sender]: [&str; 3]) -> anyhow::Result<Option<String>> {
        let version = json!({
            "Name": name, "Culture": "", "SenderName": sender, "SenderEMail": "club@example.org", "Subject": subject,
            "ReplyToEMail": "club@example.org", "MessageBodies": [{ "MIMEType": "text/plain", "Content": subject }],
        });
        let message = json!({ "Name": name, "MessageVersions": [version] });
        let made = self.json("Messages", "Create", json!({ "Message": message })).await?;
        Ok((made["Success"] == true).then(|| made["idMessage"].to_string()))
    }

    async fn message_by_soap(&mut self, texts: [&str; 3]) -> anyhow::Result<Option<String>> {
        let [name, subject, sender] = texts.map(xml);
        let version = format!(
            "<Name>{name}</Name><Culture></Culture><SenderName>{sender}</SenderName><SenderEMail>club@example.org</SenderEMail>\
             <Subject>{subject}</Subject><MessageBodies><item><MIMEType>text/plain</MIMEType>\
             <Content>{subject}</Content></item></MessageBodies>"
        );
        let versions = format!("<MessageVersions><item>{version}</item></MessageVersions>");
        let made = self.soap("MESSAGE.CREATE", &format!("<Message><Name>{name}</Name>{versions}</Message>")).await?;
        ensure!(made.contains("<Success"), "MESSAGE.CREATE: {made}");
        Ok(number_in(&made, "idMessage").filter(|id| id != "0"))
    }

    async fn json(&mut self, service: &str, method: &str, mut members: Value) -> anyhow::Result<Value> {
        members["AuthKey"] = json!({ "idKey": self.key_id, "Key": self.key });
        members["idProject"] = json!(self.project.parse::<i64>()?);
        let path = format!("/webservices/ofc4/{service}.ashx?method={method}");
        let body = self.exchange(&path, "application/json", &members.to_string()).await?;
        Ok(serde_json::from_str(body.trim_start_matches('\u{feff}'))?)
    }

    async fn soap(&mut self, operation: &str, members: &str) -> anyhow::Result<String> {
        let (id, key, project, namespace) = (self.key_id, &self.key, &self.project, &self.namespace);
        let call = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><n:{operation} xmlns:n=\"{namespace}\">\
             <AuthKey><idKey>{id}</idKey><Key>{key}</Key></AuthKey><idProject>{project}</idProject>{members}\
             </n:{operation}></s:Body></s:Envelope>"
        );
        self.exchange("/webservices/soap", "text/xml; charset=utf-8", &call).await
    }

    async fn exchange(&mut self, path: &str, kind: &str, body: &str) -> anyhow::Result<String> {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nSOAPAction: \"\"\r\n");
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let (_, answer) = self.connection.exchange(request.as_bytes()).await?;
        Ok(String::from_utf8_lossy(answer).into_owned())
    }
}

/// The digits in an element of this name.
fn number_in(answer: &str, name: &str) -> Option<String> {
    let inside = answer.split(&format!("<{name}")).nth(1)?.split("</").next()?;
    let digits = inside.rsplit('>').next()?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.to_owned())
}

/// Whether it may stand in a header.
fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Without the signs that XML has no way to write.
fn without_controls_of_xml(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\0' | '\u{b}' | '\u{c}')).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A text in XML, which has no signs for some controls; line ends are written so that no reader makes one of them of the other.
fn xml(text: &str) -> String {
    let sign = |c: char| match c {
        '\r' => "&#13;".to_owned(),
        '\n' => "&#10;".to_owned(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        _ => c.to_string(),
    };
    without_controls_of_xml(text).chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(head: &str) -> Taken {
        let [message_id, mail, rcpt, sender] = [""; 4].map(str::to_owned);
        let message = format!("{head}\r\nTo: a@example.com\r\n\r\nhello\r\n").into_bytes();
        Taken { message_id, mail, rcpt, sender, recipient: "a@example.com".to_owned(), message }
    }

    #[test]
    fn a_header_too_many_and_a_line_break_that_comes_by_decoding_are_found() {
        let fails = |head: &str| check(&mail(head)).map_err(|error| error.to_string()).err();
        assert_eq!(fails("Subject: a X-Evil: 1"), None);
        assert_eq!(fails("Subject: a\r\n X-Evil: 1"), None, "folded, it is one line");
        assert!(fails("Subject: a X-Evil: 1\r\nX-Evil: 1").is_some_and(|why| why.contains("a header")));
        assert!(fails("Subject: a X-Evil: 1\r\nSubject: b").is_some_and(|why| why.contains("twice")));
        assert!(fails("Subject: a\nX-Evil: 1").is_some(), "a bare line feed");
        // a, CR, LF, X-Evil: 1
        assert!(fails("Subject: =?utf-8?b?YQ0KWC1FdmlsOiAx?=").is_some_and(|why| why.contains("says")));
        assert!(fails("Subject: a X-Evil: 1\r\nFrom: =?utf-8?q?a=0D=0Ab?= <b@example.com>").is_some());
    }
}
