//! The file of `understudy seed`, as it is written. Names carry their place, so that what is wrong with them can be told by line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;
use toml::Spanned;

use crate::cli::message::read_body;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Whose everything is.
    pub account: Account,
    /// Its projects.
    #[serde(default, rename = "project")]
    pub projects: Vec<Project>,
    /// Its keys for the web services.
    #[serde(default, rename = "key")]
    pub keys: Vec<Key>,
    /// Web addresses that are told of changes of its contacts.
    #[serde(default, rename = "webhook")]
    pub webhooks: Vec<Webhook>,
}

/// An account; made when there is none of this name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Name to log in with.
    pub username: Spanned<String>,
    /// E-mail address; needed when the account is to be made.
    #[serde(default)]
    pub email: String,
    /// Password of a new account; without it one is made and shown once.
    pub password: Option<String>,
}

/// A project, told apart by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its name.
    pub name: Spanned<String>,
    /// Its cultures, the default first.
    #[serde(default)]
    pub languages: Vec<String>,
    /// IANA zone; empty for the server's.
    #[serde(default)]
    pub time_zone: String,
    /// The codes of the fields that tell its contacts apart; empty for the address.
    #[serde(default)]
    pub key: Vec<String>,
    /// Its fields.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// Its opt-ins.
    #[serde(default, rename = "opt_in")]
    pub opt_ins: Vec<OptIn>,
    /// Its relational tables.
    #[serde(default, rename = "table")]
    pub tables: Vec<Table>,
    /// Its mobile and web applications.
    #[serde(default, rename = "application")]
    pub applications: Vec<Application>,
    /// Its messages.
    #[serde(default, rename = "message")]
    pub messages: Vec<Message>,
    /// Its operational links.
    #[serde(default, rename = "link")]
    pub links: Vec<Link>,
}

/// A field, told apart by its code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its code, without `f_`.
    pub code: Spanned<String>,
    /// `text`, `long-text`, `integer`, `decimal`, `boolean`, `date`, `datetime`, `choice` or `multi-choice`.
    #[serde(default = "text", rename = "type")]
    pub data_type: String,
    /// Whether a new contact must have a value.
    #[serde(default)]
    pub required: bool,
    /// What people see, by culture.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The choices of a choice field.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

fn text() -> String {
    "text".to_owned()
}

/// A relational table, told apart by its code in its project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its code.
    pub code: Spanned<String>,
    /// What people see; empty for the code.
    #[serde(default)]
    pub name: String,
    /// Whether rows may stand without a contact.
    #[serde(default)]
    pub without_contact: bool,
    /// Whether the contact is part of the key.
    #[serde(default)]
    pub contact_in_key: bool,
    /// Its columns.
    #[serde(default, rename = "column")]
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its code.
    pub code: String,
    /// What its values are, as of fields.
    #[serde(default = "text", rename = "type")]
    pub data_type: String,
    /// Whether it tells rows apart, alone or with others.
    #[serde(default)]
    pub key: bool,
    /// Whether a new row must have a value.
    #[serde(default)]
    pub required: bool,
}

/// An application, told apart by its name in its project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its name.
    pub name: Spanned<String>,
}

/// A webhook, told apart by its address and its project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address to call.
    pub url: Spanned<String>,
    /// The name of the project whose contacts it is told of; without it, all of the account.
    pub project: Option<Spanned<String>>,
    /// The events it is told of; empty for all.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A choice: its value, or value and label.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Choice {
    /// The value is the label.
    Plain(String),
    /// Both.
    Labelled {
        /// What is stored.
        value: String,
        /// What people see.
        label: String,
    },
}

impl Choice {
    /// Value and label.
    pub fn pair(&self) -> (String, String) {
        match self {
            Self::Plain(value) => (value.clone(), value.clone()),
            Self::Labelled { value, label } => (value.clone(), label.clone()),
        }
    }
}

/// An opt-in, told apart by its code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptIn {
    /// Its code, without `optin_`.
    pub code: Spanned<String>,
    /// What people see, by culture.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The category of the messages that need it.
    #[serde(default)]
    pub category: i64,
}

/// A message, told apart by its name in its project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its name.
    pub name: Spanned<String>,
    /// The kind of communication.
    #[serde(default)]
    pub category: i64,
    /// Its versions.
    #[serde(rename = "version")]
    pub versions: Vec<Version>,
}

