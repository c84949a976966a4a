//! Tables, applications and webhooks of a seed file.

use anyhow::{anyhow, bail};

use super::apply::Applied;
use super::file::{Application, Table, Webhook};
use crate::cli::project::parse_type;
use crate::domain::access::Permission;
use crate::domain::cx::Ctx;
use crate::domain::mobile;
use crate::domain::tables::{self, NewTable, NewTableField};
use crate::domain::webhooks::{self, Event, NewWebhook};
use crate::model::ids::{ListId, WebhookId};

/// An application that was made.
#[derive(Debug)]
pub struct MadeApplication {
    pub project: ListId,
    pub name: String,
    /// Shown this once.
    pub application_id: String,
}

/// A webhook that was made.
#[derive(Debug)]
pub struct MadeWebhook {
    pub id: WebhookId,
    /// [`ListId::NONE`] for all of the account.
    pub project: ListId,
    pub url: String,
    pub secret: String,
}

/// Makes a table that is not there. One that is there must be what the file says: nothing changes a table's columns.
///
/// # Errors
/// When it cannot be made, or is there with other columns.
pub fn table(cx: &mut Ctx<'_>, project: ListId, wanted: &Table, applied: &mut Applied) -> anyhow::Result<()> {
    let code = wanted.code.get_ref();
    let mut fields = Vec::new();
    for column in &wanted.columns {
        let parsed = parse_type(&column.data_type);
        let (data_type, _) = parsed.map_err(|error| anyhow!("column {:?}: type: {error}", column.code))?;
        let code = column.code.clone();
        fields.push(NewTableField { code, data_type, is_key: column.key, is_required: column.required });
    }
    let new = NewTable {
        list: project,
        code: code.clone(),
        name: wanted.name.clone(),
        needs_contact: !wanted.without_contact,
        has_contact_in_key: wanted.contact_in_key,
        fields,
    };
    let id = match tables::find_by_code(cx, project, code)? {
        Some(id) => {
            if !new.is_met_by(&tables::require(cx, Permission::ListGet, id)?) {
                bail!("is there with another name, other columns or another key");
            }
            id
        }
        None => {
            let id = tables::create(cx, &new)?;
            applied.done.push(format!("table {id} made in project {project}: {code}"));
            id
        }
    };
    applied.tables.push((code.clone(), id.0));
    Ok(())
}

/// The id of the table that has this code in the file.
///
/// # Errors
/// When there is none, or one in several projects.
pub fn table_of(tables: &[(String, i64)], code: &str) -> anyhow::Result<i64> {
    let mut found = tables.iter().filter(|(known, _)| known.eq_ignore_ascii_case(code));
    match (found.next(), found.next()) {
        (Some((_, id)), None) => Ok(*id),
        (None, _) => bail!("table {code:?} is not in the file"),
        (Some(_), Some(_)) => bail!("table {code:?} is in several projects: name it by its id"),
    }
}

/// Makes an application that is not there; its id is shown this once.
///
/// # Errors
/// When it cannot be made.
pub fn application(
    cx: &mut Ctx<'_>,
    project: ListId,
    wanted: &Application,
    applied: &mut Applied,
) -> anyhow::Result<()> {
    let name = wanted.name.get_ref();
    if mobile::find_app(cx, applied.account, project, name)?.is_some() {
        return Ok(());
    }
    let made = mobile::create_app(cx, applied.account, project, name)?;
    applied.done.push(format!("application {} made in project {project}: {name}", made.id));
    let application_id = made.application_id;
    applied.applications.push(MadeApplication { project, name: name.clone(), application_id });
    Ok(())
}

/// Makes a webhook that is not there.
///
/// # Errors
/// When it cannot be made, or is there for other events.
pub fn webhook(cx: &mut Ctx<'_>, project: ListId, wanted: &Webhook, applied: &mut Applied) -> anyhow::Result<()> {
    let url = wanted.url.get_ref();
    let mut events = Vec::new();
    for word in &wanted.events {
        let words = || Event::ALL.iter().map(|event| event.word()).collect::<Vec<_>>().join(", ");
        events.push(Event::find(word).ok_or_else(|| anyhow!("{word:?} is none of {}", words()))?);
    }
    if let Some((known, _)) = webhooks::find(cx, applied.account, project, url)? {
        if !webhooks::is_told_of(&known, &events) {
            bail!("is there for other events: remove it first (`understudy webhook delete {}`)", known.id);
        }
        return Ok(());
    }
    let made = webhooks::create(cx, applied.account, &NewWebhook { list: project, url: url.clone(), events })?;
    applied.done.push(format!("webhook {} made: {url}", made.id));
    applied.webhooks.push(MadeWebhook { id: made.id, project, url: url.clone(), secret: made.secret });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_tables_by_their_code_in_the_file() {
        let tables = [("Bookings".to_owned(), 3), ("Visits".to_owned(), 4), ("visits".to_owned(), 5)];
        assert_eq!(table_of(&tables, "bookings").expect("one"), 3);
        assert!(table_of(&tables, "Other").expect_err("none").to_string().contains("not in the file"));
        assert!(table_of(&tables, "Visits").expect_err("two").to_string().contains("several"));
    }
}
