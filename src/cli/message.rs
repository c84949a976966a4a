//! `understudy message`: e-mails that can be sent, from the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::Common;
use super::project::Owned;
use super::shown::Shown;
use super::work::{self, Work};
use crate::domain::administration;
use crate::domain::letters::enclosures::{self, Listed, NewFile};
use crate::domain::messages::removal;
use crate::domain::messages::versions::{self, Body, Draft, DraftVersion, HTML, MAX_BODY_BYTES, PLAIN};
use crate::model::ids::{EnclosureId, ListId, MessageId};

/// Messages read at once while listing.
const PAGE: i64 = 200;

/// The actions of `message`.
#[derive(Debug, clap::Subcommand)]
pub enum Message {
    /// Make a message of one version; several, by language, come from `seed` or the web services.
    Create(Create),
    /// List the messages of an account, or those that a project may use.
    List(List),
    /// Show a message with its versions and bodies.
    Show(Numbered),
    /// Remove a message that no list, link or waiting batch needs.
    Delete(Numbered),
    /// Attach a file to a message, or a picture that its HTML shows.
    Attach(Attach),
    /// List the files of a message.
    Files(Numbered),
    /// Take a file off a message.
    Detach(Detach),
}

/// Which message.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    #[command(flatten)]
    owned: Owned,
    /// Its id, see `message list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `message create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    owned: Owned,
    /// The project it belongs to; without it, every project of the account.
    #[arg(long, value_name = "ID")]
    project: Option<i64>,
    /// What its owner calls it.
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// The subject, with tags.
    #[arg(long, value_name = "TEXT")]
    subject: String,
    /// Sender's name; without it, the list's or the server's.
    #[arg(long, value_name = "TEXT", default_value = "")]
    sender_name: String,
    /// Sender's address; without it, the list's or the server's.
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    sender_email: String,
    /// Where answers go; without it, to the sender.
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    reply_to: String,
    /// Its language, such as `fr-CA`.
    #[arg(long, value_name = "CULTURE", default_value = "")]
    culture: String,
    /// The kind of communication; 0 for none.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    category: i64,
    /// File with the HTML body.
    #[arg(long, value_name = "FILE")]
    html_file: Option<PathBuf>,
    /// File with the plain body.
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// Count opens and clicks.
    #[arg(long)]
    track: bool,
}

/// Flags of `message list`.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    owned: Owned,
    /// Only what this project may use.
    #[arg(long, value_name = "ID")]
    project: Option<i64>,
}

/// Flags of `message attach`.
#[derive(Debug, clap::Args)]
pub struct Attach {
    #[command(flatten)]
    numbered: Numbered,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its name in the mail; without it, the file's own.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Its type; without it, by the ending of its name.
    #[arg(long, value_name = "TYPE")]
    mime_type: Option<String>,
    /// Make it a picture of the HTML: `--content-id logo` for `<img src="cid:logo">`.
    #[arg(long, value_name = "NAME", default_value = "")]
    content_id: String,
}

/// Flags of `message detach`.
#[derive(Debug, clap::Args)]
pub struct Detach {
    #[command(flatten)]
    numbered: Numbered,
    /// The file's id, see `message files`.
    #[arg(value_name = "FILE_ID")]
    file: i64,
}

impl Message {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(list) => list.run(common),
            Self::Show(numbered) => show(common, numbered),
            Self::Attach(attach) => attach.run(common),
            Self::Files(numbered) => files(common, numbered),
            Self::Detach(Detach { numbered: Numbered { owned, id }, file }) => {
                work::change(common, move |cx| {
                    administration::act_as(cx, &owned.account)?;
                    Ok(enclosures::detach(cx, MessageId(id), EnclosureId(file))?)
                })?;
                Ok(Shown::new(json!({ "message_id": id, "file_id": file }), format!("file {file} is off message {id}")))
            }
            Self::Delete(Numbered { owned, id }) => {
                work::change(common, move |cx| {
                    administration::act_as(cx, &owned.account)?;
                    Ok(removal::delete(cx, MessageId(id))?)
                })?;
                Ok(Shown::new(json!({ "message_id": id }), format!("message {id} is removed")))
            }
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let mut bodies = Vec::new();
        for (mime_type, file) in [(HTML, &self.html_file), (PLAIN, &self.text_file)] {
            if let Some(path) = file {
                bodies.push(Body { mime_type: mime_type.to_owned(), content: read_body(path)? });
            }
        }
        ensure!(!bodies.is_empty(), "a message needs a body: --html-file or --text-file");
        let version = DraftVersion {
            culture: self.culture,
            sender_name: self.sender_name,
            sender_email: self.sender_email,
            reply_to_email: self.reply_to,
            subject: self.subject,
            bodies,
            ..DraftVersion::default()
        };
        let draft = Draft {
            name: self.name,
            category_id: self.category,
            tracks_links: self.track,
            versions: vec![version],
            ..Draft::default()
        };
        let (project, name) = (self.project.map_or(ListId::NONE, ListId), draft.name.clone());
        let id = work::change(common, move |cx| {
            administration::act_as(cx, &self.owned.account)?;
            Ok(versions::create(cx, project, &draft)?)
        })?;
        Ok(Shown::new(json!({ "message_id": id.0, "name": name }), format!("message {id} made: {name}")))
    }
}