/// A version of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// Its language.
    #[serde(default)]
    pub culture: String,
    /// Sender's name.
    #[serde(default)]
    pub sender_name: String,
    /// Sender's address.
    #[serde(default)]
    pub sender_email: String,
    /// Where answers go.
    #[serde(default)]
    pub reply_to: String,
    /// The subject.
    pub subject: String,
    /// Which contacts it is for.
    #[serde(default)]
    pub predicate: String,
    /// Whether it is for nobody else.
    #[serde(default)]
    pub must_match: bool,
    /// The HTML body.
    #[serde(default)]
    pub html: String,
    /// A file with the HTML body, beside the seed file.
    pub html_file: Option<PathBuf>,
    /// The plain body.
    #[serde(default)]
    pub text: String,
    /// A file with the plain body.
    pub text_file: Option<PathBuf>,
}

/// An operational link, told apart by its name in its project. Bodies name it so too: `[[=Message.OpLink("verify");]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its name.
    pub name: Spanned<String>,
    /// Where it leads.
    #[serde(default)]
    pub url: String,
    /// The name of the message that it sends.
    pub message: Option<Spanned<String>>,
    /// What it sets: columns and values.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// A key, told apart by its note.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What it is for.
    pub note: Spanned<String>,
    /// Who answers for it.
    #[serde(default)]
    pub contact: String,
    /// The names of the projects it reaches; empty for all.
    #[serde(default)]
    pub projects: Vec<Spanned<String>>,
    /// Addresses and networks it may be used from.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Relational tables it reaches, by id, or by their code in this file.
    #[serde(default)]
    pub tables: Vec<TableName>,
    /// What it may call.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Calls a day; 0 for no limit.
    #[serde(default)]
    pub calls_per_day: i64,
    /// Its end, a day or a moment.
    pub expires: Option<String>,
    /// A secret chosen elsewhere, 32 letters and digits; without it one is made and shown once.
    pub secret: Option<String>,
}

/// A table as a key names it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum TableName {
    /// By its id.
    Id(i64),
    /// By its code in the file.
    Code(String),
}

impl File {
    /// Reads the bodies that stand in files of their own, named from the folder of the seed file.
    ///
    /// # Errors
    /// When one cannot be read, or a body is given twice.
    pub fn load_bodies(&mut self, folder: Option<&Path>) -> anyhow::Result<()> {
        let folder = folder.unwrap_or(Path::new("."));
        for message in self.projects.iter_mut().flat_map(|project| &mut project.messages) {
            let name = message.name.get_ref();
            for version in &mut message.versions {
                for (body, file) in [(&mut version.html, &version.html_file), (&mut version.text, &version.text_file)] {
                    let Some(path) = file else { continue };
                    ensure!(body.is_empty(), "message {name:?} has a body both in the file and in {}", path.display());
                    *body = read_body(&folder.join(path)).with_context(|| format!("message {name:?}"))?;
                }
            }
        }
        Ok(())
    }
}

/// Reads a file.
///
/// # Errors
/// Line, key and reason, in one line.
pub fn read(text: &str) -> Result<File, String> {
    let deserializer = toml::Deserializer::parse(text).map_err(|error| place_and_reason(text, "", &error))?;
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let key = error.path().to_string();
        place_and_reason(text, &key, error.inner())
    })
}

fn place_and_reason(text: &str, key: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let key = if key.is_empty() || key == "." { String::new() } else { format!("{key}: ") };
    let reason = error.message().lines().next().unwrap_or_default().to_owned();
    format!("line {}: {key}{reason}", line_of(text, start))
}

/// The line of a place, counted from 1.
pub fn line_of(text: &str, place: usize) -> usize {
    text.as_bytes().iter().take(place).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_file_is_told_by_line_and_key() {
        for (text, parts) in [
            ("[account]\nusername = \"a\n", &["line 2"][..]),
            ("[account]\nusername = 7\n", &["line 2", "account.username"]),
            ("[account]\nusername = \"a\"\ncolour = 1\n", &["line 3", "colour"]),
            (
                "[account]\nusername = \"a\"\n[[project]]\nname = \"p\"\n[[project.field]]\ncode = \"c\"\nrequired = 3\n",
                &["line 7", "project[0].field[0].required"],
            ),
            ("[[project]]\nname = \"p\"\n", &["account"]),
        ] {
            let error = read(text).expect_err("bad");
            assert!(parts.iter().all(|part| error.contains(part)) && !error.contains('\n'), "{error}");
        }
        let good = read("[account]\nusername = \"a\"\n[[project]]\nname = \"p\"\n").expect("good");
        assert_eq!(
            line_of("[account]\nusername = \"a\"\n[[project]]\nname = \"p\"\n", good.projects[0].name.span().start),
            4
        );
    }
}
