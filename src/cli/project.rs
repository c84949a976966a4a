//! `understudy project`: lists as the Ofsys web services know them.

use serde_json::{Value, json};

use super::Common;
use super::password::parse_username;
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::projects::{self, Labels, NewField, NewProject};
use crate::model::ids::ListId;
use crate::model::states::{DataType, FieldKind};

/// The words for what a field's values are.
pub const TYPES: [(&str, DataType, bool); 9] = [
    ("text", DataType::Text, false),
    ("long-text", DataType::Text, true),
    ("integer", DataType::Integer, false),
    ("decimal", DataType::Decimal, false),
    ("boolean", DataType::Boolean, false),
    ("date", DataType::Date, false),
    ("datetime", DataType::DateTime, false),
    ("choice", DataType::Choice, false),
    ("multi-choice", DataType::MultiChoice, false),
];

/// The actions of `project`.
#[derive(Debug, clap::Subcommand)]
pub enum Project {
    /// Make a project.
    Create(Create),
    /// List the projects of an account.
    List(Owned),
    /// Show a project with its fields and opt-ins.
    Show(Numbered),
    /// Add a field to a project.
    Field(Field),
    /// Add an opt-in, a kind of communication that contacts may consent to, to a project.
    OptIn(OptIn),
    /// List the fields of a project.
    Fields(Numbered),
    /// List the opt-ins of a project.
    OptIns(Numbered),
    /// Remove a field of a project, with the values that contacts have in it.
    DeleteField(Coded),
    /// Remove an opt-in of a project, with what contacts said to it. Refused while a message has its category.
    DeleteOptIn(Coded),
}

/// Which field or opt-in.
#[derive(Debug, clap::Args)]
pub struct Coded {
    #[command(flatten)]
    project: Numbered,
    /// Its code, without the prefix of the web services.
    #[arg(long, value_name = "CODE")]
    code: String,
}

/// Whose projects.
#[derive(Debug, clap::Args)]
pub struct Owned {
    /// The account, by user name or e-mail address.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    pub account: String,
}

/// Which project.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// Its id, see `project list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `project create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    owned: Owned,
    /// Its name.
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// A culture such as `fr-CA`; may be repeated, the first is the default.
    #[arg(long = "language", value_name = "CULTURE")]
    languages: Vec<String>,
    /// IANA zone of its dates; without it, the server's.
    #[arg(long, value_name = "ZONE", default_value = "")]
    time_zone: String,
}

/// Flags of `project field`.
#[derive(Debug, clap::Args)]
pub struct Field {
    #[command(flatten)]
    project: Numbered,
    /// Its code; the web services put `f_` before it.
    #[arg(long, value_name = "CODE")]
    code: String,
    /// What its values are.
    #[arg(long = "type", value_name = "TYPE", value_parser = parse_type, default_value = "text")]
    data_type: (DataType, bool),
    /// A new contact must have a value.
    #[arg(long)]
    required: bool,
    /// What people see in a culture, `en=First name`; may be repeated.
    #[arg(long = "label", value_name = "CULTURE=TEXT", value_parser = parse_pair)]
    labels: Vec<(String, String)>,
    /// A choice, `VALUE` or `VALUE=LABEL`; may be repeated.
    #[arg(long = "choice", value_name = "VALUE[=LABEL]")]
    choices: Vec<String>,
}

/// Flags of `project opt-in`.
#[derive(Debug, clap::Args)]
pub struct OptIn {
    #[command(flatten)]
    project: Numbered,
    /// Its code; the web services put `optin_` before it.
    #[arg(long, value_name = "CODE")]
    code: String,
    /// What people see in a culture, `en=News`; may be repeated.
    #[arg(long = "label", value_name = "CULTURE=TEXT", value_parser = parse_pair)]
    labels: Vec<(String, String)>,
    /// Batches of messages of this category go only to contacts who gave this opt-in.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    category: i64,
}

impl Project {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(owned) => list(common, owned),
            Self::Show(Numbered { id }) => show(common, ListId(id)),
            Self::Field(field) => field.run(common),
            Self::OptIn(opt_in) => opt_in.run(common),
            Self::Fields(Numbered { id }) => fields(common, ListId(id)),
            Self::OptIns(Numbered { id }) => opt_ins(common, ListId(id)),
            Self::DeleteField(coded) => {
                let (project, code) = (ListId(coded.project.id), coded.code.clone());
                let id = work::change(common, move |cx| {
                    administration::act_as_owner(cx, project)?;
                    Ok(projects::remove_field(cx, project, &coded.code)?)
                })?;
                let json = json!({ "project_id": project.0, "field_id": id.0, "code": code });
                Ok(Shown::new(json, format!("field {id} of project {project} is removed: f_{code}")))
            }
            Self::DeleteOptIn(coded) => {
                let (project, code) = (ListId(coded.project.id), coded.code.clone());
                let id = work::change(common, move |cx| {
                    administration::act_as_owner(cx, project)?;
                    Ok(projects::remove_opt_in(cx, project, &coded.code)?)
                })?;
                let json = json!({ "project_id": project.0, "opt_in_id": id.0, "code": code });
                Ok(Shown::new(json, format!("opt-in {id} of project {project} is removed: optin_{code}")))
            }
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let name = self.name.clone();
        let id = work::change(common, move |cx| {
            administration::act_as(cx, &self.owned.account)?;
            let new = NewProject { name: self.name, languages: self.languages, time_zone: self.time_zone };
            Ok(projects::create(cx, &new)?)
        })?;
        Ok(Shown::new(json!({ "project_id": id.0, "name": name }), format!("project {id} made: {name}")))
    }
}

