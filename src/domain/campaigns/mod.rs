//! Campaigns: one message to the subscribers of lists or parts of lists.
//!
//! A campaign is drafted, perhaps scheduled or approved, and started ([`course`]). From then on it is planned: a row is written for each recipient, piece by
//! piece ([`plan`]). The rows are the queue ([`recipients`]): leased, sent, recorded, by any number of processes, while planning may still go on. What is
//! counted is kept in step by whoever records (ML-4).

pub mod course;
mod limits;
pub mod messages;
pub mod overview;
pub mod plan;
pub mod recipients;
pub mod supervise;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::model::ids::{AccountId, CampaignId, ListId, MessageId, SubscriberNumber};
use crate::model::states::{CampaignSchedule, CampaignState, Resend};
use crate::store::StoreError;
use crate::store::rows::campaigns::{CampaignListRow, CampaignRow, CampaignTotals, NewCampaignRow, RecipientRow};
use crate::store::rows::selections::{self, Selection, Test};

pub use limits::Limit;

/// A campaign, as the layers above see it.
pub type Campaign = CampaignRow;
/// What became of its recipients.
pub type Totals = CampaignTotals;
/// A list, or a part of one, that it goes to.
pub type CampaignList = CampaignListRow;
/// One of its recipients.
pub type RecipientEntry = RecipientRow;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 250;
/// Lists that one campaign goes to at most.
pub const MAX_AUDIENCES: usize = 1_000;

/// Whom a campaign goes to: a list, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The list.
    pub list: ListId,
    /// The stored segment that the selection was made from; 0 for none.
    pub segment: i64,
    /// Whom of it, of those who may be mailed.
    pub selection: Selection,
}

impl Audience {
    /// A whole list.
    #[must_use]
    pub const fn whole(list: ListId) -> Self {
        Self { list, segment: 0, selection: Selection::All }
    }

    /// A part of a list, by a selection as it is kept: nested lists, such as `["and",["number","<",5],["address","ends","@example.com"]]`.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] for another text.
    pub fn part(list: ListId, selection: &str) -> Result<Self, StoreError> {
        Ok(Self { list, segment: 0, selection: selections::from_text(selection)? })
    }
}

/// A campaign to be made.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// What its owner calls it.
    pub name: String,
    /// What is sent.
    pub message: MessageId,
    /// Whom to, in this order: an address in several lists gets one mail, by the first of them.
    pub audiences: Vec<Audience>,
}

/// Why a campaign was not made, found or set on its way.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The account has no such campaign.
    #[error("no campaign {0}")]
    NoCampaign(CampaignId),
    /// The account has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// It goes to no list, or to too many.
    #[error("a campaign goes to 1 to {MAX_AUDIENCES} lists")]
    NoAudience,
    /// The name is empty, too long or not of one line.
    #[error("a campaign needs a name of one line and at most {MAX_NAME_CHARS} characters")]
    BadName,
    /// A selection asks for values of another account.
    #[error("a selection of list {0} asks for fields that are not the account's")]
    BadSelection(ListId),
    /// What was asked for does not fit where the campaign stands.
    #[error("campaign {0} is {1:?}")]
    WrongState(CampaignId, CampaignState),
    /// The account's user group allows no more.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a draft of the acting account.
///
/// # Errors
/// [`CampaignError`].
pub fn create(cx: &mut Ctx<'_>, new: &NewCampaign) -> Result<CampaignId, CampaignError> {
    let account = cx.account(Permission::CampaignCreate)?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(CampaignError::BadName);
    }
    if new.audiences.is_empty() || new.audiences.len() > MAX_AUDIENCES {
        return Err(CampaignError::NoAudience);
    }
    let message = cx.tx.find_message(account, new.message)?.ok_or(CampaignError::NoMessage(new.message))?;
    for audience in &new.audiences {
        cx.tx.find_list(account, audience.list)?.ok_or(CampaignError::NoList(audience.list))?;
        if message.list_id != ListId::NONE && message.list_id != audience.list {
            return Err(CampaignError::NoMessage(new.message));
        }
        if !is_own(&audience.selection, account) {
            return Err(CampaignError::BadSelection(audience.list));
        }
    }
    let row = NewCampaignRow {
        account_id: account,
        name: name.to_owned(),
        message_id: new.message,
        state: CampaignState::Draft,
        schedule: CampaignSchedule::Unscheduled,
        reason: String::new(),
        n_recipients: 0,
        plan_position: 0,
        plan_number: SubscriberNumber::NONE,
        resend: Resend::Nothing,
        created_at: cx.now,
    };
    let lists: Vec<CampaignListRow> =
        (0..).zip(&new.audiences).map(|(position, one)| list_row(position, one)).collect();
    Ok(cx.tx.insert_campaign(&row, &lists)?)
}

