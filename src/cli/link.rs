//! `understudy link`: operational links of projects; they are made by `seed`.

use serde_json::{Map, Value, json};

use super::Common;
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::operational_links::{self, OperationalLink};
use crate::model::ids::{ListId, OperationalLinkId};

/// The actions of `link`.
#[derive(Debug, clap::Subcommand)]
pub enum Link {
    /// List the operational links of a project.
    List(OfProject),
    /// Show what an operational link does.
    Show(Numbered),
    /// Remove an operational link; in mails that are out already it leads nowhere from then on.
    Delete(Numbered),
}

/// Whose links.
#[derive(Debug, clap::Args)]
pub struct OfProject {
    /// The project.
    #[arg(long, value_name = "ID")]
    project: i64,
}

/// Which link.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    #[command(flatten)]
    of: OfProject,
    /// Its id, see `link list`.
    #[arg(value_name = "ID")]
    id: i64,
}

impl Link {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::List(of) => list(common, ListId(of.project)),
            Self::Show(numbered) => show(common, ListId(numbered.of.project), OperationalLinkId(numbered.id)),
            Self::Delete(numbered) => delete(common, ListId(numbered.of.project), OperationalLinkId(numbered.id)),
        }
    }
}

fn list(common: &Common, project: ListId) -> anyhow::Result<Shown> {
    let found = work::look(common, move |cx| {
        administration::act_as_owner(cx, project)?;
        Ok::<_, anyhow::Error>(operational_links::list(cx, project)?)
    })?;
    let json = found.iter().map(to_json).collect();
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|link| {
            let message = link.draft.message.map(|id| id.to_string()).unwrap_or_default();
            vec![link.id.to_string(), link.draft.name, message, link.draft.url]
        })
        .collect();
    Ok(Shown::table(Value::Array(json), &["ID", "NAME", "MESSAGE", "URL"], &rows))
}

fn show(common: &Common, project: ListId, id: OperationalLinkId) -> anyhow::Result<Shown> {
    let link = work::look(common, move |cx| {
        administration::act_as_owner(cx, project)?;
        Ok::<_, anyhow::Error>(operational_links::get(cx, project, id)?)
    })?;
    let mut lines = vec![format!("operational link {id}: {}", link.draft.name), format!("url      {}", link.draft.url)];
    lines.extend(link.draft.message.map(|message| format!("message  {message}")));
    lines.extend(link.draft.changes.iter().map(|(target, value)| format!("sets     {target} = {value}")));
    Ok(Shown::new(to_json(&link), lines.join("\n")))
}

fn delete(common: &Common, project: ListId, id: OperationalLinkId) -> anyhow::Result<Shown> {
    work::change(common, move |cx| {
        administration::act_as_owner(cx, project)?;
        Ok(operational_links::delete(cx, project, id)?)
    })?;
    let json = json!({ "link_id": id.0, "project_id": project.0 });
    Ok(Shown::new(json, format!("operational link {id} is removed")))
}

fn to_json(link: &OperationalLink) -> Value {
    let set: Map<String, Value> =
        link.draft.changes.iter().map(|(target, value)| (target.clone(), Value::from(value.as_str()))).collect();
    json!({
        "link_id": link.id.0,
        "project_id": link.project.0,
        "name": link.draft.name,
        "url": link.draft.url,
        "message_id": link.draft.message.map(|id| id.0),
        "set": set,
    })
}