fn list(common: &Common, owned: Owned) -> anyhow::Result<Shown> {
    let found = work::look(common, move |cx| {
        administration::act_as(cx, &owned.account)?;
        Ok::<_, anyhow::Error>(projects::list(cx)?)
    })?;
    let json = found.iter().map(|(id, name)| json!({ "project_id": id.0, "name": name })).collect();
    let rows: Vec<Vec<String>> = found.into_iter().map(|(id, name)| vec![id.to_string(), name]).collect();
    Ok(Shown::table(Value::Array(json), &["ID", "NAME"], &rows))
}

fn look(common: &Common, id: ListId) -> anyhow::Result<projects::Project> {
    work::look(common, move |cx| {
        administration::act_as_owner(cx, id)?;
        Ok::<_, anyhow::Error>(projects::get(cx, id)?)
    })
}

fn fields(common: &Common, id: ListId) -> anyhow::Result<Shown> {
    let project = look(common, id)?;
    let rows: Vec<Vec<String>> = project
        .fields
        .iter()
        .map(|field| {
            let word = type_word(field.data_type, field.field.kind).to_owned();
            let required = if field.field.is_required { "yes" } else { "no" };
            vec![field.field.id.to_string(), format!("f_{}", field.code), word, required.to_owned()]
        })
        .collect();
    Ok(Shown::table(Value::Array(json_fields(&project)), &["ID", "CODE", "TYPE", "REQUIRED"], &rows))
}

fn opt_ins(common: &Common, id: ListId) -> anyhow::Result<Shown> {
    let project = look(common, id)?;
    let rows: Vec<Vec<String>> = project
        .opt_ins
        .iter()
        .map(|opt_in| vec![opt_in.id.to_string(), format!("optin_{}", opt_in.code), opt_in.category_id.to_string()])
        .collect();
    Ok(Shown::table(Value::Array(json_opt_ins(&project)), &["ID", "CODE", "CATEGORY"], &rows))
}

fn json_fields(project: &projects::Project) -> Vec<Value> {
    let shown = project.fields.iter().map(|field| {
        json!({
            "field_id": field.field.id.0,
            "code": field.code,
            "type": type_word(field.data_type, field.field.kind),
            "is_required": field.field.is_required,
            "labels": field.labels,
        })
    });
    shown.collect()
}

fn json_opt_ins(project: &projects::Project) -> Vec<Value> {
    let shown = project.opt_ins.iter().map(|opt_in| {
        json!({
            "opt_in_id": opt_in.id.0,
            "code": opt_in.code,
            "labels": opt_in.labels,
            "category_id": opt_in.category_id,
        })
    });
    shown.collect()
}

fn show(common: &Common, id: ListId) -> anyhow::Result<Shown> {
    let project = look(common, id)?;
    let json = json!({
        "project_id": id.0,
        "name": project.list.name,
        "languages": project.languages,
        "time_zone": project.time_zone.name(),
        "key": project.key_codes(),
        "fields": json_fields(&project),
        "opt_ins": json_opt_ins(&project),
    });
    let mut lines = vec![
        format!("project {id}: {}", project.list.name),
        format!("languages  {}", project.languages.join(", ")),
        format!("time zone  {}", project.time_zone.name()),
        format!("key        {}", project.key_codes().join(", ")),
    ];
    lines.extend(project.fields.iter().map(|field| {
        let required = if field.field.is_required { ", required" } else { "" };
        format!("field      f_{} ({}{required})", field.code, type_word(field.data_type, field.field.kind))
    }));
    lines.extend(project.opt_ins.iter().map(|opt_in| format!("opt-in     optin_{}", opt_in.code)));
    Ok(Shown::new(json, lines.join("\n")))
}

impl Field {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let (project, code) = (ListId(self.project.id), self.code.clone());
        let id = work::change(common, move |cx| {
            administration::act_as_owner(cx, project)?;
            let (data_type, is_long) = self.data_type;
            let new = NewField {
                code: self.code,
                data_type,
                is_long,
                is_required: self.required,
                labels: Labels::from_iter(self.labels),
                choices: self.choices.iter().map(|text| choice(text)).collect(),
            };
            Ok(projects::add_field(cx, project, &new)?)
        })?;
        let json = json!({ "project_id": project.0, "field_id": id.0, "code": code });
        Ok(Shown::new(json, format!("field {id} added to project {project}: f_{code}")))
    }
}

impl OptIn {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let (project, code) = (ListId(self.project.id), self.code.clone());
        let id = work::change(common, move |cx| {
            administration::act_as_owner(cx, project)?;
            let labels = Labels::from_iter(self.labels);
            Ok(projects::add_opt_in(cx, project, &self.code, &labels, self.category)?)
        })?;
        let json = json!({ "project_id": project.0, "opt_in_id": id.0, "code": code });
        Ok(Shown::new(json, format!("opt-in {id} added to project {project}: optin_{code}")))
    }
}

/// The word for what a field's values are.
pub fn type_word(data_type: DataType, kind: FieldKind) -> &'static str {
    let is_long = data_type == DataType::Text && kind == FieldKind::Paragraph;
    TYPES.iter().find(|(_, of, long)| *of == data_type && *long == is_long).map_or("text", |(word, ..)| word)
}

/// Reads such a word.
///
/// # Errors
/// The words there are.
pub fn parse_type(word: &str) -> Result<(DataType, bool), String> {
    let found = TYPES.iter().find(|(known, ..)| *known == word).map(|(_, data_type, is_long)| (*data_type, *is_long));
    found.ok_or_else(|| format!("must be one of {}", TYPES.map(|(word, ..)| word).join(", ")))
}

/// `name=text`.
fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be CULTURE=TEXT")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// `value` or `value=label`.
fn choice(text: &str) -> (String, String) {
    let (value, label) = text.split_once('=').unwrap_or((text, text));
    (value.trim().to_owned(), label.trim().to_owned())
}
