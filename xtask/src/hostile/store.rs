//! What the server has kept: contacts and mails, before and after a row.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::Value;

use crate::contract::http::Server;

/// Where to look.
#[derive(Debug)]
pub struct Store {
    /// The server.
    pub address: Server,
    /// API key and project of each account.
    pub accounts: Vec<(String, String)>,
    /// Where mails are captured.
    pub outbox: PathBuf,
}

/// What there was.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// Contacts of all accounts.
    pub n_contacts: u64,
    /// Mails captured.
    pub n_mails: usize,
    /// Every list, message and contact, as shown.
    pub text: String,
}

impl Store {
    /// Looks.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn look(&self) -> anyhow::Result<Kept> {
        let (mut n_contacts, mut text) = (0, String::new());
        for (api_key, project) in &self.accounts {
            text.push_str(&self.call(api_key, "Command=Lists.Get")?.to_string());
            for segment in ["Active", "Opt-in+pending", "Unsubscribed", "Suppressed"] {
                let form = format!("Command=Subscribers.Get&SubscriberListID={project}&SubscriberSegment={segment}");
                let found = self.call(api_key, &format!("{form}&RecordsPerRequest=0"))?;
                n_contacts += found["TotalSubscribers"].as_u64().unwrap_or_default();
                text.push_str(&found.to_string());
            }
        }
        Ok(Kept { n_contacts, n_mails: std::fs::read_dir(&self.outbox).map_or(0, Iterator::count), text })
    }

    fn call(&self, api_key: &str, form: &str) -> anyhow::Result<Value> {
        let answer = self.address.post("/api.php", &format!("{form}&APIKey={api_key}"))?.json()?;
        ensure!(answer["Success"] == true, "{form}: {answer}");
        Ok(answer)
    }
}
