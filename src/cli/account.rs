//! `understudy account`: the tenants that own lists, messages and keys.

use serde_json::{Map, Value, json};

use super::Common;
use super::password::{NewPassword, parse_username};
use super::shown::{Shown, moment, moment_or_empty};
use super::work::{self, Work};
use crate::dialects::oempro::wire;
use crate::domain::accounts::{self, Profile};
use crate::domain::administration;
use crate::domain::credentials::{self, Terms};
use crate::domain::first_run::get_default_group;
use crate::model::ids::{AccountId, UserGroupId};

/// Accounts read at once while listing.
const PAGE: i64 = 500;

/// The actions of `account`.
#[derive(Debug, clap::Subcommand)]
pub enum Account {
    /// Make an account with an API key, which is shown this once.
    Create(Create),
    /// List every account.
    List,
    /// Shut an account out: its sessions end, its keys answer nothing.
    Disable(Named),
    /// Let a disabled account in again.
    Enable(Named),
    /// Give an account another password; its sessions end.
    RotatePassword(RotatePassword),
    /// Choose how the old wire looks for one account, where real installations differed.
    SetWire(SetWire),
}

/// Whom it concerns.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// User name or e-mail address, in any case.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    username: String,
}

/// Flags of `account create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Name to log in with; must be free.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    username: String,
    /// E-mail address; must be free.
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// User group, by id; without it the default group, which is made when there is none.
    #[arg(long, value_name = "ID")]
    group: Option<i64>,
    #[command(flatten)]
    password: NewPassword,
}

/// Flags of `account rotate-password`.
#[derive(Debug, clap::Args)]
pub struct RotatePassword {
    #[command(flatten)]
    account: Named,
    #[command(flatten)]
    password: NewPassword,
}

/// Flags of `account set-wire`.
#[derive(Debug, clap::Args)]
#[command(after_help = choices_help())]
pub struct SetWire {
    #[command(flatten)]
    account: Named,
    /// A choice; `NAME=` gives it back to the server's. Without any, the account's own choices are shown.
    #[arg(value_name = "NAME=VALUE", value_parser = parse_choice)]
    choices: Vec<(String, String)>,
}

impl Account {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List => list(common),
            Self::Disable(named) => named.switch(common, false),
            Self::Enable(named) => named.switch(common, true),
            Self::RotatePassword(rotate) => rotate.run(common),
            Self::SetWire(set) => set.run(common),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let Self { username, email, group, password } = self;
        let password = password.choose()?;
        let work = Work::open(common)?;
        let hash = work.verifier().hash(&password.text);
        let (name, address) = (username.clone(), email.trim().to_owned());
        let made = work.write(move |cx| {
            let group = match group {
                Some(id) => UserGroupId(id),
                None => get_default_group(cx)?,
            };
            let account = accounts::blank(cx, group, &username, &email, hash);
            let account = accounts::create(cx, &account, &Profile::default())?;
            let terms = Terms { note: "made with the account".to_owned(), ..Terms::default() };
            Ok((account, group, credentials::issue_for_account(cx, account, &terms)?))
        });
        work.end();
        let (account, group, issued) = made?;
        let mut json = Map::new();
        json.insert("account_id".to_owned(), account.0.into());
        json.insert("user_group_id".to_owned(), group.0.into());
        json.insert("username".to_owned(), name.as_str().into());
        json.insert("email".to_owned(), address.into());
        json.insert("credential_id".to_owned(), issued.id.0.into());
        json.insert("api_key".to_owned(), issued.key.as_str().into());
        let mut text = format!("account {account} made: {name}\nAPI key   {} (shown this once)", issued.key);
        if password.is_new {
            text.push_str(&format!("\npassword  {} (shown this once)", password.text));
            json.insert("password".to_owned(), password.text.into());
        }
        Ok(Shown::new(Value::Object(json), text))
    }
}

