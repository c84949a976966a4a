//! `understudy application`: mobile and web applications whose devices a project knows (Ofsys `Mobile` and `Push`).

use serde_json::{Value, json};

use super::Common;
use super::project::Owned;
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::mobile;
use crate::model::ids::{AppId, ListId};

/// The actions of `application`.
#[derive(Debug, clap::Subcommand)]
pub enum Application {
    /// Make an application; its id is shown this once.
    Create(Create),
    /// List the applications of an account.
    List(Owned),
    /// Take nothing from an application any more.
    Disable(Numbered),
    /// Take what an application reports again.
    Enable(Numbered),
}

/// Which application.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// Its number, see `application list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `application create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The project whose contacts use it.
    #[arg(long, value_name = "ID")]
    project: i64,
    /// Its name.
    #[arg(long, value_name = "TEXT")]
    name: String,
}

impl Application {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(owned) => list(common, owned),
            Self::Disable(Numbered { id }) => enable(common, AppId(id), false),
            Self::Enable(Numbered { id }) => enable(common, AppId(id), true),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let project = ListId(self.project);
        let made = work::change(common, move |cx| {
            let system = cx.actor.clone();
            let account = administration::act_as_owner(cx, project)?;
            cx.actor = system;
            Ok(mobile::create_app(cx, account, project, &self.name)?)
        })?;
        let json = json!({ "number": made.id.0, "project_id": project.0, "application_id": made.application_id });
        Ok(Shown::new(json, format!("ApplicationId  {} (shown this once)", made.application_id)))
    }
}

fn list(common: &Common, owned: Owned) -> anyhow::Result<Shown> {
    let found = work::look(common, move |cx| {
        let account = administration::get_account(cx, &owned.account)?;
        Ok::<_, anyhow::Error>(mobile::list_apps(cx, account.id)?)
    })?;
    let json = found
        .iter()
        .map(|app| {
            json!({ "number": app.id.0, "project_id": app.list_id.0, "name": app.name, "is_enabled": app.is_enabled })
        })
        .collect();
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|app| {
            let state = if app.is_enabled { "on" } else { "off" };
            vec![app.id.to_string(), app.list_id.to_string(), state.to_owned(), app.name]
        })
        .collect();
    Ok(Shown::table(Value::Array(json), &["NUMBER", "PROJECT", "STATE", "NAME"], &rows))
}

fn enable(common: &Common, id: AppId, is_enabled: bool) -> anyhow::Result<Shown> {
    work::change(common, move |cx| Ok(mobile::enable_app(cx, id, is_enabled)?))?;
    let word = if is_enabled { "enabled" } else { "disabled" };
    Ok(Shown::new(json!({ "number": id.0, "is_enabled": is_enabled }), format!("application {id} is {word}")))
}
