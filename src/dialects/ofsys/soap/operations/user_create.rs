//! `USER.CREATE`: a new contact, active unless it is said not to be (OF-10.1, OF-18.3). Sends nothing.

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
    fields: Vec<(String, Given)>,
}

impl Wanted {
    /// Reads the request.
    ///
    /// # Errors
    /// A fault when `Fields` holds no named values.
    pub fn read(fields: Option<Any>, is_active: Option<bool>) -> Result<Self, Fault> {
        let mut fields = pairs(fields, "Fields")?;
        // The member counts more than a value of that name among the fields.
        fields.extend(is_active.map(|is_active| ("isActive".to_owned(), Given::Bool(is_active))));
        Ok(Self { fields })
    }
}

/// Does it.
///
/// # Errors
/// The refusals of the whole call; a record that is refused is a result.
pub fn run(cx: &mut Ctx<'_>, project: ListId, wanted: Wanted) -> Result<UserResult, Refusal> {
    merge_one(cx, project, Record { id: Vec::new(), data: wanted.fields }, true, false)
}
