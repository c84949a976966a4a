//! `CustomField.Update`: changes a field's definition. Wire: OE-9.
//!
//! What is not sent stays. A field becomes unique while it has few values, else code 11; it becomes global while its list is empty, and
//! local while nobody has a value of it, else code 14: its values would have to move from the subscriber to the address or back.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::commands::custom_field::read;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::{Need, Params, clip_line};
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::dialects::oempro::words;
use crate::domain::fields::{self, BadAlias, Field, SaveFieldError};
use crate::model::ids::{FieldId, ListId};
use crate::model::states::{FieldKind, Validation, Visibility};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "CustomField.Update",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Custom field id is missing"),
        (2, "Field name is missing"),
        (3, "Field type is missing"),
        (4, "Validation rule is missing"),
        (6, "Invalid custom field id"),
        (7, "Invalid field type"),
        (8, "Invalid validation method"),
        (9, "Invalid visibility"),
        (10, "Invalid is required value"),
        (11, "Invalid is unique value, or the field has too many values to become unique"),
        (12, "Invalid is global value"),
        (13, "Invalid subscriber list id"),
        (14, "A custom field cannot be moved"),
        (1000, "Merge tag alias is used by another custom field"),
        (1001, "Merge tag alias has invalid characters"),
        (1002, "Merge tag alias is a reserved subscriber field name"),
    ],
    run: Run::Staged(run),
};

/// The words that were sent; `None` for what was not.
struct Sent {
    kind: Option<FieldKind>,
    validation: Option<Validation>,
    visibility: Option<Visibility>,
    is_required: Option<bool>,
    is_unique: Option<bool>,
    is_global: Option<bool>,
}

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(update(stage))
}

/// The change itself is one transaction. Claims of a field that is not unique any more are freed after it, in pieces.
async fn update(stage: &Stage) -> Result<Reply, Fault> {
    let (id, frees) = stage.write(change).await?;
    let mut has_more = frees;
    while has_more {
        has_more = stage.write(move |call| fields::free_some(call.cx, id).map_err(code)).await?;
    }
    Ok(Reply::new())
}

fn change(call: &mut Call<'_, '_>) -> Result<(FieldId, bool), Fault> {
    let params = call.params;
    let mut need = params.need();
    let id = FieldId(need.id("CustomFieldID", 1));
    let name = clip_line(need.text("FieldName", 2), 250);
    need.text("FieldType", 3);
    let sent = read_words(params, &mut need);
    need.done()?;
    let list = params.id("SubscriberListID").map(ListId);
    fields::update(call.cx, id, list, |field| {
        field.name = name;
        apply(params, &sent, field);
    })
    .map_err(code)?;
    Ok((id, sent.is_unique == Some(false)))
}

fn read_words(params: &Params, need: &mut Need<'_>) -> Sent {
    fn word<T>(params: &Params, need: &mut Need<'_>, name: &str, read: fn(&str) -> Option<T>, code: i64) -> Option<T> {
        let word = params.text(name)?;
        let value = read(word);
        need.that(value.is_some(), code);
        value
    }
    Sent {
        kind: word(params, need, "FieldType", words::field_kind, 7),
        validation: word(params, need, "ValidationMethod", words::validation, 8),
        visibility: word(params, need, "Visibility", words::visibility, 9),
        is_required: word(params, need, "IsRequired", words::yes_no, 10),
        is_unique: word(params, need, "IsUnique", words::yes_no, 11),
        is_global: word(params, need, "IsGlobal", words::yes_no, 12),
    }
}

fn apply(params: &Params, sent: &Sent, field: &mut Field) {
    field.kind = sent.kind.unwrap_or(field.kind);
    field.validation = sent.validation.unwrap_or(field.validation);
    field.visibility = sent.visibility.unwrap_or(field.visibility);
    field.is_required = sent.is_required.unwrap_or(field.is_required);
    field.is_unique = sent.is_unique.unwrap_or(field.is_unique);
    field.is_global = sent.is_global.unwrap_or(field.is_global);
    if let Some(choices) = read::choices(params) {
        field.options = fields::set_choices(&choices);
    }
    if let Some(text) = params.sent("ValidationRule") {
        field.rule = clip_line(text, 2_000);
    }
    if let Some(text) = params.sent("MergeTagAlias") {
        text.clone_into(&mut field.alias);
    }
    if let Some(text) = read::default_value(params) {
        field.default_value = text;
    }
    if let Some(text) = read::years(params) {
        field.years = text;
    }
    if let Some(text) = read::meta(params) {
        field.meta = text;
    }
}

fn code(error: SaveFieldError) -> Fault {
    match error {
        SaveFieldError::NoRule => Fault::code(4),
        SaveFieldError::NoField(_) => Fault::code(6),
        SaveFieldError::TooManyValues(_) => Fault::code(11),
        SaveFieldError::NoList(_) => Fault::code(13),
        SaveFieldError::CannotMove(_) => Fault::code(14),
        SaveFieldError::Alias(BadAlias::Taken(_)) => Fault::code(1000),
        SaveFieldError::Alias(BadAlias::Forbidden(_)) => Fault::code(1001),
        SaveFieldError::Alias(BadAlias::Reserved(_)) => Fault::code(1002),
        SaveFieldError::Denied(denied) => denied.into(),
        SaveFieldError::Store(error) => Fault::internal(&error),
    }
}