fn list(common: &Common) -> anyhow::Result<Shown> {
    let work = Work::open_existing(common)?;
    let (mut json, mut rows) = (Vec::new(), Vec::new());
    let mut after = AccountId::NONE;
    loop {
        let page = work.read(move |cx| Ok(administration::list_accounts(cx, after, PAGE)?))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for account in &page {
            let state = if account.is_enabled { "enabled" } else { "disabled" };
            let group = account.user_group_id;
            json.push(json!({
                "account_id": account.id.0,
                "user_group_id": group.0,
                "username": account.username,
                "email": account.email,
                "is_enabled": account.is_enabled,
                "wire": administration::wire_choices(account),
                "created_at": moment(account.created_at),
                "last_activity_at": account.last_activity_at.map(moment),
            }));
            let cells = [account.username.clone(), account.email.clone(), group.to_string(), state.to_owned()];
            let mut row = vec![account.id.to_string()];
            row.extend(cells);
            row.push(moment_or_empty(account.last_activity_at));
            rows.push(row);
        }
    }
    work.end();
    Ok(Shown::table(Value::Array(json), &["ID", "USERNAME", "EMAIL", "GROUP", "STATE", "LAST ACTIVITY"], &rows))
}

impl Named {
    fn switch(self, common: &Common, is_enabled: bool) -> anyhow::Result<Shown> {
        let account = work::change(common, move |cx| {
            let account = administration::get_account(cx, &self.username)?;
            if is_enabled {
                administration::enable_account(cx, account.id)?;
            } else {
                administration::disable_account(cx, account.id)?;
            }
            Ok(account)
        })?;
        let state = if is_enabled { "enabled" } else { "disabled" };
        let json = json!({ "account_id": account.id.0, "username": account.username, "is_enabled": is_enabled });
        Ok(Shown::new(json, format!("account {} is {state}: {}", account.id, account.username)))
    }
}

impl RotatePassword {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let password = self.password.choose()?;
        let work = Work::open_existing(common)?;
        let hash = work.verifier().hash(&password.text);
        let changed = work.write(move |cx| {
            let account = administration::get_account(cx, &self.account.username)?;
            administration::set_account_password(cx, account.id, &hash)?;
            Ok(account)
        });
        work.end();
        let account = changed?;
        let mut json = json!({ "account_id": account.id.0, "username": account.username });
        let mut text = format!("account {} has a new password: {}", account.id, account.username);
        if password.is_new {
            text.push_str(&format!("\npassword  {} (shown this once)", password.text));
            json["password"] = password.text.into();
        }
        Ok(Shown::new(json, text))
    }
}

impl SetWire {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let Self { account: Named { username }, choices } = self;
        let name = username.clone();
        let chosen = work::change(common, move |cx| Ok(administration::set_wire(cx, &username, &choices)?))?;
        let lines: Vec<String> = chosen.iter().map(|(name, word)| format!("{name} = {word}")).collect();
        let text = if lines.is_empty() { "every choice is the server's".to_owned() } else { lines.join("\n") };
        Ok(Shown::new(json!({ "username": name, "wire": chosen }), text))
    }
}

fn parse_choice(text: &str) -> Result<(String, String), String> {
    let (name, word) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    let (name, word) = (name.trim(), word.trim());
    let Some((_, words)) = wire::CHOICES.iter().find(|(known, _)| *known == name) else {
        return Err(format!("there is no choice {name:?}, see --help"));
    };
    if !word.is_empty() && !wire::is_choice(name, word) {
        return Err(format!("{name} is one of {}", words.join(", ")));
    }
    Ok((name.to_owned(), word.to_owned()))
}

fn choices_help() -> String {
    let lines: Vec<String> =
        wire::CHOICES.iter().map(|(name, words)| format!("  {name}={}", words.join("|"))).collect();
    format!("Choices, the default first (docs/dialects/oempro.md section 12):\n{}", lines.join("\n"))
}
