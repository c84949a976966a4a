//! Custom fields as this wire shows them (OE-9).

use crate::dialects::kit::value::Object;
use crate::dialects::oempro::rows::yes_no;
use crate::dialects::oempro::wire::Wire;
use crate::dialects::oempro::words;
use crate::domain::fields::{Choice, Field};

/// A field; `choices` are its own.
#[must_use]
pub fn field(field: &Field, choices: &[Choice], wire: &Wire) -> Object {
    Object::new()
        .put("CustomFieldID", wire.id(field.id.0))
        .put("RelOwnerUserID", wire.id(field.account_id.0))
        .put("RelListID", wire.id(field.list_id.0))
        .put("FieldName", &field.name)
        .put("FieldType", words::field_kind_word(field.kind))
        .put("FieldDefaultValue", &field.default_value)
        .put("FieldOptions", field_options(choices))
        .put("ValidationMethod", words::validation_word(field.validation))
        .put("ValidationRule", &field.rule)
        .put("IsRequired", yes_no(field.is_required))
        .put("IsUnique", yes_no(field.is_unique))
        .put("Visibility", words::visibility_word(field.visibility))
        .put("IsGlobal", yes_no(field.is_global))
        .put("Years", &field.years)
        .put("MergeTagAlias", &field.alias)
        .put("Meta", &field.meta)
}

/// `FieldOptions`: items `[[label]||[value]]`, a `*` behind those chosen beforehand, joined by one comma. Unproven: the vendor's own plugin for
/// WordPress cuts at commas and strips the brackets, so a single comma leaves no empty choices there; whether the old platform put three commas
/// is not known. A comma inside a label stays: who reads brackets is not misled, and who cuts at commas never could tell.
#[must_use]
pub fn field_options(choices: &[Choice]) -> String {
    let items = choices.iter().map(|choice| {
        let mark = if choice.is_selected { "*" } else { "" };
        format!("[[{}]||[{}]]{mark}", choice.label, choice.value)
    });
    items.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_as_the_vendors_plugin_reads_them() {
        let choice = |label: &str, value: &str, is_selected| Choice {
            label: label.to_owned(),
            value: value.to_owned(),
            is_selected,
        };
        let text = field_options(&[choice("Male", "m", false), choice("Female", "f", true)]);
        assert_eq!(text, "[[Male]||[m]],[[Female]||[f]]*");
        let cut: Vec<String> = text.split(',').map(|item| item.replace("[[", "").replace("]]", "")).collect();
        assert_eq!(cut, ["Male]||[m", "Female]||[f*"]);
        assert_eq!(field_options(&[]), "");
    }
}
