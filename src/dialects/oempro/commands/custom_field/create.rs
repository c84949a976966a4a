//! `CustomField.Create`: defines a field of a list, or of all lists, from a preset or from scratch. Wire: OE-9.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::commands::custom_field::{preset, read};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::clip_line;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::dialects::oempro::words;
use crate::domain::fields::{self, BadAlias, NewField, SaveFieldError};
use crate::model::ids::ListId;
use crate::model::states::{FieldKind, Validation, Visibility};

/// The registry row. A `FieldType` that is none counts as missing. Words of validation, visibility and the three switches have no code here
/// and fall back to their defaults. A rule is asked for by `Custom` only: dates and times have one form each.
pub const COMMAND: Command = Command {
    name: "CustomField.Create",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list id is missing"),
        (2, "Field name is missing"),
        (3, "Field type is missing"),
        (4, "Validation rule is missing"),
        (5, "Invalid preset name"),
        (7, "Invalid data type"),
        (8, "Invalid subscriber list id"),
        (1000, "Merge tag alias is used by another custom field"),
        (1001, "Merge tag alias has invalid characters"),
        (1002, "Merge tag alias is a reserved subscriber field name"),
    ],
    run: Run::Write(run),
};

/// What a field is made of, whichever way it was said.
struct Shape {
    name: String,
    kind: FieldKind,
    validation: Validation,
    choices: Vec<fields::Choice>,
}

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let shape = shape(call)?;
    let list = ListId(params.id("SubscriberListID").unwrap_or(0));
    let is_yes = |name: &str| params.text(name).and_then(words::yes_no).unwrap_or(false);
    let is_identifier = params.truth("UniqueIdentifier") == Some(true);
    let id = fields::create(call.cx, list, |field: &mut NewField| {
        field.name = shape.name;
        field.kind = shape.kind;
        field.options = fields::set_choices(&shape.choices);
        field.validation = shape.validation;
        field.rule = clip_line(params.text_or_empty("ValidationRule"), 2_000);
        field.default_value = read::default_value(params).unwrap_or_default();
        field.is_required = is_yes("IsRequired");
        field.is_unique = is_yes("IsUnique") || is_identifier;
        field.is_global = is_yes("IsGlobal");
        field.visibility = params.text("Visibility").and_then(words::visibility).unwrap_or(Visibility::UserOnly);
        params.text_or_empty("MergeTagAlias").clone_into(&mut field.alias);
        field.years = read::years(params).unwrap_or_default();
        field.meta = read::meta(params).unwrap_or_default();
    });
    Ok(Reply::new().put("CustomFieldID", id.map_err(code)?.0))
}

/// A preset needs nothing but the list; a data type overrides the field type; the rest is told one by one.
fn shape(call: &Call<'_, '_>) -> Result<Shape, Fault> {
    let params = call.params;
    let mut need = params.need();
    need.id("SubscriberListID", 1);
    if let Some(preset_name) = params.text("PresetName") {
        let preset = preset::find(preset_name);
        need.that(preset.is_some(), 5);
        need.done()?;
        let preset = preset.ok_or_else(|| Fault::code(5))?;
        let name = params.text("FieldName").unwrap_or(preset.name);
        let (name, choices) = (clip_line(name, 250), preset.choices());
        return Ok(Shape { name, kind: preset.kind, validation: Validation::Disabled, choices });
    }
    let name = clip_line(need.text("FieldName", 2), 250);
    let mut kind = params.text("FieldType").and_then(words::field_kind);
    let mut validation = params.text("ValidationMethod").and_then(words::validation).unwrap_or(Validation::Disabled);
    if let Some(word) = params.text("DataType") {
        let known = read::data_type(word);
        need.that(known.is_some(), 7);
        if let Some((data_kind, data_validation)) = known {
            kind = Some(data_kind);
            validation = data_validation;
        }
    } else {
        need.that(kind.is_some(), 3);
    }
    need.done()?;
    let kind = kind.ok_or_else(|| Fault::code(3))?;
    Ok(Shape { name, kind, validation, choices: read::choices(params).unwrap_or_default() })
}

fn code(error: SaveFieldError) -> Fault {
    match error {
        SaveFieldError::NoRule => Fault::code(4),
        SaveFieldError::NoList(_) => Fault::code(8),
        SaveFieldError::Alias(BadAlias::Taken(_)) => Fault::code(1000),
        SaveFieldError::Alias(BadAlias::Forbidden(_)) => Fault::code(1001),
        SaveFieldError::Alias(BadAlias::Reserved(_)) => Fault::code(1002),
        // A new field is not looked up, has not moved and has no values.
        SaveFieldError::NoField(_) | SaveFieldError::CannotMove(_) | SaveFieldError::TooManyValues(_) => {
            Fault::internal(&error)
        }
        SaveFieldError::Denied(denied) => denied.into(),
        SaveFieldError::Store(error) => Fault::internal(&error),
    }
}
