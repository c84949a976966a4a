//! A merge of one record, as `USER.CREATE` and `USER.UPDATE` do it (OF-18.3), and what both answer.

use crate::dialects::ofsys::codes::Validation;
use crate::dialects::ofsys::fault::Fault as Refusal;
use crate::dialects::ofsys::refusals::of_contact;
use crate::dialects::ofsys::refusals::sentence;
use crate::dialects::ofsys::soap::contract::UserResult;
use crate::domain::contacts::Contact;
use crate::domain::contacts::merge::{MergeOptions, Outcome, Problem, Record, merge};
use crate::domain::cx::Ctx;
use crate::model::ids::ListId;

/// The domain answers every record it was given.
#[derive(Debug, thiserror::Error)]
#[error("a merged record has no outcome")]
struct NoOutcome;

/// Merges one record. A refused one is a result too: it says which contact it was about, where one is known (OF-18.5).
///
/// # Errors
/// The refusals of the whole call.
pub fn merge_one(
    cx: &mut Ctx<'_>,
    project: ListId,
    record: Record,
    allow_insert: bool,
    allow_update: bool,
) -> Result<UserResult, Refusal> {
    let options = MergeOptions { allow_insert, allow_update, returns_contacts: true, ..MergeOptions::default() };
    let merged = merge(cx, project, &[record], &options)?;
    let outcome = merged.outcomes.into_iter().next().ok_or_else(|| Refusal::internal(&NoOutcome))?;
    Ok(result_of(outcome, allow_update))
}

fn result_of(outcome: Outcome, allow_update: bool) -> UserResult {
    let id_contact = outcome.number.map(|number| number.0);
    let Some(problem) = outcome.problem else {
        return UserResult {
            success: true,
            id_contact,
            is_active: outcome.contact.as_ref().map(Contact::is_active),
            ..UserResult::default()
        };
    };
    let (code, text) = match &problem {
        // Whoever creates learns that the contact is there already (OF-18.5).
        Problem::UpdateNotAllowed if !allow_update => (Validation::DuplicateRecord, "the contact exists".to_owned()),
        problem => (of_contact(problem), problem.to_string()),
    };
    UserResult {
        success: false,
        error_code: Some(code.word().to_owned()),
        error_message: Some(sentence(&text)),
        id_contact,
        is_active: None,
    }
}

/// A contact after a change of its state.
#[must_use]
pub fn changed(contact: i64, is_active: bool) -> UserResult {
    UserResult { success: true, id_contact: Some(contact), is_active: Some(is_active), ..UserResult::default() }
}
