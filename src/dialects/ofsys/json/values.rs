//! Values between JSON and the domain: what was sent, and what is shown by its data type (OF-4).

use serde_json::{Number, Value};

use crate::dialects::ofsys::json::request::text_of;
use crate::domain::contacts::Given;
use crate::domain::tables::values::{Typed, typed};
use crate::model::states::DataType;

/// A value as the domain takes it; `None` for objects and lists but lists of texts, which stand for several choices (OF-4.5).
#[must_use]
pub fn given(value: &Value) -> Option<Given> {
    match value {
        Value::Null => Some(Given::Null),
        Value::Bool(yes) => Some(Given::Bool(*yes)),
        Value::Number(_) | Value::String(_) => text_of(value).map(Given::Text),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(text_of).collect();
            texts.map(|texts| Given::Text(texts.join("|")))
        }
        Value::Object(_) => None,
    }
}

/// A kept value as it is shown; null for none (OF-4.9).
#[must_use]
pub fn shown(data_type: DataType, kept: &str) -> Value {
    if kept.is_empty() {
        return Value::Null;
    }
    match typed(data_type, kept) {
        Typed::Truth(yes) => Value::Bool(yes),
        Typed::Whole(number) => number.into(),
        Typed::Decimal(number) => Number::from_f64(number).map_or_else(|| kept.into(), Value::Number),
        Typed::Text(text) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sent_is_read_leniently() {
        let cases = [
            (json!("x"), Some(Given::text("x"))),
            (json!(1.5), Some(Given::text("1.5"))),
            (json!(true), Some(Given::Bool(true))),
            (json!(null), Some(Given::Null)),
            (json!(["a", "b"]), Some(Given::text("a|b"))),
            (json!({ "a": 1 }), None),
            (json!([["a"]]), None),
        ];
        for (value, want) in cases {
            assert_eq!(given(&value), want, "{value}");
        }
    }

    #[test]
    fn what_is_kept_is_shown_by_its_type() {
        assert_eq!(shown(DataType::Integer, "7"), json!(7));
        assert_eq!(shown(DataType::Decimal, "7.5"), json!(7.5));
        assert_eq!(shown(DataType::Boolean, "0"), json!(false));
        assert_eq!(shown(DataType::Text, "7"), json!("7"));
        assert_eq!(shown(DataType::Text, ""), json!(null));
    }
}
