//! What the domain refuses, as JSON and SOAP say it. Each match is whole, so that a new rule asks here for its word.

use crate::dialects::ofsys::codes::{Code, Validation};
use crate::dialects::ofsys::fault::Fault;
use crate::domain::contacts::ContactError;
use crate::domain::contacts::clause::BadClause;
use crate::domain::contacts::merge::{MergeError, Problem};
use crate::domain::contacts::states::StateError;
use crate::domain::lists::GetListError;
use crate::domain::messages::versions::SaveMessageError;
use crate::domain::projects::ListProjectsError;
use crate::domain::sendings::{BatchError, SendError};
use crate::domain::tables::{TableError, merge as table_merge};

/// There is no such project, or another account has it (OF-3.6).
#[must_use]
pub fn no_project() -> Fault {
    Fault::new(Code::ProjectNotFound, "There is no such project")
}

/// There is no such message, or another account or project has it (OF-3.6).
#[must_use]
pub fn no_message() -> Fault {
    Fault::new(Code::MessageNotFound, "There is no such message")
}

/// What keeps a batch from being made or listed.
pub fn of_batch(error: BatchError) -> Fault {
    match error {
        BatchError::NoProject(_) => no_project(),
        BatchError::NoMessage(_) => no_message(),
        BatchError::NoBatch(_) => Fault::invalid("idBatch", "names no batch that waits for approval"),
        BatchError::Clause(bad) => bad.into(),
        BatchError::Denied(denied) => denied.into(),
        BatchError::Store(error) => Fault::internal(&error),
    }
}

impl From<GetListError> for Fault {
    fn from(error: GetListError) -> Self {
        match error {
            GetListError::NoList(_) => no_project(),
            GetListError::Denied(denied) => denied.into(),
            GetListError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<ListProjectsError> for Fault {
    fn from(error: ListProjectsError) -> Self {
        match error {
            ListProjectsError::Denied(denied) => denied.into(),
            ListProjectsError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<BadClause> for Fault {
    fn from(error: BadClause) -> Self {
        let text = sentence(&error.to_string());
        match error {
            BadClause::UnknownField(_) => Self::new(Code::UnknownField, text),
            BadClause::BadOperator(_) | BadClause::BadValue(_) | BadClause::TooLarge => {
                Self::new(Code::InvalidParameter, text)
            }
        }
    }
}

impl From<ContactError> for Fault {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NoProject(_) => no_project(),
            ContactError::NoContact(_) => Self::new(Code::ContactNotFound, "There is no such contact"),
            ContactError::Clause(bad) => bad.into(),
            ContactError::TooMany(most) => Self::new(Code::TooManyRows, format!("More than {most} contacts match")),
            ContactError::Denied(denied) => denied.into(),
            ContactError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<MergeError> for Fault {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::NoProject(_) => no_project(),
            MergeError::TooMany(most) => Self::invalid("Records", &format!("must not have more than {most} items")),
            MergeError::LimitReached(most) => {
                Self::new(Code::AccessDenied, format!("The account's limit of {most} contacts is reached"))
            }
            MergeError::Denied(denied) => denied.into(),
            MergeError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Self {
        match error {
            TableError::NoTable(_) => Self::new(Code::TableNotFound, "There is no such table"),
            TableError::Clause(bad) => bad.into(),
            TableError::TooMany(most) => Self::new(Code::TooManyRows, format!("More than {most} rows match")),
            TableError::TooLarge => {
                Self::new(Code::TooManyRows, "The table is too large for a clause without idContact or a whole key")
            }
            TableError::Denied(denied) => denied.into(),
            TableError::Store(error) => Self::internal(&error),
        }
    }
}

/// What is wrong with a contact's record (OF-6.9).
#[must_use]
pub const fn of_contact(problem: &Problem) -> Validation {
    match problem {
        Problem::InvalidKey => Validation::InvalidKey,
        Problem::MissingRequiredField(_) => Validation::MissingRequiredField,
        Problem::UnknownField(_) => Validation::UnknownField,
        Problem::InvalidValue(..) => Validation::InvalidValue,
        Problem::InvalidEMail => Validation::InvalidEMail,
        Problem::DuplicateRecord => Validation::DuplicateRecord,
        Problem::UnmatchedRecord => Validation::UnmatchedRecord,
        Problem::InsertNotAllowed => Validation::InsertNotAllowed,
        Problem::UpdateNotAllowed => Validation::UpdateNotAllowed,
    }
}

/// What is wrong with a table's record (OF-6.9).
#[must_use]
pub const fn of_row(problem: &table_merge::Problem) -> Validation {
    use table_merge::Problem;
    match problem {
        Problem::InvalidKey(_) => Validation::InvalidKey,
        Problem::MissingRequired(_) => Validation::MissingRequiredField,
        Problem::UnknownField(_) => Validation::UnknownField,
        Problem::InvalidValue(_) => Validation::InvalidValue,
        Problem::Duplicate => Validation::DuplicateRecord,
        Problem::Unmatched => Validation::UnmatchedRecord,
        Problem::InsertNotAllowed => Validation::InsertNotAllowed,
        Problem::UpdateNotAllowed => Validation::UpdateNotAllowed,
    }
}

impl From<SendError> for Fault {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoProject(_) => no_project(),
            SendError::NoMessage(_) => no_message(),
            SendError::NoVersion(..) => {
                Fault::invalid("SendSingleOptions.idMessageVersion", "names no version of the message")
            }
            SendError::NoContact(_) => Fault::new(Code::ContactNotFound, "There is no such contact"),
            SendError::TooMany(most) => {
                Fault::new(Code::TooManyRows, format!("More than {most} contacts match; use Sendings.SendBatch"))
            }
            SendError::Clause(bad) => bad.into(),
            SendError::BadParameters => {
                Fault::invalid("SendSingleOptions.MessageParameterValues", "has too many or too long values")
            }
            SendError::Unreachable(why) => Fault::new(Code::SendFailed, sentence(&why.to_string())),
            SendError::Denied(denied) => denied.into(),
            SendError::Store(error) => Fault::internal(&error),
        }
    }
}

impl From<SaveMessageError> for Fault {
    fn from(error: SaveMessageError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            SaveMessageError::NoProject(_) => no_project(),
            SaveMessageError::NoMessage(_) => no_message(),
            SaveMessageError::BadVersions
            | SaveMessageError::BadBodies(_)
            | SaveMessageError::BodyTooLong(_)
            | SaveMessageError::BadHeader(..) => Fault::new(Code::InvalidParameter, text),
            SaveMessageError::Denied(denied) => denied.into(),
            SaveMessageError::Store(error) => Fault::internal(&error),
        }
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        match error {
            StateError::NoProject(_) => no_project(),
            StateError::NoContact(_) => Self::new(Code::ContactNotFound, "There is no such contact"),
            StateError::Unsubscribed(_) => Self::new(Code::InvalidParameter, "The contact has unsubscribed"),
            StateError::Denied(denied) => denied.into(),
            StateError::Store(error) => Self::internal(&error),
        }
    }
}

/// A text with a capital at its beginning, as people are shown it.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}
