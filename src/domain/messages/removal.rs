//! Removing messages that nothing needs any more (OF-16.11).

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::model::ids::{CampaignId, ListId, MessageId, OperationalLinkId, SendingId};
use crate::store::StoreError;

/// Why a message was not removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteMessageError {
    /// The account has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The requests to confirm of a list are made of it.
    #[error("message {0} is the request to confirm of list {1}")]
    Confirms(MessageId, ListId),
    /// A link sends it.
    #[error("message {0} is sent by operational link {1}")]
    SentByLink(MessageId, OperationalLinkId),
    /// A batch sends it and is not over.
    #[error("message {0} is sent by batch {1}, which is not over")]
    SentByBatch(MessageId, SendingId),
    /// A campaign sends it and is not over.
    #[error("message {0} is sent by campaign {1}, which is not over")]
    SentByCampaign(MessageId, CampaignId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes a message of the acting account with its versions. Mails made of it before are sent all the same, and batches and campaigns that are over keep its number.
///
/// # Errors
/// [`DeleteMessageError`].
pub fn delete(cx: &mut Ctx<'_>, id: MessageId) -> Result<(), DeleteMessageError> {
    let account = cx.account(Permission::EmailUpdate)?;
    cx.tx.find_message(account, id)?.ok_or(DeleteMessageError::NoMessage(id))?;
    if let Some(list) = cx.tx.find_list_confirming_by(account, id)? {
        return Err(DeleteMessageError::Confirms(id, list));
    }
    if let Some(link) = cx.tx.find_link_sending(account, id)? {
        return Err(DeleteMessageError::SentByLink(id, link));
    }
    if let Some(batch) = cx.tx.find_open_sending_of(account, id)? {
        return Err(DeleteMessageError::SentByBatch(id, batch));
    }
    if let Some(campaign) = cx.tx.find_open_campaign_of(account, id)? {
        return Err(DeleteMessageError::SentByCampaign(id, campaign));
    }
    Ok(cx.tx.delete_message(id)?)
}
