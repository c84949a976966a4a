//! `understudy credential`: the keys of accounts (`APIKey`) and operators (`AdminAPIKey`).

use std::net::IpAddr;

use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::Common;
use super::password::parse_username;
use super::shown::{Shown, moment, moment_or_empty};
use super::work;
use crate::domain::administration;
use crate::domain::credentials::{self, Issued, Owner, Terms};
use crate::domain::cx::Ctx;
use crate::model::ids::CredentialId;
use crate::model::time::UtcTime;

/// The actions of `credential`.
#[derive(Debug, clap::Subcommand)]
pub enum Credential {
    /// Make a key; it is shown this once.
    Create(Create),
    /// List the keys of an account or operator: hints, never keys.
    List(Holder),
    /// End a key now.
    Disable(Numbered),
    /// End a key and make another one under the same terms; the new one is shown this once.
    Rotate(Numbered),
}

/// Whose keys.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Holder {
    /// An account, by user name or e-mail address.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    account: Option<String>,
    /// An operator, by user name or e-mail address.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    operator: Option<String>,
}

/// Flags of `credential create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    holder: Holder,
    /// What the key is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// The only client address that may use it.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// Its end: a day (`2027-01-31`, to its end in UTC) or a moment (`2027-01-31T12:00:00Z`); without it, none.
    #[arg(long, value_name = "WHEN", value_parser = parse_end)]
    expires: Option<UtcTime>,
}

/// Which key.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// Its id, see `credential list`.
    #[arg(value_name = "ID")]
    id: i64,
}

impl Credential {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(holder) => list(common, holder),
            Self::Disable(Numbered { id }) => {
                work::change(common, move |cx| Ok(credentials::disable(cx, CredentialId(id))?))?;
                Ok(Shown::new(json!({ "credential_id": id, "is_good": false }), format!("credential {id} is disabled")))
            }
            Self::Rotate(Numbered { id }) => {
                let issued = work::change(common, move |cx| Ok(credentials::rotate(cx, CredentialId(id))?))?;
                let text = format!("credential {id} is disabled, credential {} takes its place", issued.id);
                Ok(show_issued(&issued, &text))
            }
        }
    }
}

impl Holder {
    fn find(&self, cx: &mut Ctx<'_>) -> anyhow::Result<Owner> {
        match (&self.account, &self.operator) {
            (Some(name), _) => Ok(Owner::Account(administration::get_account(cx, name)?.id)),
            (None, Some(name)) => Ok(Owner::Operator(administration::get_operator(cx, name)?.id)),
            (None, None) => anyhow::bail!("neither --account nor --operator given"),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let ip_limit = self.ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default();
        let terms = Terms { note: self.note, ip_limit, expires_at: self.expires };
        let issued = work::change(common, move |cx| {
            Ok(match self.holder.find(cx)? {
                Owner::Account(account) => credentials::issue_for_account(cx, account, &terms)?,
                Owner::Operator(operator) => credentials::issue_for_operator(cx, operator, &terms)?,
            })
        })?;
        Ok(show_issued(&issued, &format!("credential {} made", issued.id)))
    }
}

fn show_issued(issued: &Issued, text: &str) -> Shown {
    let json = json!({ "credential_id": issued.id.0, "api_key": issued.key });
    Shown::new(json, format!("{text}\nAPI key   {} (shown this once)", issued.key))
}

fn list(common: &Common, holder: Holder) -> anyhow::Result<Shown> {
    let (found, now) = work::look(common, move |cx| {
        let owner = holder.find(cx)?;
        Ok::<_, anyhow::Error>((credentials::list(cx, owner)?, cx.now))
    })?;
    let (mut json, mut rows) = (Vec::new(), Vec::new());
    for credential in found {
        let is_good = credentials::is_good(&credential, now);
        json.push(json!({
            "credential_id": credential.id.0,
            "hint": credential.key_hint,
            "note": credential.note,
            "ip_limit": credential.ip_limit,
            "is_good": is_good,
            "created_at": moment(credential.created_at),
            "expires_at": credential.expires_at.map(moment),
            "disabled_at": credential.disabled_at.map(moment),
        }));
        let state = match (is_good, credential.disabled_at) {
            (true, _) => "good",
            (false, Some(_)) => "disabled",
            (false, None) => "expired",
        };
        rows.push(vec![
            credential.id.to_string(),
            format!("…{}", credential.key_hint),
            state.to_owned(),
            credential.ip_limit,
            moment_or_empty(credential.expires_at),
            credential.note,
        ]);
    }
    Ok(Shown::table(Value::Array(json), &["ID", "KEY", "STATE", "ONLY FROM", "EXPIRES", "NOTE"], &rows))
}

pub(super) fn parse_end(text: &str) -> Result<UtcTime, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(UtcTime(moment.timestamp_micros()));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.checked_add_days(Days::new(1)));
    let day = day.ok_or("must be a day such as 2027-01-31 or a moment such as 2027-01-31T12:00:00Z")?;
    Ok(UtcTime(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_midnight() {
        assert_eq!(parse_end("1970-01-01"), Ok(UtcTime(86_400_000_000)));
        assert_eq!(parse_end("1970-01-01T02:00:01+02:00"), Ok(UtcTime(1_000_000)));
        assert!(parse_end("tomorrow").is_err() && parse_end("2027-02-30").is_err());
    }
}
