//! What a caller said, as a contact keeps it: values by data type, yes or no.

use crate::domain::contacts::{Given, dates};
use crate::domain::field_values::{self, Invalid};
use crate::domain::projects::{Project, ProjectField};
use crate::model::states::DataType;

/// Yes, no, or nothing (`Some(None)`); `None` for anything else. Truths come as `true`, `"True"`, `1`, `"1"`.
pub(super) fn read_state(given: &Given) -> Option<Option<bool>> {
    match given {
        Given::Null => Some(None),
        Given::Bool(yes) => Some(Some(*yes)),
        Given::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" => Some(None),
            "1" | "true" => Some(Some(true)),
            "0" | "false" => Some(Some(false)),
            _ => None,
        },
    }
}

/// A value for a field as `domain::field_values` takes it: several choices apart, moments in the project's zone.
pub(super) fn value(project: &Project, field: &ProjectField, given: &Given) -> field_values::Given {
    let text = given.as_text();
    match field.data_type {
        DataType::MultiChoice if text.contains('|') => {
            field_values::Given::Many(text.split('|').map(str::to_owned).collect())
        }
        DataType::DateTime => {
            let local = dates::read(text).map(|at| at.local(project.time_zone).format("%Y-%m-%d %H:%M:%S").to_string());
            field_values::Given::One(local.unwrap_or_else(|| text.to_owned()))
        }
        DataType::Date => {
            let day = dates::read(text).map(|at| at.local(project.time_zone).format("%Y-%m-%d").to_string());
            field_values::Given::One(day.unwrap_or_else(|| text.to_owned()))
        }
        _ => field_values::Given::One(text.to_owned()),
    }
}

/// The form in which a value would be kept; `None` when the field cannot have it.
pub(super) fn value_text(project: &Project, field: &ProjectField, given: &Given) -> Option<String> {
    let checked: Result<String, Invalid> = field_values::normal_form(&field.field, &value(project, field, given));
    checked.ok()
}
