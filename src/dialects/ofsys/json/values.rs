//! Values as they are shown, by their data type (OF-4.9).

use serde_json::{Number, Value};

use crate::domain::tables::values::{Typed, typed};
use crate::model::states::DataType;

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
    fn what_is_kept_is_shown_by_its_type() {
        assert_eq!(shown(DataType::Integer, "7"), json!(7));
        assert_eq!(shown(DataType::Decimal, "7.5"), json!(7.5));
        assert_eq!(shown(DataType::Boolean, "0"), json!(false));
        assert_eq!(shown(DataType::Text, "7"), json!("7"));
        assert_eq!(shown(DataType::Text, ""), json!(null));
    }
}
