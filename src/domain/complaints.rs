//! Complaints: whoever calls a mail spam leaves every list of its sender and is not mailed by it any more, not even to be told so (ML-9.4).

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::returns::{self, Known, Receipt, Taken};
use crate::domain::subscribers::{about, leave};
use crate::domain::suppression::{self, Scope};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, SubscriberNumber};
use crate::model::states::{ConsentEvent, ReturnKind, SuppressionReason};
use crate::store::StoreError;

/// Acts on a complaint of this kind, such as `abuse`.
pub(in crate::domain) fn note(
    cx: &mut Ctx<'_>,
    known: &Known,
    kind: &str,
    receipt: &Receipt,
) -> Result<Taken, StoreError> {
    if !returns::note(cx, ReturnKind::Complaint, known, &returns::said("", kind), receipt)? {
        return Ok(Taken::Repeated);
    }
    let whom = &known.whom;
    let Some(address) = EmailAddress::parse(&whom.email) else { return Ok(Taken::Nothing("no address")) };
    if whom.account == AccountId::NONE || whom.number == SubscriberNumber::NONE {
        return Ok(Taken::Nothing("about no subscriber"));
    }
    cx.tx.hold_lists(&[whom.list], "", true)?;
    let detail = returns::said("", &format!("complaint: {kind}")).diagnostic;
    for row in cx.tx.list_subscribers_of_address(whom.account, address.key())? {
        consent::note(cx, about(whom.account, &row), ConsentEvent::Complaint, "", &detail)?;
        leave::leave_by_complaint(cx, row, &detail)?;
    }
    suppression::suppress(cx, Scope::Account(whom.account), &address, SuppressionReason::Complaint)?;
    Ok(Taken::Complaint)
}
