//! `understudy campaign`: one message to the subscribers of lists: made, started, looked after.

mod shows;
mod watch;

use anyhow::Context;
use chrono::DateTime;
use serde_json::json;

use super::Common;
use super::project::Owned;
use super::shown::Shown;
use super::work::{self, Work};
use crate::domain::administration;
use crate::domain::campaigns::{self, Audience, CampaignError, NewCampaign, course, overview};
use crate::domain::cx::Ctx;
use crate::domain::keys;
use crate::model::ids::{CampaignId, ListId, MessageId};
use crate::model::states::CampaignState;
use crate::model::time::UtcTime;

pub use shows::{recipient_word, state_word};

/// Campaigns read at once while listing.
const PAGE: i64 = 200;

/// The actions of `campaign`.
#[derive(Debug, clap::Subcommand)]
pub enum Campaign {
    /// Make a draft.
    Create(Create),
    /// List the campaigns of an account, or of all.
    List(List),
    /// Show a campaign and whom it goes to.
    Show(Numbered),
    /// Start a draft or a scheduled campaign now.
    Start(Numbered),
    /// Let a campaign start at a moment.
    Schedule(Schedule),
    /// Make a campaign a draft again that has not started.
    Unschedule(Numbered),
    /// Let a campaign go that waits for approval.
    Approve(Numbered),
    /// Pause a campaign that is being sent.
    Pause(Numbered),
    /// Let a paused campaign go on.
    Resume(Numbered),
    /// End a campaign for good: who has not got it is skipped.
    Cancel(Numbered),
    /// Send a campaign once more to those it failed for.
    ResendFailed(ResendFailed),
    /// Remove a draft.
    Delete(Numbered),
    /// Show how far a campaign is.
    Status(Status),
}

/// Which campaign.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Numbered {
    /// Its id, see `campaign list`.
    #[arg(value_name = "ID")]
    id: i64,
}

/// Flags of `campaign create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    owned: Owned,
    /// What its owner calls it; also `%Campaign:CampaignName%`.
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// The message, see `message list`.
    #[arg(long, value_name = "ID")]
    message: i64,
    /// A list it goes to; several in their order: an address on more than one gets one mail, by the first. `ID:SELECTION` for a part of one, such as
    /// `7:["text",12,null,"=","oslo"]`: those whose field 12 is Oslo.
    #[arg(long = "list", value_name = "ID", required = true, value_parser = audience)]
    lists: Vec<Audience>,
}

/// Flags of `campaign list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The account, by user name or e-mail address; without it, all.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

/// Flags of `campaign schedule`.
#[derive(Debug, clap::Args)]
pub struct Schedule {
    #[command(flatten)]
    numbered: Numbered,
    /// When it starts, such as `2026-12-01T08:00:00+01:00`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: UtcTime,
}

/// Flags of `campaign resend-failed`.
#[derive(Debug, clap::Args)]
pub struct ResendFailed {
    #[command(flatten)]
    numbered: Numbered,
    /// Also those who may have got it already.
    #[arg(long)]
    uncertain: bool,
}

/// Flags of `campaign status`.
#[derive(Debug, clap::Args)]
pub struct Status {
    #[command(flatten)]
    numbered: Numbered,
    /// Stay, with a progress bar, until it is not being sent any more.
    #[arg(long)]
    watch: bool,
}

impl Campaign {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::Create(create) => create.run(common),
            Self::List(list) => list.run(common),
            Self::Show(Numbered { id }) => show(common, CampaignId(id)),
            Self::Start(one) => one.change(common, course::start),
            Self::Schedule(Schedule { numbered, at }) => {
                numbered.change(common, move |cx, id| course::schedule(cx, id, at))
            }
            Self::Unschedule(one) => {
                one.change(common, |cx, id| course::unschedule(cx, id).map(|()| CampaignState::Draft))
            }
            Self::Approve(Numbered { id }) => {
                let id = CampaignId(id);
                let state = work::change(common, move |cx| Ok(course::approve(cx, id)?))?;
                Ok(changed(id, state))
            }
            Self::Pause(one) => one.change(common, |cx, id| course::pause(cx, id).map(|()| CampaignState::Paused)),
            Self::Resume(one) => one.change(common, |cx, id| course::resume(cx, id).map(|()| CampaignState::Sending)),
            Self::Cancel(one) => one.change(common, |cx, id| course::cancel(cx, id).map(|()| CampaignState::Cancelled)),
            Self::ResendFailed(ResendFailed { numbered, uncertain }) => numbered.change(common, move |cx, id| {
                course::resend_failed(cx, id, uncertain)?;
                Ok(campaigns::get(cx, id)?.state)
            }),
            Self::Delete(Numbered { id }) => {
                let id = CampaignId(id);
                work::change(common, move |cx| {
                    act_as_owner(cx, id)?;
                    Ok(campaigns::delete(cx, id)?)
                })?;
                Ok(Shown::new(json!({ "campaign_id": id.0 }), format!("campaign {id} is removed")))
            }
            Self::Status(Status { numbered, watch }) => {
                let id = CampaignId(numbered.id);
                let status = if watch { watch::until_over(common, id)? } else { status(common, id)? };
                Ok(shows::status(&status))
            }
        }
    }
}

