//! `USER.UPDATE`: other values for a contact, named by `idContact` or by its key among the fields (OF-18.6). Sends nothing.

use crate::dialects::kit::soap::fault::Fault;
use crate::dialects::kit::soap::lexical::Any;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::soap::contract::UserResult;
use crate::dialects::ofsys::soap::operations::one::merge_one;
use crate::dialects::ofsys::soap::values::pairs;
use crate::domain::contacts::Given;
use crate::domain::contacts::merge::Record;
use crate::domain::cx::Ctx;
use crate::model::ids::ListId;

/// What is asked.
pub struct Wanted {
    record: Record,
}

impl Wanted {
    /// Reads the request.
    ///
    /// # Errors
    /// A fault when `Fields` holds no named values.
    pub fn read(contact: Option<i64>, fields: Option<Any>, is_active: Option<bool>) -> Result<Self, Fault> {
        let mut data = pairs(fields, "Fields")?;
        data.extend(is_active.map(|is_active| ("isActive".to_owned(), Given::Bool(is_active))));
        let id = contact.map(|contact| ("idContact".to_owned(), Given::Text(contact.to_string())));
        Ok(Self { record: Record { id: id.into_iter().collect(), data } })
    }
}

/// Does it.
///
/// # Errors
/// The refusals of the whole call; a record that is refused is a result.
pub fn run(cx: &mut Ctx<'_>, project: ListId, wanted: Wanted) -> Result<UserResult, Refusal> {
    let mut result = merge_one(cx, project, wanted.record, false, true)?;
    if matches!(result.error_code.as_deref(), Some("UnmatchedRecord" | "InsertNotAllowed")) {
        result.error_code = Some("ContactNotFound".to_owned());
        result.error_message = Some("There is no such contact".to_owned());
    }
    Ok(result)
}
