//! `USER.GET`: a contact by its number or by values of its fields, with everything its project knows of it (OF-18.9).

use serde_json::Value;

use crate::dialects::kit::soap::fault::Fault;
use crate::dialects::kit::soap::lexical::Any;
use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::json::rows;
use crate::dialects::ofsys::soap::contract::{FieldValue, FieldValues, UserGetResult};
use crate::dialects::ofsys::soap::values::pairs;
use crate::domain::contacts::clause::{Clause, equal};
use crate::domain::contacts::{Contact, Given, select};
use crate::domain::cx::Ctx;
use crate::domain::projects::Project;
use crate::model::ids::{ListId, SubscriberNumber};

/// What is asked.
pub struct Wanted {
    clauses: Vec<Clause>,
}

impl Wanted {
    /// Reads the request.
    ///
    /// # Errors
    /// A fault when `Fields` holds no named values.
    pub fn read(contact: Option<i64>, fields: Option<Any>) -> Result<Self, Fault> {
        let number = contact.map(|contact| ("idContact".to_owned(), Given::Text(contact.to_string())));
        let named = number.into_iter().chain(pairs(fields, "Fields")?);
        Ok(Self { clauses: named.map(|(name, value)| equal(&name, value)).collect() })
    }
}

/// Does it.
///
/// # Errors
/// `MissingParameter`, `ContactNotFound`, `TooManyRows` when several contacts fit, and what the domain refuses.
pub fn run(cx: &mut Ctx<'_>, project: ListId, wanted: Wanted) -> Result<UserGetResult, Refusal> {
    if wanted.clauses.is_empty() {
        return Err(Refusal::missing("idContact"));
    }
    let found = select(cx, project, &Clause::And(wanted.clauses), SubscriberNumber::NONE, 1)?;
    match found.contacts.as_slice() {
        [] => Err(Refusal::new(Code::ContactNotFound, "There is no such contact")),
        [_] if found.has_more => Err(Refusal::new(Code::TooManyRows, "More than one contact fits")),
        [contact, ..] => Ok(shown(&found.project, contact)),
    }
}

fn shown(project: &Project, contact: &Contact) -> UserGetResult {
    let row = rows::contact(project, contact);
    let members = row.as_object().into_iter().flatten();
    let item = members.map(|(name, value)| FieldValue { name: name.clone(), value: text_of(value) }).collect();
    UserGetResult {
        success: true,
        id_contact: Some(contact.number().0),
        is_active: Some(contact.is_active()),
        fields: Some(FieldValues { item }),
        ..UserGetResult::default()
    }
}

/// A shown value as a text; none for null.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}
