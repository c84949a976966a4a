//! `understudy table`: relational tables of a project, for the Ofsys web services.

use anyhow::Context;
use serde_json::{Value, json};

use super::Common;
use super::project::{Owned, parse_type};
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::tables::{self, NewTable, NewTableField};
use crate::model::ids::ListId;
use crate::model::states::DataType;

/// The actions of `table`.
#[derive(Debug, clap::Subcommand)]
pub enum Table {
    /// Make a table.
    Create(Create),
    /// List the tables of an account.
    List(Owned),
}

/// Flags of `table create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The project it belongs to.
    #[arg(long, value_name = "ID")]
    project: i64,
    /// Its code.
    #[arg(long, value_name = "CODE")]
    code: String,
    /// What people see; without it, the code.
    #[arg(long, value_name = "TEXT", default_value = "")]
    name: String,
    /// A column, `CODE:TYPE` (types as in `project field`); may be repeated.
    #[arg(long = "field", value_name = "CODE:TYPE", value_parser = parse_field, required = true)]
    fields: Vec<(String, DataType)>,
    /// A column of the key, or `idContact`; may be repeated, without any: rows are told apart by their number.
    #[arg(long = "key", value_name = "CODE")]
    keys: Vec<String>,
    /// A column that each row must have; may be repeated.
    #[arg(long = "required", value_name = "CODE")]
    required: Vec<String>,
    /// Rows may stand without a contact.
    #[arg(long)]
    without_contact: bool,
}

impl Table {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(owned) => list(common, owned),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let code = self.code.clone();
        let project = ListId(self.project);
        let new = self.table()?;
        let id = work::change(common, move |cx| {
            administration::act_as_owner(cx, project)?;
            Ok(tables::create(cx, &new)?)
        })?;
        let json = json!({ "table_id": id.0, "project_id": project.0, "code": code });
        Ok(Shown::new(json, format!("table {id} made in project {project}: {code}")))
    }

    fn table(self) -> anyhow::Result<NewTable> {
        let names = |codes: &[String], code: &str| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        for code in self.keys.iter().chain(&self.required) {
            let is_known = self.fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(code));
            let is_link = code.eq_ignore_ascii_case(tables::CONTACT_CODE) && names(&self.keys, code);
            (is_known || is_link).then_some(()).with_context(|| format!("there is no --field {code}"))?;
        }
        let fields = self.fields.iter().map(|(code, data_type)| NewTableField {
            code: code.clone(),
            data_type: *data_type,
            is_key: names(&self.keys, code),
            is_required: names(&self.required, code),
        });
        Ok(NewTable {
            list: ListId(self.project),
            fields: fields.collect(),
            has_contact_in_key: names(&self.keys, tables::CONTACT_CODE),
            needs_contact: !self.without_contact,
            code: self.code,
            name: self.name,
        })
    }
}

fn list(common: &Common, owned: Owned) -> anyhow::Result<Shown> {
    let found = work::look(common, move |cx| {
        administration::act_as(cx, &owned.account)?;
        Ok::<_, anyhow::Error>(tables::list(cx)?)
    })?;
    let json = found
        .iter()
        .map(|(id, project, code)| json!({ "table_id": id.0, "project_id": project.0, "code": code }))
        .collect();
    let rows: Vec<Vec<String>> =
        found.into_iter().map(|(id, project, code)| vec![id.to_string(), project.to_string(), code]).collect();
    Ok(Shown::table(Value::Array(json), &["ID", "PROJECT", "CODE"], &rows))
}

/// `code:type`.
fn parse_field(text: &str) -> Result<(String, DataType), String> {
    let (code, word) = text.split_once(':').unwrap_or((text, "text"));
    let (data_type, _) = parse_type(word.trim())?;
    Ok((code.trim().to_owned(), data_type))
}
