//! `USER.ACTIVATE`: an inactive contact becomes active; an active one stays so (OF-10.3, OF-18.7).

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::UserResult;
use crate::dialects::ofsys::soap::front::need;
use crate::dialects::ofsys::soap::operations::one::changed;
use crate::domain::contacts::states::activate;
use crate::domain::cx::Ctx;
use crate::domain::links::is_activation_token;
use crate::model::ids::{ListId, SubscriberNumber};

/// Does it. A token, where one is given, must be that of the contact's activation link.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`, and what the domain refuses.
pub fn run(
    cx: &mut Ctx<'_>,
    project: ListId,
    contact: Option<i64>,
    token: Option<&str>,
) -> Result<UserResult, Refusal> {
    let contact = need(contact, "idContact")?;
    let number = SubscriberNumber(contact);
    let is_right = |token: &str| is_activation_token(&cx.settings.security.link_secret, project, number, token.trim());
    if !token.is_none_or(is_right) {
        return Err(Refusal::new(Code::InvalidParameter, "ActivationKey is not that of the contact"));
    }
    activate(cx, project, number)?;
    Ok(changed(contact, true))
}
