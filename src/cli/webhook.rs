//! `understudy webhook`: web addresses that are told of every change of contacts.

use serde_json::{Value, json};

use super::Common;
use super::project::Owned;
use super::shown::Shown;
use super::work;
use crate::domain::administration;
use crate::domain::webhooks::{self, Event, NewWebhook};
use crate::model::ids::{ListId, WebhookId};

/// The actions of `webhook`.
#[derive(Debug, clap::Subcommand)]
pub enum Webhook {
    /// Make a webhook.
    Create(Create),
    /// List the webhooks of an account, with what their calls are signed with.
    List(Owned),
    /// Call a webhook with an event that says it is a test.
    Test(Test),
    /// Remove a webhook.
    Delete(Numbered),
}

/// Which webhook.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// Its id, see `webhook list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `webhook test`.
#[derive(Debug, clap::Args)]
pub struct Test {
    #[command(flatten)]
    webhook: Numbered,
    /// The project to tell about; a webhook of one project has its own.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    project: i64,
}

/// Flags of `webhook create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    owned: Owned,
    /// The project whose contacts it is told of; without it, all of the account.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    project: i64,
    /// The address to call.
    #[arg(long, value_name = "URL")]
    url: String,
    /// An event to tell of; may be repeated, without any: all.
    #[arg(long = "event", value_name = "EVENT", value_parser = parse_event)]
    events: Vec<Event>,
}

impl Webhook {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(owned) => list(common, owned),
            Self::Test(test) => {
                let (id, project) = (WebhookId(test.webhook.id), ListId(test.project));
                work::change(common, move |cx| Ok(webhooks::send_test(cx, id, project)?))?;
                Ok(Shown::new(json!({ "webhook_id": id.0 }), format!("webhook {id} is called by the running server")))
            }
            Self::Delete(Numbered { id }) => {
                work::change(common, move |cx| Ok(webhooks::delete(cx, WebhookId(id))?))?;
                Ok(Shown::new(json!({ "webhook_id": id }), format!("webhook {id} is removed")))
            }
        }
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let made = work::change(common, move |cx| {
            let account = administration::get_account(cx, &self.owned.account)?;
            let new = NewWebhook { list: ListId(self.project), url: self.url, events: self.events };
            Ok(webhooks::create(cx, account.id, &new)?)
        })?;
        let json = json!({ "webhook_id": made.id.0, "secret": made.secret });
        Ok(Shown::new(json, format!("webhook {} made\nsecret  {}", made.id, made.secret)))
    }
}

fn list(common: &Common, owned: Owned) -> anyhow::Result<Shown> {
    let found = work::look(common, move |cx| {
        let account = administration::get_account(cx, &owned.account)?;
        Ok::<_, anyhow::Error>(webhooks::list(cx, account.id)?)
    })?;
    let json = found
        .iter()
        .map(|(webhook, secret)| {
            json!({
                "webhook_id": webhook.id.0,
                "project_id": webhook.list_id.0,
                "url": webhook.url,
                "events": webhook.events.split(',').filter(|word| !word.is_empty()).collect::<Vec<_>>(),
                "is_enabled": webhook.is_enabled,
                "secret": secret,
            })
        })
        .collect();
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|(webhook, secret)| {
            let events = if webhook.events.is_empty() { "all".to_owned() } else { webhook.events };
            vec![webhook.id.to_string(), webhook.list_id.to_string(), events, webhook.url, secret]
        })
        .collect();
    Ok(Shown::table(Value::Array(json), &["ID", "PROJECT", "EVENTS", "URL", "SECRET"], &rows))
}

fn parse_event(word: &str) -> Result<Event, String> {
    let words = || Event::ALL.iter().map(|event| event.word()).collect::<Vec<_>>().join(", ");
    Event::find(word).ok_or_else(|| format!("must be one of {}", words()))
}
