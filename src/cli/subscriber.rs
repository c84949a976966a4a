//! `understudy subscriber`: a person's own data, handed out or erased.

use serde_json::{Map, Value, json};

use super::Common;
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::people;

/// The actions of `subscriber`.
#[derive(Debug, clap::Subcommand)]
pub enum Subscriber {
    /// Show everything that is kept about an address, table by table.
    Export(Person),
    /// Remove everything about an address. Only the address stays, so that nobody mails it again.
    Erase(Person),
}

/// Whose data.
#[derive(Debug, clap::Args)]
pub struct Person {
    /// The person's address, in any case.
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Only in this account, by user name or address; without it, in every account.
    #[arg(long, value_name = "USER")]
    account: Option<String>,
}

impl Subscriber {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Export(person) => person.export(common),
            Self::Erase(person) => person.erase(common),
        }
    }
}

impl Person {
    fn export(self, common: &Common) -> anyhow::Result<Shown> {
        let address = self.address.clone();
        let rows = work::look(common, move |cx| {
            let account = self.account.map(|login| administration::get_account(cx, &login)).transpose()?;
            Ok(people::export(cx, account.map(|account| account.id), &self.address)?)
        })?;
        let mut tables = Map::new();
        for row in rows {
            let value: Value = serde_json::from_str(&row.text)?;
            let rows = tables.entry(row.table).or_insert_with(|| Value::Array(Vec::new()));
            rows.as_array_mut().into_iter().for_each(|rows| rows.push(value.clone()));
        }
        let json = json!({ "address": address, "tables": tables });
        let text = serde_json::to_string_pretty(&json)?;
        Ok(Shown::new(json, text))
    }

    fn erase(self, common: &Common) -> anyhow::Result<Shown> {
        let address = self.address.clone();
        let erased = work::change(common, move |cx| {
            let account = self.account.map(|login| administration::get_account(cx, &login)).transpose()?;
            Ok(people::erase(cx, account.map(|account| account.id), &self.address)?)
        })?;
        let text = format!(
            "{address}: {} subscriptions erased; {} accounts keep the address to leave it alone",
            erased.n_subscriptions, erased.n_accounts
        );
        let json = json!({
            "address": address,
            "subscriptions": erased.n_subscriptions,
            "accounts": erased.n_accounts,
        });
        Ok(Shown::new(json, text))
    }
}
