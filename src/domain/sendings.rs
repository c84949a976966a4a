//! Sendings: a message to one contact at once, or to many by a job that goes through them in pieces.
//!
//! A single sending reaches inactive contacts too, since it is how they are asked to become active; a batch reaches only active ones, and of messages
//! with a category only those who gave the opt-in of that category. Nobody suppressed is reached by either (OF-16.7, OF-16.8).

mod batch;
mod render;
mod work;

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::clause::{self, BadClause, Clause};
use crate::domain::contacts::{self, Contact};
use crate::domain::cx::Ctx;
use crate::domain::messages::versions;
use crate::domain::projects::{self, GetProjectError, Project};
use crate::domain::suppression;
use crate::model::ids::{ListId, MailId, MessageId, SubscriberNumber, VersionId};
use crate::model::states::{MailPurpose, SubscriptionStatus};
use crate::store::StoreError;

pub use batch::{Batch, BatchError, Filter, NewBatch, approve, approve_of, batches, create_batch};
use render::Prepared;
pub use work::{set_back, step};

/// Parameters of one sending at most, and the longest name and value in bytes.
const MAX_PARAMETERS: usize = 200;
const MAX_NAME_BYTES: usize = 200;
const MAX_VALUE_BYTES: usize = 64 * 1024;
/// A single sending by a clause reaches so many contacts at most.
pub const MAX_SINGLE: i64 = 100;

/// Whom a single sending goes to.
#[derive(Debug, Clone)]
pub enum To {
    /// One contact: somebody who cannot be reached is an error.
    Contact(SubscriberNumber),
    /// Those who fit, [`MAX_SINGLE`] at most: who cannot be reached is passed over.
    Clause(Clause),
}

/// A message to one contact.
#[derive(Debug, Clone)]
pub struct Single {
    /// The project.
    pub project: ListId,
    /// The message.
    pub message: MessageId,
    /// The version; `None`: the one that fits.
    pub version: Option<VersionId>,
    /// Whom to.
    pub to: To,
    /// Values for `[[=Message.Parameter("name");]]`, compared without case.
    pub parameters: Vec<(String, String)>,
}

/// What a single sending did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The mails that were queued, one a contact.
    pub mails: Vec<MailId>,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The message has no such version.
    #[error("message {0} has no version {1}")]
    NoVersion(MessageId, VersionId),
    /// The project has no such contact.
    #[error("no contact {0}")]
    NoContact(SubscriberNumber),
    /// More than [`MAX_SINGLE`] contacts fit.
    #[error("more than {0} contacts fit a single sending")]
    TooMany(i64),
    /// The clause does not fit the project.
    #[error(transparent)]
    Clause(#[from] BadClause),
    /// There are too many parameters, or one is too long.
    #[error("the parameters are too many or too long")]
    BadParameters,
    /// The contact cannot be reached: suppressed, or no version is for it.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for SendError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

/// Why a contact gets no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// Its address is suppressed.
    #[error("the address of contact {0} is suppressed")]
    Suppressed(SubscriberNumber),
    /// The message has no version for it.
    #[error("the message has no version for contact {0}")]
    NoVersion(SubscriberNumber),
}

/// Sends a message of the acting account to one contact, or to the few that fit. Each mail is a durable row of this transaction.
///
/// # Errors
/// [`SendError`].
pub fn send_single(cx: &mut Ctx<'_>, single: &Single) -> Result<Sent, SendError> {
    let project = projects::require(cx, Permission::CampaignCreate, single.project)?;
    check_parameters(&single.parameters)?;
    let message = versions::find(cx, project.account(), project.id(), single.message)?;
    let message = message.ok_or(SendError::NoMessage(single.message))?;
    if let Some(version) = single.version
        && !message.versions.iter().any(|known| known.id == version)
    {
        return Err(SendError::NoVersion(message.id, version));
    }
    let purpose = MailPurpose::SingleSending;
    let prepared = Prepared::new(cx, &project, message, single.version, &single.parameters, purpose)?;
    match &single.to {
        To::Contact(number) => {
            let contact = contacts::find(cx, &project, *number)?.ok_or(SendError::NoContact(*number))?;
            check_reachable(cx, &project, &contact)?;
            let mail = prepared.queue(cx, &contact)??;
            Ok(Sent { mails: vec![mail] })
        }
        To::Clause(clause) => {
            let selection = clause::resolve(&project, clause)?;
            let rows = cx.tx.select_subscribers(project.id(), &selection, SubscriberNumber::NONE, MAX_SINGLE + 1)?;
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) > MAX_SINGLE {
                return Err(SendError::TooMany(MAX_SINGLE));
            }
            let mut mails = Vec::new();
            for contact in contacts::with_details(cx, &project, rows)? {
                match check_reachable(cx, &project, &contact) {
                    Ok(()) => mails.extend(prepared.queue(cx, &contact)?.ok()),
                    Err(SendError::Unreachable(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Sent { mails })
        }
    }
}

/// Sends a message to a contact by the project's own doing, as an operational link does. For internal use: no permission is asked. `None` when the
/// message is gone or the contact cannot be reached.
pub(in crate::domain) fn send_by_link(
    cx: &mut Ctx<'_>,
    project: &Project,
    message: MessageId,
    contact: &Contact,
) -> Result<Option<MailId>, StoreError> {
    let Some(message) = versions::find(cx, project.account(), project.id(), message)? else { return Ok(None) };
    match check_reachable(cx, project, contact) {
        Ok(()) => {}
        Err(SendError::Store(error)) => return Err(error),
        Err(_) => return Ok(None),
    }
    let prepared = Prepared::new(cx, project, message, None, &[], MailPurpose::SingleSending)?;
    Ok(prepared.queue(cx, contact)?.ok())
}

/// A person's own earlier opt-out does not keep the question back by which a pending contact is asked to come again (as with opt-in requests).
fn check_reachable(cx: &mut Ctx<'_>, project: &Project, contact: &Contact) -> Result<(), SendError> {
    let (account, key) = (project.account(), contact.subscriber.email_key.as_str());
    let is_barred = if contact.subscriber.status == SubscriptionStatus::OptInPending {
        suppression::is_barred(cx, account, project.id(), key)?
    } else {
        suppression::find_bar(cx, account, project.id(), MailPurpose::SingleSending, key)?.is_some()
    };
    if is_barred { Err(Unreachable::Suppressed(contact.number()).into()) } else { Ok(()) }
}

fn check_parameters(parameters: &[(String, String)]) -> Result<(), SendError> {
    let is_good = |(name, value): &(String, String)| {
        !name.is_empty() && name.len() <= MAX_NAME_BYTES && value.len() <= MAX_VALUE_BYTES
    };
    if parameters.len() <= MAX_PARAMETERS && parameters.iter().all(is_good) {
        Ok(())
    } else {
        Err(SendError::BadParameters)
    }
}

#[cfg(test)]
mod tests;
