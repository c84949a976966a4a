//! What stands ready for a golden: sessions of operators and accounts, made through the wire itself, each account fresh.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use regex::Regex;
use serde_json::Value;

use super::golden::Step;
use super::http::Server;
use super::mail::{Mail, read_outbox};
use super::pattern::{Bindings, fill, fill_encoded};

/// How long a captured mail may take to appear.
const MAIL_PATIENCE: Duration = Duration::from_secs(15);

/// A user group that may do everything, as `UserGroup.Create` wants it; a golden's own parameters come on top.
const GROUP: &[(&str, &str)] = &[
    ("RelThemeID", "1"),
    ("SubscriberAreaLogoutURL", "http://example.com/"),
    ("ForceUnsubscriptionLink", "Disabled"),
    ("ForceRejectOptLink", "Disabled"),
    ("Permissions", "*"),
    ("PaymentSystem", "Disabled"),
    ("PaymentPricingRange", "-1|0.00"),
    ("PaymentCampaignsPerRecipient", "Disabled"),
    ("PaymentCampaignsPerCampaignCost", "0"),
    ("PaymentAutoRespondersChargeAmount", "0"),
    ("PaymentAutoRespondersPerRecipient", "Disabled"),
    ("PaymentDesignPrevChargeAmount", "0"),
    ("PaymentDesignPrevChargePerReq", "0"),
    ("PaymentSystemChargeAmount", "0"),
    ("LimitSubscribers", "0"),
    ("LimitLists", "0"),
    ("LimitCampaignSendPerPeriod", "0"),
    ("LimitEmailSendPerPeriod", "0"),
];

/// An account as `User.Create` wants it. A golden's parameters of these names change the account, all others the group.
const ACCOUNT: &[(&str, &str)] = &[
    ("FirstName", "Ann"),
    ("LastName", "Miller"),
    ("TimeZone", "UTC"),
    ("Language", "en"),
    ("ReputationLevel", "Trusted"),
    ("CompanyName", ""),
    ("AvailableCredits", ""),
    ("SignUpIPAddress", ""),
];

