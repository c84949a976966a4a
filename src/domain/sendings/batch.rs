//! Batches: made, approved, listed.

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::clause::{self, BadClause, Clause};
use crate::domain::cx::Ctx;
use crate::domain::messages::versions;
use crate::domain::outbox;
use crate::domain::projects::{self, GetProjectError, Project};
use crate::model::ids::{ListId, MessageId, SendingId, SubscriberNumber, VersionId};
use crate::model::states::{JobKind, SendingState};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::selections::{self, Selection, Test};
use crate::store::rows::sendings::{NewSendingRow, SendingRow};

/// A batch, as the layers above see it.
pub type Batch = SendingRow;

/// Batches listed at once at most.
pub const MAX_LISTED: i64 = 1_000;

/// Whom a batch goes to, of those whom batches reach.
#[derive(Debug, Clone)]
pub enum Filter {
    /// Everybody.
    All,
    /// Those who fit.
    Clause(Clause),
    /// One contact.
    Contact(SubscriberNumber),
}

/// A batch to be made.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// The project.
    pub project: ListId,
    /// The message.
    pub message: MessageId,
    /// Whom to.
    pub filter: Filter,
    /// When it begins; `None` or past: now.
    pub launch_at: Option<UtcTime>,
    /// Whether it goes without being approved.
    pub is_approved: bool,
}

/// Why a batch was not made, approved or listed.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The account has no such batch, or it does not wait for approval.
    #[error("no batch {0} that waits for approval")]
    NoBatch(SendingId),
    /// The clause does not fit the project.
    #[error(transparent)]
    Clause(#[from] BadClause),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for BatchError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

/// Makes a batch of the acting account; a job works it off from its launch on.
///
/// # Errors
/// [`BatchError`].
pub fn create_batch(cx: &mut Ctx<'_>, new: &NewBatch) -> Result<SendingId, BatchError> {
    let project = projects::require(cx, Permission::CampaignCreate, new.project)?;
    let message = versions::find(cx, project.account(), project.id(), new.message)?;
    let message = message.ok_or(BatchError::NoMessage(new.message))?;
    let asked = match &new.filter {
        Filter::All => Selection::All,
        Filter::Clause(clause) => clause::resolve(&project, clause)?,
        Filter::Contact(number) => Selection::Is(Test::Number(selections::Comparison::Equal, number.0)),
    };
    let selection = reached(&project, message.category_id, asked);
    let launch_at = new.launch_at.map_or(cx.now, |at| at.max(cx.now));
    let row = NewSendingRow {
        account_id: project.account(),
        list_id: project.id(),
        message_id: message.id,
        version_id: VersionId::NONE,
        filter: selections::to_text(&selection),
        state: if new.is_approved { SendingState::Scheduled } else { SendingState::WaitingForApproval },
        launch_at,
        after_number: SubscriberNumber::NONE,
        n_selected: 0,
        n_queued: 0,
        n_passed: 0,
        last_error: String::new(),
        created_at: cx.now,
    };
    let id = cx.tx.insert_sending(&row)?;
    if new.is_approved {
        outbox::queue_job_at(cx, project.account(), JobKind::Sending, id.to_string(), launch_at)?;
    }
    Ok(id)
}

/// Whom batches reach: the mailable, and of a category those who gave the project's opt-in for it.
fn reached(project: &Project, category: i64, asked: Selection) -> Selection {
    let mut parts = vec![Selection::Is(Test::IsMailable), asked];
    if category != 0 {
        let needed = project.opt_ins.iter().filter(|opt_in| opt_in.category_id == category);
        parts.extend(needed.map(|opt_in| Selection::Is(Test::OptIn(selections::opt_in(opt_in.id), Some(true)))));
    }
    Selection::And(parts)
}

/// Lets a batch of the acting account go that waits for approval.
///
/// # Errors
/// [`BatchError`].
pub fn approve(cx: &mut Ctx<'_>, id: SendingId) -> Result<(), BatchError> {
    let account = cx.account(Permission::CampaignCreate)?;
    let sending = cx.tx.find_sending(account, id)?.ok_or(BatchError::NoBatch(id))?;
    if !cx.tx.approve_sending(id)? {
        return Err(BatchError::NoBatch(id));
    }
    let at = sending.launch_at.max(cx.now);
    outbox::queue_job_at(cx, account, JobKind::Sending, id.to_string(), at)?;
    Ok(())
}

/// Lets a batch of this project of the acting account go that waits for approval.
///
/// # Errors
/// [`BatchError`].
pub fn approve_of(cx: &mut Ctx<'_>, project: ListId, id: SendingId) -> Result<(), BatchError> {
    let project = projects::require(cx, Permission::CampaignCreate, project)?;
    let sending = cx.tx.find_sending(project.account(), id)?;
    sending.filter(|sending| sending.list_id == project.id()).ok_or(BatchError::NoBatch(id))?;
    approve(cx, id)
}

/// The first [`MAX_LISTED`] batches of one of the acting account's projects with ids of this range, both ends included, by id.
///
/// # Errors
/// [`BatchError`].
pub fn batches(
    cx: &mut Ctx<'_>,
    project: ListId,
    from: Option<SendingId>,
    to: Option<SendingId>,
) -> Result<Vec<Batch>, BatchError> {
    let project = projects::require(cx, Permission::CampaignsGet, project)?;
    let (from, to) = (from.unwrap_or(SendingId(i64::MIN)), to.unwrap_or(SendingId(i64::MAX)));
    Ok(cx.tx.list_sendings(project.id(), from, to, MAX_LISTED)?)
}
