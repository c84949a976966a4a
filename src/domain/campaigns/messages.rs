//! The messages of claimed recipients: made ready once for a campaign and list, kept by the caller from one claim to the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::campaigns::recipients::{Recipient, release};
use crate::domain::campaigns::{Campaign, course};
use crate::domain::contacts::Contact;
use crate::domain::cx::Ctx;
use crate::domain::letters::prepare::{PrepareError, Prepared, Wanted, prepare};
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, ListId, NodeId};
use crate::store::StoreError;

/// Prepared messages by campaign and list.
pub type Messages = HashMap<(CampaignId, ListId), Arc<Prepared>>;

/// A claimed recipient with all that its letter needs.
#[derive(Debug, Clone)]
pub struct Addressed {
    /// The claim.
    pub recipient: Recipient,
    /// The person, with everything that tags may ask for.
    pub person: Contact,
    /// The message.
    pub message: Arc<Prepared>,
}

/// Puts person and message beside each claimed recipient: from `known`, else made ready now; these are answered too, to be known the next time. A
/// campaign whose message is gone is given up, and its recipients go back.
///
/// # Errors
/// [`WorkError`].
pub fn address(
    cx: &mut Ctx<'_>,
    node: NodeId,
    claimed: Vec<Recipient>,
    known: &Messages,
) -> Result<(Vec<Addressed>, Messages), WorkError> {
    let mut by_message: BTreeMap<(CampaignId, ListId), Vec<Recipient>> = BTreeMap::new();
    for recipient in claimed {
        by_message.entry((recipient.campaign, recipient.subscriber.list_id)).or_default().push(recipient);
    }
    let (mut addressed, mut fresh) = (Vec::new(), Messages::new());
    for (key, recipients) in by_message {
        let message = match known.get(&key) {
            Some(message) => Some(Arc::clone(message)),
            None => find(cx, key)?.map(|message| Arc::clone(fresh.entry(key).or_insert(Arc::new(message)))),
        };
        match message {
            Some(message) => addressed.extend(with_people(cx, &message, recipients)?),
            None => release(cx, node, &recipients.iter().map(|recipient| recipient.id).collect::<Vec<_>>())?,
        }
    }
    Ok((addressed, fresh))
}

fn with_people(
    cx: &mut Ctx<'_>,
    message: &Arc<Prepared>,
    recipients: Vec<Recipient>,
) -> Result<Vec<Addressed>, StoreError> {
    let rows = recipients.iter().map(|recipient| recipient.subscriber.clone()).collect();
    let people = message.people(cx, rows)?;
    let together = recipients.into_iter().zip(people);
    Ok(together.map(|(recipient, person)| Addressed { recipient, person, message: Arc::clone(message) }).collect())
}

/// A campaign's message for one of its lists; a campaign without one is given up.
fn find(cx: &mut Ctx<'_>, (campaign, list): (CampaignId, ListId)) -> Result<Option<Prepared>, WorkError> {
    let Some(campaign) = cx.tx.find_any_campaign(campaign)? else { return Ok(None) };
    let Campaign { id, account_id, message_id, .. } = campaign;
    let wanted = Wanted::campaign(account_id, list, message_id, (id, campaign.name.as_str()));
    match prepare(cx, &wanted) {
        Ok(message) => Ok(Some(message)),
        Err(PrepareError::NoMessage(_) | PrepareError::NoList(_)) => {
            course::fail(cx, &campaign, "its message is gone")?;
            Ok(None)
        }
        Err(PrepareError::Denied(denied)) => Err(denied.into()),
        Err(PrepareError::Store(error)) => Err(error.into()),
    }
}
