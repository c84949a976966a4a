//! `understudy key`: keys for the Ofsys web services, an `idKey` and a `Key` each.

use anyhow::Context;
use serde_json::{Value, json};

use super::Common;
use super::credential::parse_end;
use super::project::Owned;
use super::shown::{Shown, moment, moment_or_empty};
use super::work;
use crate::domain::administration;
use crate::domain::keys::{self, IpRange, Issued, Terms};
use crate::model::ids::{CredentialId, ListId};
use crate::model::time::UtcTime;

/// The actions of `key`.
#[derive(Debug, clap::Subcommand)]
pub enum Key {
    /// Make a key; its secret is shown this once.
    Create(Create),
    /// List the keys of an account: hints, never secrets.
    List(Owned),
    /// End a key now.
    Disable(Numbered),
    /// End a key and make another one under the same terms; the new one is shown this once.
    Rotate(Numbered),
}

/// Which key.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// Its `idKey`, see `key list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `key create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    owned: Owned,
    /// What the key is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// Who answers for it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    contact: String,
    /// An address or network (`192.0.2.0/24`) it may be used from; may be repeated, without any: every address.
    #[arg(long = "address", value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// A project it reaches; may be repeated, without any: all.
    #[arg(long = "project", value_name = "ID")]
    projects: Vec<i64>,
    /// A relational table it reaches; may be repeated, without any: all.
    #[arg(long = "table", value_name = "ID")]
    tables: Vec<i64>,
    /// What it may call, `Contacts.Merge` or `Contacts.*`; may be repeated, without any: everything.
    #[arg(long = "endpoint", value_name = "NAME")]
    endpoints: Vec<String>,
    /// Calls a day; 0 for no limit.
    #[arg(long, value_name = "N", default_value_t = 0)]
    calls_per_day: i64,
    /// Its end: a day (`2027-01-31`, to its end in UTC) or a moment (`2027-01-31T12:00:00Z`); without it, none.
    #[arg(long, value_name = "WHEN", value_parser = parse_end)]
    expires: Option<UtcTime>,
}

impl Key {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(owned) => list(common, owned),
            Self::Disable(Numbered { id }) => {
                work::change(common, move |cx| Ok(keys::disable(cx, CredentialId(id))?))?;
                Ok(Shown::new(json!({ "idKey": id, "is_good": false }), format!("key {id} is disabled")))
            }
            Self::Rotate(Numbered { id }) => {
                let issued = work::change(common, move |cx| Ok(keys::rotate(cx, CredentialId(id))?))?;
                Ok(show_issued(&issued, &format!("key {id} is disabled, key {} takes its place", issued.id)))
            }
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let addresses: Result<Vec<IpRange>, _> = self.addresses.iter().map(|text| text.parse()).collect();
        let terms = Terms {
            note: self.note,
            contact_person: self.contact,
            addresses: addresses.context("--address")?,
            projects: self.projects.into_iter().map(ListId).collect(),
            tables: self.tables,
            endpoints: self.endpoints,
            calls_per_day: self.calls_per_day,
            expires_at: self.expires,
        };
        let issued = work::change(common, move |cx| {
            let account = administration::get_account(cx, &self.owned.account)?;
            Ok(keys::issue(cx, account.id, &terms)?)
        })?;
        Ok(show_issued(&issued, &format!("key {} made", issued.id)))
    }
}

fn show_issued(issued: &Issued, text: &str) -> Shown {
    let json = json!({ "idKey": issued.id.0, "Key": issued.secret });
    Shown::new(json, format!("{text}\nidKey  {}\nKey    {} (shown this once)", issued.id, issued.secret))
}

fn list(common: &Common, owned: Owned) -> anyhow::Result<Shown> {
    let (found, now) = work::look(common, move |cx| {
        let account = administration::get_account(cx, &owned.account)?;
        Ok::<_, anyhow::Error>((keys::list(cx, account.id)?, cx.now))
    })?;
    let (mut json, mut rows) = (Vec::new(), Vec::new());
    for key in found {
        let (is_good, terms) = (key.is_good(now), &key.terms);
        let addresses: Vec<String> = terms.addresses.iter().map(ToString::to_string).collect();
        let projects: Vec<i64> = terms.projects.iter().map(|project| project.0).collect();
        json.push(json!({
            "idKey": key.credential.id.0,
            "hint": key.credential.key_hint,
            "note": terms.note,
            "contact": terms.contact_person,
            "addresses": addresses,
            "projects": projects,
            "tables": terms.tables,
            "endpoints": terms.endpoints,
            "calls_per_day": terms.calls_per_day,
            "is_good": is_good,
            "created_at": moment(key.credential.created_at),
            "expires_at": terms.expires_at.map(moment),
            "disabled_at": key.credential.disabled_at.map(moment),
        }));
        let state = match (is_good, key.credential.disabled_at) {
            (true, _) => "good",
            (false, Some(_)) => "disabled",
            (false, None) => "expired",
        };
        rows.push(vec![
            key.credential.id.to_string(),
            format!("…{}", key.credential.key_hint),
            state.to_owned(),
            addresses.join(" "),
            projects.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            moment_or_empty(terms.expires_at),
            terms.note.clone(),
        ]);
    }
    let headings = ["IDKEY", "KEY", "STATE", "ONLY FROM", "PROJECTS", "EXPIRES", "NOTE"];
    Ok(Shown::table(Value::Array(json), &headings, &rows))
}