impl Attach {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let Self { numbered: Numbered { owned, id }, file: path, name, mime_type, content_id } = self;
        let size = std::fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
        ensure!(
            size <= enclosures::MAX_BYTES as u64,
            "{} has more than {} bytes",
            path.display(),
            enclosures::MAX_BYTES
        );
        let content = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let own = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
        let name = name.unwrap_or_else(|| own.to_owned());
        let mime_type = mime_type.unwrap_or_else(|| type_of(&name).to_owned());
        let file = NewFile { name: name.clone(), mime_type: mime_type.clone(), content_id, content };
        let made = work::change(common, move |cx| {
            administration::act_as(cx, &owned.account)?;
            Ok(enclosures::attach(cx, MessageId(id), file)?)
        })?;
        let json = json!({ "message_id": id, "file_id": made.0, "name": name, "mime_type": mime_type });
        Ok(Shown::new(json, format!("file {made} attached to message {id}: {name}, {mime_type}")))
    }
}

/// The type of a file by the ending of its name.
fn type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "ics" => "text/calendar",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

fn files(common: &Common, numbered: Numbered) -> anyhow::Result<Shown> {
    let files = work::look(common, move |cx| {
        administration::act_as(cx, &numbered.owned.account)?;
        Ok::<_, anyhow::Error>(enclosures::list(cx, MessageId(numbered.id))?)
    })?;
    let json = files.iter().map(|file| {
        json!({
            "file_id": file.id.0,
            "name": file.name,
            "mime_type": file.mime_type,
            "content_id": file.content_id,
            "n_bytes": file.n_bytes,
        })
    });
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            let Listed { id, name, mime_type, content_id, n_bytes } = file;
            vec![id.to_string(), name.clone(), mime_type.clone(), content_id.clone(), n_bytes.to_string()]
        })
        .collect();
    Ok(Shown::table(Value::Array(json.collect()), &["ID", "NAME", "TYPE", "CONTENT-ID", "BYTES"], &rows))
}

/// A body from a file.
///
/// # Errors
/// When the file cannot be read, is too large or not UTF-8.
pub fn read_body(path: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(size <= MAX_BODY_BYTES as u64, "{} has more than {MAX_BODY_BYTES} bytes", path.display());
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

impl List {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let work = Work::open_existing(common)?;
        let project = self.project.map_or(ListId::NONE, ListId);
        let (mut json, mut rows) = (Vec::new(), Vec::new());
        let mut after = MessageId::NONE;
        loop {
            let login = self.owned.account.clone();
            let page = work.read(move |cx| {
                administration::act_as(cx, &login)?;
                Ok(versions::list(cx, project, after, PAGE)?)
            })?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for message in &page {
                let cultures: Vec<&str> =
                    message.versions.iter().map(|version| version.text.culture.as_str()).collect();
                let subject = message.versions.first().map_or("", |version| version.text.subject.as_str());
                let of = if message.project == ListId::NONE { None } else { Some(message.project.0) };
                json.push(json!({
                    "message_id": message.id.0,
                    "project_id": of,
                    "name": message.name,
                    "category_id": message.category_id,
                    "cultures": cultures,
                    "subject": subject,
                }));
                rows.push(vec![
                    message.id.to_string(),
                    of.map_or_else(|| "all".to_owned(), |id| id.to_string()),
                    message.name.clone(),
                    cultures.join(" "),
                    subject.to_owned(),
                ]);
            }
        }
        work.end();
        Ok(Shown::table(Value::Array(json), &["ID", "PROJECT", "NAME", "CULTURES", "SUBJECT"], &rows))
    }
}

fn show(common: &Common, numbered: Numbered) -> anyhow::Result<Shown> {
    let message = work::look(common, move |cx| {
        administration::act_as(cx, &numbered.owned.account)?;
        Ok::<_, anyhow::Error>(versions::get(cx, ListId::NONE, MessageId(numbered.id))?)
    })?;
    let of = (message.project != ListId::NONE).then_some(message.project.0);
    let mut lines = vec![
        format!("message {}: {}", message.id, message.name),
        format!("project   {}", of.map_or_else(|| "all".to_owned(), |id| id.to_string())),
        format!("category  {}", message.category_id),
    ];
    let mut shown = Vec::new();
    for text in message.versions.iter().map(|version| &version.text) {
        lines.push(format!("version   {} {}", text.name, text.culture).trim_end().to_owned());
        for (what, value) in [
            ("sender", format!("{} {}", text.sender_name, text.sender_email)),
            ("reply to", text.reply_to_email.clone()),
            ("subject", text.subject.clone()),
            ("predicate", text.predicate.clone()),
        ] {
            if !value.trim().is_empty() {
                lines.push(format!("  {what:<9} {}", value.trim()));
            }
        }
        lines.extend(text.bodies.iter().map(|body| format!("  {}\n{}", body.mime_type, body.content)));
        let bodies: Vec<Value> =
            text.bodies.iter().map(|body| json!({ "mime_type": body.mime_type, "content": body.content })).collect();
        shown.push(json!({
            "name": text.name,
            "culture": text.culture,
            "sender_name": text.sender_name,
            "sender_email": text.sender_email,
            "reply_to": text.reply_to_email,
            "subject": text.subject,
            "predicate": text.predicate,
            "must_match": text.must_match,
            "bodies": bodies,
        }));
    }
    let json = json!({
        "message_id": message.id.0,
        "project_id": of,
        "name": message.name,
        "category_id": message.category_id,
        "versions": shown,
    });
    Ok(Shown::new(json, lines.join("\n")))
}
