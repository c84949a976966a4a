//! Calls that are good SOAP and must be refused all the same: keys, projects, messages and contacts that are none, or another's.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde_json::Value;

use super::set::{Case, Expected, Row, Service};
use crate::test::seeder::CommandLine;
use crate::test::server::ClientAccount;

/// What the rows name.
pub struct Seeds {
    key: [String; 2],
    project: String,
    message: String,
    expired: [String; 2],
    disabled: [String; 2],
    /// Good for another operation only.
    narrow: [String; 2],
    foreign_key: [String; 2],
    foreign_project: String,
}

impl Seeds {
    /// Makes them with the program's own command line. Ends once the key that expires has expired.
    ///
    /// # Errors
    /// When the program refuses.
    pub fn make(program: &CommandLine, account: &ClientAccount, foreign: &ClientAccount) -> anyhow::Result<Self> {
        let owned = ["key", "create", "--account", account.username.as_str()];
        let make = |terms: &[&str]| read_key(&program.tell(&[&owned[..], terms].concat())?);
        let expires_at = SystemTime::now() + Duration::from_secs(3);
        let expired = make(&["--expires", &moment(expires_at)?])?;
        let disabled = make(&[])?;
        program.tell(&["key", "disable", &disabled[0]])?;
        let [project, id, secret] = account.project.clone();
        let folder = tempfile::tempdir()?;
        let text = folder.path().join("message.txt");
        std::fs::write(&text, "Hello")?;
        let text = text.to_string_lossy().into_owned();
        let named = ["--name", "Hello", "--subject", "Hello", "--text-file", &text, "--project", &project];
        let create = ["message", "create", "--account", account.username.as_str()];
        let message = program.tell(&[&create[..], &named].concat())?;
        // A second more than it takes: the moment is written in whole seconds.
        if let Ok(left) = (expires_at + Duration::from_secs(1)).duration_since(SystemTime::now()) {
            std::thread::sleep(left);
        }
        Ok(Self {
            key: [id, secret],
            project,
            message: message["message_id"].to_string(),
            expired,
            disabled,
            narrow: make(&["--endpoint", "USER.GET"])?,
            foreign_key: [foreign.project[1].clone(), foreign.project[2].clone()],
            foreign_project: foreign.project[0].clone(),
        })
    }

    /// The rows.
    pub fn rows(&self, service: &Service) -> Vec<Row> {
        let calls = Calls { seeds: self, service };
        vec![
            calls.keys(),
            calls.ended_keys(),
            calls.projects(),
            calls.messages(),
            calls.contacts(),
            calls.contents(),
            calls.arguments(),
        ]
    }
}

/// Writes the rows.
struct Calls<'a> {
    seeds: &'a Seeds,
    service: &'a Service,
}

