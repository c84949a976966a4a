//! `USER.DEACTIVATE`: a contact is kept and left out of everything sent to many (OF-18.8).

use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::UserResult;
use crate::dialects::ofsys::soap::front::need;
use crate::dialects::ofsys::soap::operations::one::changed;
use crate::domain::contacts::states::deactivate;
use crate::domain::cx::Ctx;
use crate::model::ids::{ListId, SubscriberNumber};

/// Does it.
///
/// # Errors
/// `MissingParameter`, and what the domain refuses.
pub fn run(cx: &mut Ctx<'_>, project: ListId, contact: Option<i64>) -> Result<UserResult, Refusal> {
    let contact = need(contact, "idContact")?;
    deactivate(cx, project, SubscriberNumber(contact))?;
    Ok(changed(contact, false))
}
