//! `understudy operator`: who administers all accounts.

use serde_json::{Value, json};

use super::Common;
use super::password::{NewPassword, parse_username};
use super::shown::{Shown, moment};
use super::work::{self, Work};
use crate::domain::{administration, operators};

/// The actions of `operator`.
#[derive(Debug, clap::Subcommand)]
pub enum Operator {
    /// Make an operator. For an API key of its own see `credential create --operator`.
    Create(Create),
    /// List every operator.
    List,
    /// Shut an operator out: its sessions end, its keys answer nothing.
    Disable(Named),
    /// Let a disabled operator in again.
    Enable(Named),
    /// Give an operator another password; its sessions end.
    RotatePassword(RotatePassword),
}

/// Whom it concerns.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// User name or e-mail address, in any case.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    username: String,
}

/// Flags of `operator create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Name to log in with; must be free.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    username: String,
    /// E-mail address; must be free.
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Name as shown; without it the user name.
    #[arg(long, value_name = "TEXT", value_parser = parse_username)]
    name: Option<String>,
    #[command(flatten)]
    password: NewPassword,
}

/// Flags of `operator rotate-password`.
#[derive(Debug, clap::Args)]
pub struct RotatePassword {
    #[command(flatten)]
    operator: Named,
    #[command(flatten)]
    password: NewPassword,
}

impl Operator {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List => list(common),
            Self::Disable(named) => named.switch(common, false),
            Self::Enable(named) => named.switch(common, true),
            Self::RotatePassword(rotate) => rotate.run(common),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let Self { username, email, name, password } = self;
        let password = password.choose()?;
        let work = Work::open(common)?;
        let hash = work.verifier().hash(&password.text);
        let (login, address) = (username.clone(), email.trim().to_owned());
        let made = work.write(move |cx| {
            let mut operator = operators::blank(cx, &username, &email, hash);
            if let Some(name) = name {
                operator.name = name;
            }
            Ok(operators::create(cx, &operator)?)
        });
        work.end();
        let id = made?;
        let mut json = json!({ "operator_id": id.0, "username": login, "email": address });
        let mut text = format!("operator {id} made: {login}");
        if password.is_new {
            text.push_str(&format!("\npassword  {} (shown this once)", password.text));
            json["password"] = password.text.into();
        }
        Ok(Shown::new(json, text))
    }
}

fn list(common: &Common) -> anyhow::Result<Shown> {
    let operators = work::look(common, |cx| Ok(administration::list_operators(cx)?))?;
    let (mut json, mut rows) = (Vec::new(), Vec::new());
    for operator in operators {
        json.push(json!({
            "operator_id": operator.id.0,
            "username": operator.username,
            "name": operator.name,
            "email": operator.email,
            "is_enabled": operator.is_enabled,
            "created_at": moment(operator.created_at),
        }));
        let state = if operator.is_enabled { "enabled" } else { "disabled" };
        rows.push(vec![
            operator.id.to_string(),
            operator.username,
            operator.email,
            state.to_owned(),
            moment(operator.created_at),
        ]);
    }
    Ok(Shown::table(Value::Array(json), &["ID", "USERNAME", "EMAIL", "STATE", "MADE"], &rows))
}

impl Named {
    fn switch(self, common: &Common, is_enabled: bool) -> anyhow::Result<Shown> {
        let operator = work::change(common, move |cx| {
            let operator = administration::get_operator(cx, &self.username)?;
            if is_enabled {
                administration::enable_operator(cx, operator.id)?;
            } else {
                administration::disable_operator(cx, operator.id)?;
            }
            Ok(operator)
        })?;
        let state = if is_enabled { "enabled" } else { "disabled" };
        let json = json!({ "operator_id": operator.id.0, "username": operator.username, "is_enabled": is_enabled });
        Ok(Shown::new(json, format!("operator {} is {state}: {}", operator.id, operator.username)))
    }
}

impl RotatePassword {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let password = self.password.choose()?;
        let work = Work::open_existing(common)?;
        let hash = work.verifier().hash(&password.text);
        let changed = work.write(move |cx| {
            let operator = administration::get_operator(cx, &self.operator.username)?;
            administration::set_operator_password(cx, operator.id, &hash)?;
            Ok(operator)
        });
        work.end();
        let operator = changed?;
        let mut json = json!({ "operator_id": operator.id.0, "username": operator.username });
        let mut text = format!("operator {} has a new password: {}", operator.id, operator.username);
        if password.is_new {
            text.push_str(&format!("\npassword  {} (shown this once)", password.text));
            json["password"] = password.text.into();
        }
        Ok(Shown::new(json, text))
    }
}