impl Calls<'_> {
    /// A call with this key, project and members.
    fn call(&self, operation: &str, key: &[String; 2], project: &str, members: &str) -> String {
        let [id, secret] = key;
        let key = format!("<AuthKey><idKey>{id}</idKey><Key>{secret}</Key></AuthKey>");
        self.bare(operation, &format!("{key}<idProject>{project}</idProject>{members}"))
    }

    fn bare(&self, operation: &str, members: &str) -> String {
        self.service.envelope(&format!("<t:{operation}><Request>{members}</Request></t:{operation}>"))
    }

    /// A contact that nobody has created yet.
    fn person(&self) -> String {
        let n = self.service.n_calls.fetch_add(1, Ordering::Relaxed);
        format!("<Fields><f_EMail>hostile{n:05}@example.com</f_EMail></Fields>")
    }

    fn create(&self, name: &str, key: &[String; 2], project: &str, code: &'static str) -> Case {
        let message = self.call("USER.CREATE", key, project, &self.person());
        Case::new(name, message, Expected::Refused(code))
    }

    fn keys(&self) -> Row {
        let (seeds, project) = (self.seeds, self.seeds.project.as_str());
        let [id, secret] = &seeds.key;
        let wrong = |name: &str, id: &str, secret: &str| {
            self.create(name, &[id.to_owned(), secret.to_owned()], project, "AuthenticationFailed")
        };
        let without = format!("<idProject>{project}</idProject>{}", self.person());
        let refused = vec![
            wrong("wrong secret", id, "00000000000000000000000000000000"),
            wrong("empty secret", id, ""),
            wrong("secret in another case", id, &swapped(secret)),
            wrong("unknown number", "99999999", secret),
            wrong("another's number", &seeds.foreign_key[0], secret),
            wrong("a statement", id, "' OR '1'='1"),
            wrong("a long secret", id, &"a".repeat(100_000)),
            Case::new("none", self.bare("USER.CREATE", &without), Expected::Refused("AuthenticationFailed")),
        ];
        Row { name: "wrong keys", allowed: Vec::new(), refused }
    }

    fn ended_keys(&self) -> Row {
        let (seeds, project) = (self.seeds, self.seeds.project.as_str());
        let refused = vec![
            self.create("expired", &seeds.expired, project, "KeyExpired"),
            self.create("disabled", &seeds.disabled, project, "KeyInactive"),
            self.create("for another operation", &seeds.narrow, project, "AccessDenied"),
        ];
        Row { name: "keys that are not good for it", allowed: Vec::new(), refused }
    }

    fn projects(&self) -> Row {
        let seeds = self.seeds;
        let refused = vec![
            self.create("another's", &seeds.key, &seeds.foreign_project, "ProjectNotFound"),
            self.create("another's key", &seeds.foreign_key, &seeds.project, "ProjectNotFound"),
            self.create("unknown", &seeds.key, "99999999", "ProjectNotFound"),
            self.create("greatest", &seeds.key, &i64::MAX.to_string(), "ProjectNotFound"),
            self.create("negative", &seeds.key, "-1", "ProjectNotFound"),
            self.create("none", &seeds.key, "", "MissingParameter"),
        ];
        Row { name: "foreign and unknown projects", allowed: Vec::new(), refused }
    }

    fn messages(&self) -> Row {
        let send = |name: &str, message: &str, contact: &str, code| {
            let members = format!("<idMessage>{message}</idMessage><idContact>{contact}</idContact>");
            let call = self.call("MESSAGE.SENDSINGLE", &self.seeds.key, &self.seeds.project, &members);
            Case::new(name, call, Expected::Refused(code))
        };
        let known = self.seeds.message.as_str();
        let refused = vec![
            send("unknown message", "99999999", "1", "MessageNotFound"),
            send("unknown contact", known, "99999999", "ContactNotFound"),
            send("no message", "", "1", "MissingParameter"),
            send("no contact", known, "", "MissingParameter"),
        ];
        Row { name: "unknown messages", allowed: Vec::new(), refused }
    }

    fn contacts(&self) -> Row {
        let operations = ["USER.GET", "USER.ACTIVATE", "USER.UPDATE", "USER.DEACTIVATE", "USER.DELETE"];
        let of = |operation: &&str| {
            let members = "<idContact>99999999</idContact>";
            let call = self.call(operation, &self.seeds.key, &self.seeds.project, members);
            Case::new(*operation, call, Expected::Refused("ContactNotFound"))
        };
        Row { name: "unknown contacts", allowed: Vec::new(), refused: operations.iter().map(of).collect() }
    }

    fn contents(&self) -> Row {
        let create = |name: &str, fields: &str, code| Case::new(name, self.with(fields), Expected::Refused(code));
        let refused = vec![
            // That of the first call, which came before everything else.
            create("a contact that exists", "<f_EMail>hostile00000@example.com</f_EMail>", "DuplicateRecord"),
            create("no address", "<f_City>Oslo</f_City>", "InvalidKey"),
            create("a bad address", "<f_EMail>a'; DROP TABLE subscribers</f_EMail>", "InvalidEMail"),
            create("an unknown field", "<f_EMail>a@example.com</f_EMail><f_Nope>1</f_Nope>", "UnknownField"),
        ];
        Row { name: "bad values", allowed: Vec::new(), refused }
    }

    fn arguments(&self) -> Row {
        let bad = Expected::Fault("InvalidParameter", 500);
        let twice = "<f_EMail>a@example.com</f_EMail><f_City>1</f_City><f_City>2</f_City>";
        let refused = vec![
            Case::new("values without names", self.with("<item>a@example.com</item><item>b</item>"), bad),
            Case::new("a member twice", self.with(twice), bad),
            Case::new("no number", self.call("USER.CREATE", &self.seeds.key, "1; DROP TABLE lists", ""), bad),
            Case::new("an unknown operation", self.bare("USER.EXPLODE", ""), Expected::Fault("UnknownMethod", 500)),
        ];
        Row { name: "bad parameters, unknown operation", allowed: Vec::new(), refused }
    }

    /// A contact with these values.
    fn with(&self, fields: &str) -> String {
        self.call("USER.CREATE", &self.seeds.key, &self.seeds.project, &format!("<Fields>{fields}</Fields>"))
    }
}

/// Upper case for lower and the other way round.
fn swapped(secret: &str) -> String {
    let swap =
        |sign: char| if sign.is_ascii_lowercase() { sign.to_ascii_uppercase() } else { sign.to_ascii_lowercase() };
    secret.chars().map(swap).collect()
}

fn read_key(told: &Value) -> anyhow::Result<[String; 2]> {
    let secret = told["Key"].as_str().with_context(|| format!("key create printed no Key: {told}"))?;
    Ok([told["idKey"].to_string(), secret.to_owned()])
}

/// A moment as the command line takes it, to the second in UTC.
fn moment(time: SystemTime) -> anyhow::Result<String> {
    let seconds = time.duration_since(UNIX_EPOCH)?.as_secs();
    let (mut days, mut year) = (seconds / 86_400, 1970);
    let is_leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    Ok(format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_798_761_600, "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(moment(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap(), text);
        }
    }

    #[test]
    fn a_swapped_secret_is_another() {
        assert_eq!(swapped("aB3"), "Ab3");
    }
}