fn list_row(position: i64, audience: &Audience) -> CampaignListRow {
    CampaignListRow {
        campaign_id: CampaignId::NONE,
        position,
        list_id: audience.list,
        segment_id: audience.segment,
        selection: selections::to_text(&audience.selection),
        up_to: SubscriberNumber::NONE,
    }
}

/// Whether a selection asks for no other account's global values.
fn is_own(selection: &Selection, account: AccountId) -> bool {
    match selection {
        Selection::All | Selection::Nobody => true,
        Selection::And(parts) | Selection::Or(parts) => parts.iter().all(|part| is_own(part, account)),
        Selection::Is(Test::Text(place, ..) | Test::Decimal(place, ..)) => {
            place.global_of.is_none_or(|of| of == account.0)
        }
        Selection::Is(_) => true,
    }
}

/// A campaign of the acting account.
///
/// # Errors
/// [`CampaignError`].
pub fn get(cx: &mut Ctx<'_>, id: CampaignId) -> Result<Campaign, CampaignError> {
    let account = cx.account(Permission::CampaignsGet)?;
    cx.tx.find_campaign(account, id)?.ok_or(CampaignError::NoCampaign(id))
}

/// Whom a campaign of the acting account goes to, in its order.
///
/// # Errors
/// [`CampaignError`].
pub fn lists(cx: &mut Ctx<'_>, id: CampaignId) -> Result<Vec<CampaignList>, CampaignError> {
    get(cx, id)?;
    Ok(cx.tx.list_campaign_lists(id)?)
}

/// Up to `n` campaigns of the acting account after this one, by id, with their totals.
///
/// # Errors
/// [`CampaignError`].
pub fn list(cx: &mut Ctx<'_>, after: CampaignId, n: i64) -> Result<Vec<(Campaign, Totals)>, CampaignError> {
    let account = cx.account(Permission::CampaignsGet)?;
    Ok(cx.tx.list_campaigns(Some(account), after, n)?)
}

/// Up to `n` campaigns of all accounts after this one, by id, with their totals. For who administers them.
///
/// # Errors
/// [`CampaignError`].
pub fn list_all(cx: &mut Ctx<'_>, after: CampaignId, n: i64) -> Result<Vec<(Campaign, Totals)>, CampaignError> {
    cx.administrator()?;
    Ok(cx.tx.list_campaigns(None, after, n)?)
}

/// Removes a draft of the acting account.
///
/// # Errors
/// [`CampaignError`]; one that was started stays as the proof of what was sent.
pub fn delete(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    if campaign.state != CampaignState::Draft {
        return Err(CampaignError::WrongState(id, campaign.state));
    }
    Ok(cx.tx.delete_campaign(id)?)
}

/// The owner of a campaign. For who administers all accounts.
///
/// # Errors
/// [`CampaignError`].
pub fn owner(cx: &mut Ctx<'_>, id: CampaignId) -> Result<AccountId, CampaignError> {
    cx.administrator()?;
    let campaign = cx.tx.find_any_campaign(id)?.ok_or(CampaignError::NoCampaign(id))?;
    Ok(campaign.account_id)
}

/// A campaign of the acting account that is about to be changed.
fn changing(cx: &mut Ctx<'_>, id: CampaignId) -> Result<Campaign, CampaignError> {
    let account = cx.account(Permission::CampaignCreate)?;
    cx.tx.find_campaign(account, id)?.ok_or(CampaignError::NoCampaign(id))
}

#[cfg(test)]
mod tests;
