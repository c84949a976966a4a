//! `USER.DELETE`: a contact goes with everything known of it (OF-18.8).

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::UserDeleteResult;
use crate::dialects::ofsys::soap::front::need;
use crate::domain::contacts::clause::equal;
use crate::domain::contacts::{Given, delete};
use crate::domain::cx::Ctx;
use crate::model::ids::ListId;

/// Does it.
///
/// # Errors
/// `MissingParameter`, `ContactNotFound`, and what the domain refuses.
pub fn run(cx: &mut Ctx<'_>, project: ListId, contact: Option<i64>) -> Result<UserDeleteResult, Refusal> {
    let contact = need(contact, "idContact")?;
    let n_deleted = delete(cx, project, &equal("idContact", Given::Text(contact.to_string())), Some(1))?;
    if n_deleted == 0 {
        return Err(Refusal::new(Code::ContactNotFound, "There is no such contact"));
    }
    Ok(UserDeleteResult { success: true, deleted_records: 1, ..UserDeleteResult::default() })
}
