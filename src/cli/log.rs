//! `understudy log`: what was sent to whom and when, and what the next hop said.

use serde_json::{Value, json};

use super::Common;
use super::campaign::{act_as_owner, recipient_word};
use super::shown::{Shown, moment, moment_or_empty};
use super::work::{self, Work};
use crate::domain::administration;
use crate::domain::campaigns::RecipientEntry;
use crate::domain::campaigns::overview::{self, MAX_LOGGED, Mail};
use crate::domain::keys;
use crate::model::ids::{AccountId, CampaignId, ListId, SubscriberNumber};
use crate::model::states::{MailPurpose, QueueState, RecipientState};

/// Accounts read at once.
const PAGE: i64 = 100;

/// Flags of `log`.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Log {
    /// What was sent to this address.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "campaign")]
    subscriber: Option<String>,
    /// By this account only, by user name or e-mail address.
    #[arg(long, value_name = "NAME", requires = "subscriber")]
    account: Option<String>,
    /// Whom this campaign went to.
    #[arg(long, value_name = "ID")]
    campaign: Option<i64>,
    /// Only recipients in this state.
    #[arg(long, value_name = "STATE", requires = "campaign", value_parser = state)]
    state: Option<RecipientState>,
}

impl Log {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match (self.campaign, self.subscriber) {
            (Some(id), _) => of_campaign(common, CampaignId(id), self.state),
            (None, Some(address)) => of_address(common, &address, self.account.as_deref()),
            (None, None) => Ok(Shown::nothing()),
        }
    }
}

fn of_campaign(common: &Common, id: CampaignId, state: Option<RecipientState>) -> anyhow::Result<Shown> {
    let work = Work::open_existing(common)?;
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    let mut after = (ListId::NONE, SubscriberNumber::NONE);
    loop {
        let page = work.read(move |cx| {
            act_as_owner(cx, id)?;
            Ok(overview::recipients(cx, id, state, after, MAX_LOGGED)?)
        })?;
        let Some((last, _)) = page.last() else { break };
        after = (last.list_id, last.number);
        for (entry, email) in &page {
            let email = email.clone().unwrap_or_default();
            rows.push(recipient_row(&email, entry));
            json.push(recipient_json(&email, entry));
        }
    }
    work.end();
    let headings = ["TO", "WHAT", "STATE", "TRIES", "FIRST TRY", "ENDED", "REPLY"];
    Ok(Shown::table(Value::Array(json), &headings, &rows))
}

fn of_address(common: &Common, address: &str, login: Option<&str>) -> anyhow::Result<Shown> {
    let accounts = match login {
        Some(login) => {
            let login = login.to_owned();
            vec![work::look(common, move |cx| Ok(administration::get_account(cx, &login)?.id))?]
        }
        None => all_accounts(common)?,
    };
    let work = Work::open_existing(common)?;
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    for account in accounts {
        let to = address.to_owned();
        let (entries, mails) = work.read(move |cx| {
            keys::act_for(cx, account)?;
            Ok(overview::of_address(cx, &to)?)
        })?;
        for entry in &entries {
            rows.push(recipient_row(address, entry));
            json.push(recipient_json(address, entry));
        }
        for mail in &mails {
            rows.push(mail_row(address, mail));
            json.push(mail_json(address, mail));
        }
    }
    work.end();
    let headings = ["TO", "WHAT", "STATE", "TRIES", "FIRST TRY", "ENDED", "REPLY"];
    Ok(Shown::table(Value::Array(json), &headings, &rows))
}

/// The accounts that may act.
fn all_accounts(common: &Common) -> anyhow::Result<Vec<AccountId>> {
    let work = Work::open_existing(common)?;
    let (mut found, mut after) = (Vec::new(), AccountId::NONE);
    loop {
        let page = work.read(move |cx| Ok(administration::list_accounts(cx, after, PAGE)?))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        found.extend(page.iter().filter(|account| account.is_enabled).map(|account| account.id));
    }
    work.end();
    Ok(found)
}

fn recipient_row(email: &str, entry: &RecipientEntry) -> Vec<String> {
    let mark = if entry.is_uncertain { " (perhaps twice)" } else { "" };
    vec![
        email.to_owned(),
        format!("campaign {} list {} subscriber {}", entry.campaign_id, entry.list_id, entry.number),
        format!("{}{mark}", recipient_word(entry.state)),
        entry.n_tries.to_string(),
        moment_or_empty(entry.first_try_at),
        moment_or_empty(entry.finished_at),
        entry.last_reply.clone(),
    ]
}

fn recipient_json(email: &str, entry: &RecipientEntry) -> Value {
    json!({
        "to": email,
        "recipient_id": entry.id.0,
        "campaign_id": entry.campaign_id.0,
        "list_id": entry.list_id.0,
        "subscriber": entry.number.0,
        "state": recipient_word(entry.state),
        "is_uncertain": entry.is_uncertain,
        "n_tries": entry.n_tries,
        "due_at": moment(entry.due_at),
        "first_try_at": moment_or_empty(entry.first_try_at),
        "finished_at": moment_or_empty(entry.finished_at),
        "last_reply": entry.last_reply,
    })
}

fn mail_row(email: &str, mail: &Mail) -> Vec<String> {
    vec![
        email.to_owned(),
        format!("mail {} ({})", mail.id, purpose_word(mail.purpose)),
        mail_state_word(mail.state).to_owned(),
        mail.n_tries.to_string(),
        moment(mail.created_at),
        moment_or_empty(mail.finished_at),
        if mail.reply.is_empty() { mail.last_error.clone() } else { mail.reply.clone() },
    ]
}

fn mail_json(email: &str, mail: &Mail) -> Value {
    json!({
        "to": email,
        "mail_id": mail.id.0,
        "purpose": purpose_word(mail.purpose),
        "subject": mail.subject,
        "state": mail_state_word(mail.state),
        "is_uncertain": mail.is_uncertain,
        "n_tries": mail.n_tries,
        "created_at": moment(mail.created_at),
        "finished_at": moment_or_empty(mail.finished_at),
        "last_error": mail.last_error,
        "reply": mail.reply,
    })
}

fn purpose_word(purpose: MailPurpose) -> &'static str {
    match purpose {
        MailPurpose::OptInRequest => "opt-in request",
        MailPurpose::Password => "password",
        MailPurpose::Notice => "notice",
        MailPurpose::SingleSending => "single sending",
        MailPurpose::BatchSending => "batch",
    }
}

fn mail_state_word(state: QueueState) -> &'static str {
    match state {
        QueueState::Pending => "pending",
        QueueState::Leased => "leased",
        QueueState::Done => "sent",
        QueueState::Failed => "failed",
        QueueState::Skipped => "skipped",
    }
}

fn state(text: &str) -> Result<RecipientState, String> {
    let found = RecipientState::ALL.iter().find(|state| recipient_word(**state) == text);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = RecipientState::ALL.iter().map(|state| recipient_word(*state)).collect();
        format!("one of {}", words.join(", "))
    })
}