impl Numbered {
    /// Changes it as its owner, and shows where it stands then.
    fn change<F>(self, common: &Common, f: F) -> anyhow::Result<Shown>
    where
        F: FnOnce(&mut Ctx<'_>, CampaignId) -> Result<CampaignState, CampaignError> + Send + 'static,
    {
        let id = CampaignId(self.id);
        let state = work::change(common, move |cx| {
            act_as_owner(cx, id)?;
            Ok(f(cx, id)?)
        })?;
        Ok(changed(id, state))
    }
}

impl Create {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let new = NewCampaign { name: self.name, message: MessageId(self.message), audiences: self.lists };
        let name = new.name.clone();
        let id = work::change(common, move |cx| {
            administration::act_as(cx, &self.owned.account)?;
            Ok(campaigns::create(cx, &new)?)
        })?;
        let text = format!("campaign {id} made: {name}\nstart it with `understudy campaign start {id}`");
        Ok(Shown::new(json!({ "campaign_id": id.0, "name": name }), text))
    }
}

impl List {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let work = Work::open_existing(common)?;
        let (mut found, mut after) = (Vec::new(), CampaignId::NONE);
        loop {
            let login = self.account.clone();
            let page = work.read(move |cx| {
                Ok(match &login {
                    Some(login) => {
                        administration::act_as(cx, login)?;
                        campaigns::list(cx, after, PAGE)?
                    }
                    None => campaigns::list_all(cx, after, PAGE)?,
                })
            })?;
            let Some((last, _)) = page.last() else { break };
            after = last.id;
            found.extend(page);
        }
        work.end();
        Ok(shows::list(&found))
    }
}

fn show(common: &Common, id: CampaignId) -> anyhow::Result<Shown> {
    let (status, lists) = work::look(common, move |cx| {
        act_as_owner(cx, id)?;
        Ok((overview::status(cx, id)?, campaigns::lists(cx, id)?))
    })?;
    Ok(shows::campaign(&status, &lists))
}

fn status(common: &Common, id: CampaignId) -> anyhow::Result<overview::Status> {
    work::look(common, move |cx| {
        act_as_owner(cx, id)?;
        Ok(overview::status(cx, id)?)
    })
}

/// Lets the owner of a campaign act from now on, with every permission.
pub fn act_as_owner(cx: &mut Ctx<'_>, id: CampaignId) -> anyhow::Result<()> {
    let owner = campaigns::owner(cx, id)?;
    Ok(keys::act_for(cx, owner)?)
}

fn changed(id: CampaignId, state: CampaignState) -> Shown {
    let word = state_word(state);
    let hint = match state {
        CampaignState::Sending => "; the running server sends it",
        CampaignState::WaitingForApproval => "; `understudy campaign approve` lets it go",
        CampaignState::Scheduled => "; the running server starts it when it is due",
        _ => "",
    };
    Shown::new(json!({ "campaign_id": id.0, "state": word }), format!("campaign {id} is {word}{hint}"))
}

fn audience(text: &str) -> Result<Audience, String> {
    let (list, selection) = text.split_once(':').map_or((text, None), |(list, selection)| (list, Some(selection)));
    let list = ListId(list.trim().parse().map_err(|_| format!("{list:?} is no list id"))?);
    match selection {
        None => Ok(Audience::whole(list)),
        Some(selection) => Audience::part(list, selection).map_err(|_| format!("{selection:?} is no selection")),
    }
}

fn time(text: &str) -> anyhow::Result<UtcTime> {
    let moment = DateTime::parse_from_rfc3339(text).context("write it as 2026-12-01T08:00:00Z")?;
    Ok(UtcTime(moment.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::shown::moment;

    #[test]
    fn lists_and_times_are_read() {
        assert_eq!(audience("7").expect("list"), Audience::whole(ListId(7)));
        assert!(audience("7:[\"number\",\"<\",5]").is_ok());
        for bad in ["", "x", "7:", "7:x", "7:[\"other\"]"] {
            assert!(audience(bad).is_err(), "{bad}");
        }
        assert_eq!(moment(time("2026-12-01T08:00:00+01:00").expect("time")), "2026-12-01T07:00:00Z");
        assert!(time("tomorrow").is_err());
    }
}