/// Makes an Ofsys project in the account of this id, for which there is no call, and tells what to bind.
pub type Seeder = Box<dyn Fn(i64) -> anyhow::Result<Vec<(&'static str, String)>> + Send + Sync>;

/// Who prepares goldens, and where.
pub struct Stage {
    /// The server.
    pub server: Server,
    /// The operator's user name.
    pub admin_username: String,
    /// The operator's password.
    pub admin_password: String,
    /// Where the server captures mails, when it can be read from here.
    pub outbox: Option<PathBuf>,
    /// Makes Ofsys projects, when the server's inside can be reached from here.
    pub seeder: Option<Seeder>,
    /// Makes names that no earlier run has used.
    pub run: String,
    /// Counts the names of this run.
    pub n_named: AtomicU64,
    /// The session that makes groups and accounts.
    pub session: Mutex<Option<String>>,
}

impl Stage {
    /// A stage on a running server.
    pub fn new(server: Server, admin_username: &str, admin_password: &str, outbox: Option<PathBuf>) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |span| span.as_millis());
        Self {
            server,
            admin_username: admin_username.to_owned(),
            admin_password: admin_password.to_owned(),
            outbox,
            seeder: None,
            run: format!("{:x}{:x}", now, std::process::id()),
            n_named: AtomicU64::new(0),
            session: Mutex::new(None),
        }
    }

    /// What every golden may name: `{unique}`, `{host}`, `{base}`, `{admin_username}`, `{admin_password}`.
    pub fn bindings(&self) -> Bindings {
        Bindings::from([
            ("unique".to_owned(), self.unique()),
            ("host".to_owned(), self.server.authority.clone()),
            ("base".to_owned(), self.server.base_url()),
            ("admin_username".to_owned(), self.admin_username.clone()),
            ("admin_password".to_owned(), self.admin_password.clone()),
        ])
    }

    fn unique(&self) -> String {
        format!("g{}x{}", self.run, self.n_named.fetch_add(1, Ordering::Relaxed))
    }

    /// Does one line of preparation and binds what it yields.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn prepare(&self, step: &Step, bindings: &mut Bindings) -> anyhow::Result<()> {
        match step {
            Step::Admin { name } => self.log_admin_in(name, bindings).with_context(|| format!("admin {name}")),
            Step::User { name, params } => {
                let params = fill_encoded(params, bindings)?;
                self.make_user(name, &params, bindings).with_context(|| format!("user {name}"))
            }
            Step::Call { who, command, params, binds } => {
                let session = match who {
                    Some(name) => {
                        Some(bindings.get(name).with_context(|| format!("nobody is called {name}"))?.as_str())
                    }
                    None => None,
                };
                let answer = self.call(command, &fill_encoded(params, bindings)?, session)?;
                for (name, path) in binds {
                    let value =
                        at_path(&answer, path).with_context(|| format!("{command} answered no {path}: {answer}"))?;
                    bindings.insert(name.clone(), value);
                }
                Ok(())
            }
            Step::Project { name } => {
                self.make_user(name, "", bindings).with_context(|| format!("project {name}"))?;
                let seeder = self.seeder.as_ref().context("Ofsys projects cannot be made from here")?;
                let account = bindings.get(&format!("{name}_id")).and_then(|id| id.parse().ok()).unwrap_or_default();
                for (what, value) in seeder(account)? {
                    bind(bindings, &format!("{name}_{what}"), Some(value));
                }
                Ok(())
            }
            Step::Post { who, method, body, binds } => {
                let answer = self.post_json(who, method, body, bindings)?;
                for (name, path) in binds {
                    let value =
                        at_path(&answer, path).with_context(|| format!("{method} answered no {path}: {answer}"))?;
                    bindings.insert(name.clone(), value);
                }
                Ok(())
            }
            Step::Mail { to, pattern, bind } => {
                let found = self.wait_for_mail(&fill(to, bindings)?, pattern)?;
                bindings.insert(bind.clone(), found);
                Ok(())
            }
        }
    }

    /// Calls a command that must succeed and answers its JSON.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub fn call(&self, command: &str, params: &str, session: Option<&str>) -> anyhow::Result<Value> {
        let session = session.map(|session| format!("&SessionID={session}")).unwrap_or_default();
        let answer =
            self.server.post("/api.php", &format!("Command={command}&ResponseFormat=JSON{session}&{params}"))?;
        let json = answer.json().with_context(|| command.to_owned())?;
        ensure!(json["Success"] == Value::Bool(true), "{command} failed: {json}");
        Ok(json)
    }

    /// Calls a method of the Ofsys JSON services with a project's key; it must succeed.
    fn post_json(&self, who: &str, method: &str, body: &str, bindings: &Bindings) -> anyhow::Result<Value> {
        let body = fill(body, bindings)?;
        let mut json: Value = serde_json::from_str(&body).with_context(|| body.clone())?;
        let key = |what: &str| bindings.get(&format!("{who}_{what}")).cloned().unwrap_or_default();
        json["AuthKey"] = serde_json::json!({ "idKey": key("idKey"), "Key": key("Key") });
        let (service, name) = method.split_once('.').with_context(|| format!("{method:?} is no Service.Method"))?;
        let path = format!("/webservices/ofc4/{service}.ashx?method={name}");
        let answer = self.server.send("POST", &path, "HTTP/1.1", &[], json.to_string().as_bytes())?.json()?;
        ensure!(answer["Success"] == Value::Bool(true), "{method} failed: {answer}");
        Ok(answer)
    }

    fn log_admin_in(&self, name: &str, bindings: &mut Bindings) -> anyhow::Result<()> {
        let answer = self.admin_login()?;
        bind(bindings, name, at_path(&answer, "SessionID"));
        bind(bindings, &format!("{name}_id"), at_path(&answer, "AdminInfo.AdminID"));
        bind(bindings, &format!("{name}_email"), at_path(&answer, "AdminInfo.EmailAddress"));
        bind(bindings, &format!("{name}_username"), Some(self.admin_username.clone()));
        bind(bindings, &format!("{name}_password"), Some(self.admin_password.clone()));
        Ok(())
    }

    fn admin_login(&self) -> anyhow::Result<Value> {
        let (username, password) = (encode(&self.admin_username), encode(&self.admin_password));
        self.call("Admin.Login", &format!("Username={username}&Password={password}&DisableCaptcha=true"), None)
    }

    /// Calls as the operator; logs in (again) when the kept session is none or gone.
    fn call_as_admin(&self, command: &str, params: &str) -> anyhow::Result<Value> {
        let kept = self.session.lock().map(|session| session.clone()).unwrap_or_default();
        if let Some(session) = kept
            && let Ok(answer) = self.call(command, params, Some(&session))
        {
            return Ok(answer);
        }
        let fresh = at_path(&self.admin_login()?, "SessionID").context("Admin.Login answered no SessionID")?;
        if let Ok(mut session) = self.session.lock() {
            *session = Some(fresh.clone());
        }
        self.call(command, params, Some(&fresh))
    }

    fn make_user(&self, name: &str, params: &str, bindings: &mut Bindings) -> anyhow::Result<()> {
        let unique = self.unique();
        let given: Vec<(&str, &str)> = params.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let is_of_account = |key: &str| ACCOUNT.iter().any(|(own, _)| own.eq_ignore_ascii_case(key));
        let (of_account, of_group): (Vec<_>, Vec<_>) = given.into_iter().partition(|(key, _)| is_of_account(key));
        let group = format!("GroupName={unique}&{}", overlay(GROUP, &of_group));
        let group = at_path(&self.call_as_admin("UserGroup.Create", &group)?, "UserGroupID");
        let group = group.context("UserGroup.Create answered no UserGroupID")?;
        let email = format!("{unique}@example.com");
        let account = format!(
            "RelUserGroupID={group}&EmailAddress={email}&Username={unique}&Password={unique}&{}",
            overlay(ACCOUNT, &of_account)
        );
        let id = at_path(&self.call_as_admin("User.Create", &account)?, "UserID")
            .context("User.Create answered no UserID")?;
        let login =
            self.call("User.Login", &format!("Username={unique}&Password={unique}&DisableCaptcha=true"), None)?;
        bind(bindings, name, at_path(&login, "SessionID"));
        for (what, value) in
            [("id", id), ("group", group), ("username", unique.clone()), ("password", unique), ("email", email)]
        {
            bind(bindings, &format!("{name}_{what}"), Some(value));
        }
        Ok(())
    }

    fn wait_for_mail(&self, to: &str, pattern: &str) -> anyhow::Result<String> {
        let folder = self.outbox.as_ref().context("captured mails cannot be read from here: give --outbox")?;
        let pattern = Regex::new(pattern)?;
        let started = Instant::now();
        loop {
            let mails: Vec<Mail> = read_outbox(folder, &[])?.into_iter().filter(|mail| mail.is_to(to)).collect();
            for mail in mails.iter().rev() {
                if let Some(found) =
                    pattern.captures(&mail.text).and_then(|found| found.get(1).or_else(|| found.get(0)))
                {
                    return Ok(found.as_str().to_owned());
                }
            }
            if started.elapsed() > MAIL_PATIENCE {
                let others: Vec<_> = mails.iter().map(|mail| mail.path.display().to_string()).collect();
                bail!("no mail to {to} with {pattern} came within {MAIL_PATIENCE:?}; others to it: {others:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn bind(bindings: &mut Bindings, name: &str, value: Option<String>) {
    bindings.insert(name.to_owned(), value.unwrap_or_default());
}

/// The defaults with the given ones in their place; a default that is empty stays away.
fn overlay(defaults: &[(&str, &str)], given: &[(&str, &str)]) -> String {
    let kept = defaults
        .iter()
        .filter(|(key, value)| !value.is_empty() && !given.iter().any(|(own, _)| own.eq_ignore_ascii_case(key)));
    let pairs: Vec<String> = kept
        .map(|(key, value)| format!("{key}={}", encode(value)))
        .chain(given.iter().map(|(key, value)| format!("{key}={value}")))
        .collect();
    pairs.join("&")
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The text or number at `Path.To.0.Key`.
pub fn at_path(answer: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(answer, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })?;
    match found {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_objects_and_arrays() {
        let answer: Value = serde_json::from_str(r#"{"Lists":[{"ListID":"7"}],"Total":1}"#).unwrap();
        assert_eq!(at_path(&answer, "Lists.0.ListID").as_deref(), Some("7"));
        assert_eq!(at_path(&answer, "Total").as_deref(), Some("1"));
        assert_eq!(at_path(&answer, "Lists.1.ListID"), None);
    }

    #[test]
    fn given_parameters_replace_defaults_in_any_case() {
        let text = overlay(&[("LimitLists", "0"), ("Permissions", "*"), ("CompanyName", "")], &[("limitlists", "1")]);
        assert_eq!(text, "Permissions=%2A&limitlists=1");
    }
}
