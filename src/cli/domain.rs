//! `understudy domain`: sender domains, the keys that sign their mail, and their slow start.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::Common;
use super::password::parse_username;
use super::shown::{Shown, moment};
use super::work;
use crate::delivery::signing_keys;
use crate::domain::sender_domains::{self, SenderKey};
use crate::domain::{administration, warm_ups};
use crate::model::ids::AccountId;
use crate::model::states::{SenderKeyState, SigningAlgorithm};

/// The actions of `domain`.
#[derive(Debug, clap::Subcommand)]
pub enum Domain {
    /// Make a key and show the DNS record to publish. It signs once enabled.
    Create(Create),
    /// List the keys of all domains.
    List,
    /// Show a domain's keys with their DNS records.
    Show(Named),
    /// Have the keys that wait sign from now on: their DNS records are published.
    Enable(Named),
    /// Make successors of the keys that sign, and show their DNS records. They take over once enabled.
    Rotate(Named),
    /// Switch all keys of a domain off: its mail goes unsigned.
    Disable(Named),
    /// Let a domain send this many messages today and twice as many each further day; 0 ends it.
    WarmUp(WarmUp),
}

/// Flags of `domain create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The domain of the senders' addresses.
    #[arg(value_name = "DOMAIN")]
    domain: String,
    /// Sign mail of this account only, by user name or e-mail address.
    #[arg(long, value_name = "NAME", value_parser = parse_username)]
    account: Option<String>,
    /// The name of its DNS record; without it, one is made of the date.
    #[arg(long, value_name = "LABEL")]
    selector: Option<String>,
    /// `ed25519` is a second signature beside an RSA one.
    #[arg(long, value_enum, default_value = "rsa")]
    algorithm: Algorithm,
    /// Sign from now on, though nobody may have published the record yet.
    #[arg(long)]
    enable: bool,
}

/// Which domain.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The domain.
    #[arg(value_name = "DOMAIN")]
    domain: String,
}

/// Flags of `domain warm-up`.
#[derive(Debug, clap::Args)]
pub struct WarmUp {
    /// The domain.
    #[arg(value_name = "DOMAIN")]
    domain: String,
    /// Messages on the first day.
    #[arg(value_name = "N")]
    first_cap: i64,
}

/// How mail is signed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Algorithm {
    Rsa,
    Ed25519,
}

impl Domain {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List => Ok(list(&work::look(common, |cx| Ok(sender_domains::list(cx)?))?)),
            Self::Show(Named { domain }) => {
                let keys = work::look(common, move |cx| Ok(sender_domains::of_domain(cx, &domain)?))?;
                Ok(records(&keys, String::new()))
            }
            Self::Enable(Named { domain }) => {
                let keys = work::change(common, move |cx| Ok(sender_domains::enable(cx, &domain)?))?;
                Ok(list(&keys))
            }
            Self::Rotate(Named { domain }) => rotate(common, domain),
            Self::Disable(Named { domain }) => {
                let name = domain.clone();
                work::change(common, move |cx| Ok(sender_domains::disable(cx, &name)?))?;
                Ok(Shown::new(json!({ "domain": domain, "signs": false }), format!("mail of {domain} goes unsigned")))
            }
            Self::WarmUp(warm_up) => warm_up.run(common),
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let pair = signing_keys::make(match self.algorithm {
            Algorithm::Rsa => SigningAlgorithm::RsaSha256,
            Algorithm::Ed25519 => SigningAlgorithm::Ed25519,
        })?;
        let enables = self.enable;
        let key = work::change(common, move |cx| {
            let account = match &self.account {
                Some(name) => administration::get_account(cx, name)?.id,
                None => AccountId::NONE,
            };
            let key = sender_domains::create(cx, &self.domain, account, self.selector.as_deref(), pair)?;
            if !enables {
                return Ok(key);
            }
            let enabled = sender_domains::enable(cx, &key.domain)?;
            Ok(enabled.into_iter().find(|one| one.id == key.id).unwrap_or(key))
        })?;
        let next = if enables {
            "The key signs from now on. Publish this record:".to_owned()
        } else {
            format!("Publish this record, then run: understudy domain enable {}", key.domain)
        };
        Ok(records(&[key], next))
    }
}

impl WarmUp {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let Self { domain, first_cap } = self;
        let name = domain.clone();
        work::change(common, move |cx| {
            let done = if first_cap == 0 { warm_ups::end(cx, &name) } else { warm_ups::begin(cx, &name, first_cap) };
            done.map_err(anyhow::Error::from)
        })?;
        let text = if first_cap == 0 {
            format!("{domain} sends without a daily bound")
        } else {
            format!(
                "{domain} sends {first_cap} messages today to each large provider and to all others, and twice as many each further day while few come back"
            )
        };
        Ok(Shown::new(json!({ "domain": domain, "first_cap": first_cap }), text))
    }
}

fn rotate(common: &Common, domain: String) -> anyhow::Result<Shown> {
    let name = domain.clone();
    let current = work::look(common, move |cx| Ok(sender_domains::to_rotate(cx, &name)?))?;
    let mut pairs = Vec::new();
    for key in &current {
        pairs.push((key.account_id, signing_keys::make(key.algorithm)?));
    }
    let name = domain.clone();
    let made = work::change(common, move |cx| {
        let create = |(account, pair)| Ok(sender_domains::create(cx, &name, account, None, pair)?);
        pairs.into_iter().map(create).collect::<anyhow::Result<Vec<SenderKey>>>()
    })?;
    Ok(records(&made, format!("Publish these records, then run: understudy domain enable {domain}")))
}

fn state_word(key: &SenderKey) -> &'static str {
    match key.state {
        SenderKeyState::Waiting => "waits for its record",
        SenderKeyState::Signing => "signs",
        SenderKeyState::Retired => "has signed",
        SenderKeyState::Disabled => "off",
    }
}

fn algorithm_word(key: &SenderKey) -> &'static str {
    match key.algorithm {
        SigningAlgorithm::RsaSha256 => "rsa",
        SigningAlgorithm::Ed25519 => "ed25519",
    }
}

fn row(key: &SenderKey) -> Value {
    json!({
        "domain": key.domain,
        "selector": key.selector,
        "account_id": key.account_id.0,
        "algorithm": algorithm_word(key),
        "state": state_word(key),
        "created_at": moment(key.created_at),
        "record_name": sender_domains::record_name(key),
        "record_texts": sender_domains::record_texts(key),
    })
}

fn list(keys: &[SenderKey]) -> Shown {
    let json = keys.iter().map(row).collect();
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let account = if key.account_id == AccountId::NONE { "all".to_owned() } else { key.account_id.to_string() };
            let words = [algorithm_word(key), state_word(key)].map(str::to_owned);
            [vec![key.domain.clone(), key.selector.clone(), account], words.to_vec()].concat()
        })
        .collect();
    Shown::table(Value::Array(json), &["DOMAIN", "SELECTOR", "ACCOUNT", "ALGORITHM", "STATE"], &rows)
}

/// The keys' DNS records as a zone file has them.
fn records(keys: &[SenderKey], before: String) -> Shown {
    let mut lines = vec![before];
    for key in keys {
        let texts: Vec<String> = sender_domains::record_texts(key).iter().map(|text| format!("\"{text}\"")).collect();
        lines.push(format!("; {} key, {}", algorithm_word(key), state_word(key)));
        lines.push(format!("{}. IN TXT ( {} )", sender_domains::record_name(key), texts.join(" ")));
    }
    Shown::new(Value::Array(keys.iter().map(row).collect()), lines.join("\n").trim().to_owned())
}
