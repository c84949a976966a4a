//! Clauses as they are sent: conditions and groups, an object or a list, `$type` anywhere or nowhere (OF-5). Names and values are checked by the domain.

use serde_json::Value;

use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::request::{Item, Members, given};
use crate::domain::contacts::Given;
use crate::domain::contacts::clause::{Clause, FieldClause, Operator};

/// Groups may stand this deep in each other (OF-3.8).
pub const MAX_DEPTH: usize = 8;
/// Conditions of one clause at most (OF-3.8).
pub const MAX_CONDITIONS: usize = 200;

const OPERATORS: &[(&str, Operator)] = &[
    ("Equal", Operator::Equal),
    ("NotEqual", Operator::NotEqual),
    ("Greater", Operator::Greater),
    ("GreaterOrEqual", Operator::GreaterOrEqual),
    ("Less", Operator::Less),
    ("LessOrEqual", Operator::LessOrEqual),
    ("Contains", Operator::Contains),
    ("StartsWith", Operator::StartsWith),
    ("EndsWith", Operator::EndsWith),
    ("IsNull", Operator::IsNull),
    ("IsNotNull", Operator::IsNotNull),
    ("In", Operator::In),
];

/// The clause in a member that must be there.
///
/// # Errors
/// `MissingParameter` without one, with null, or with an empty list (OF-5.5); `InvalidParameter` naming what cannot be.
pub fn need(members: &Members<'_>, name: &str) -> Result<Clause, Fault> {
    let path = members.path_of(name);
    let value = members.get(name).ok_or_else(|| Fault::missing(&path))?;
    read(&Item { value, path })
}

/// Reads a clause.
///
/// # Errors
/// As [`need`].
pub fn read(item: &Item<'_>) -> Result<Clause, Fault> {
    let mut budget = MAX_CONDITIONS;
    match item.value {
        Value::Array(items) if items.is_empty() => Err(Fault::missing(&item.path)),
        Value::Array(items) => all(items, &item.path, MAX_DEPTH, &mut budget).map(Clause::And),
        _ => one(item, MAX_DEPTH, &mut budget),
    }
}

fn all(items: &[Value], path: &str, depth: usize, budget: &mut usize) -> Result<Vec<Clause>, Fault> {
    let parts = items.iter().enumerate();
    parts.map(|(at, value)| one(&Item { value, path: format!("{path}[{at}]") }, depth, budget)).collect()
}

fn one(item: &Item<'_>, depth: usize, budget: &mut usize) -> Result<Clause, Fault> {
    let members = item.object()?;
    match kind(&members)? {
        Kind::Group => group(&members, &item.path, depth, budget),
        Kind::Condition => {
            *budget = budget.checked_sub(1).ok_or_else(|| Fault::invalid(&item.path, "has too many conditions"))?;
            condition(&members).map(Clause::Field)
        }
    }
}

enum Kind {
    Group,
    Condition,
}

/// By `$type`, without namespace and assembly; else by what stands there (OF-5.2).
fn kind(members: &Members<'_>) -> Result<Kind, Fault> {
    let said = members.text("$type")?.unwrap_or_default();
    let name = said.split(',').next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case("GroupClause") {
        return Ok(Kind::Group);
    }
    if name.eq_ignore_ascii_case("FieldClause") {
        return Ok(Kind::Condition);
    }
    if !name.is_empty() {
        return Err(Fault::invalid(&members.path_of("$type"), "is no known kind of clause"));
    }
    match (members.get("Clauses"), members.get("Field")) {
        (Some(_), None) => Ok(Kind::Group),
        (None, Some(_)) => Ok(Kind::Condition),
        _ => Err(Fault::missing(&members.path_of("$type"))),
    }
}

fn group(members: &Members<'_>, path: &str, depth: usize, budget: &mut usize) -> Result<Clause, Fault> {
    let depth = depth.checked_sub(1).ok_or_else(|| Fault::invalid(path, "is nested too deeply"))?;
    let parts = match members.get("Clauses") {
        None => return Err(Fault::missing(&members.path_of("Clauses"))),
        Some(Value::Array(items)) if items.is_empty() => {
            return Err(Fault::invalid(&members.path_of("Clauses"), "must not be empty"));
        }
        Some(Value::Array(items)) => all(items, &members.path_of("Clauses"), depth, budget)?,
        Some(_) => return Err(Fault::invalid(&members.path_of("Clauses"), "must be a list")),
    };
    match members.text("Operator")?.as_deref().map(str::trim) {
        None | Some("") => Err(Fault::missing(&members.path_of("Operator"))),
        Some(word) if word.eq_ignore_ascii_case("And") => Ok(Clause::And(parts)),
        Some(word) if word.eq_ignore_ascii_case("Or") => Ok(Clause::Or(parts)),
        Some(_) => Err(Fault::invalid(&members.path_of("Operator"), "must be And or Or")),
    }
}

fn condition(members: &Members<'_>) -> Result<FieldClause, Fault> {
    let name = members.need_object("Field")?.need_text("Name")?.trim().to_owned();
    let word = members.need_text("TypeOperator")?;
    let found = OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim()));
    let path = members.path_of("TypeOperator");
    let operator = found.map(|(_, operator)| *operator).ok_or_else(|| Fault::invalid(&path, "is no known operator"))?;
    let values = match operator {
        Operator::IsNull | Operator::IsNotNull => Vec::new(),
        Operator::In => several(members)?,
        _ => vec![single(members)?],
    };
    Ok(FieldClause { name, operator, values })
}

/// The one value; absent is null, which asks for what has none (OF-5.7).
fn single(members: &Members<'_>) -> Result<Given, Fault> {
    let path = members.path_of("ComparisonValue");
    match members.sent("ComparisonValue") {
        None => Err(Fault::missing(&path)),
        Some(value) => given(value).ok_or_else(|| Fault::invalid(&path, "must be a text, a number or a boolean")),
    }
}

fn several(members: &Members<'_>) -> Result<Vec<Given>, Fault> {
    let items = members.need_list("ComparisonValue", MAX_CONDITIONS)?;
    let read = items.iter().map(|item| {
        given(item.value).ok_or_else(|| Fault::invalid(&item.path, "must be a text, a number or a boolean"))
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialects::ofsys::codes::Code;

    fn read_json(value: Value) -> Result<Clause, Fault> {
        read(&Item { value: &value, path: "Clause".to_owned() })
    }

    fn field(name: &str, operator: &str, value: Value) -> Value {
        json!({ "Field": { "Name": name, "TableCode": "Contact" }, "TypeOperator": operator, "ComparisonValue": value })
    }

    #[test]
    fn a_clause_is_an_object_or_a_list_with_its_type_anywhere_or_nowhere() {
        let bare = field("f_EMail", "Equal", json!("a@b.c"));
        let plain = read_json(bare.clone()).expect("clause");
        let mut typed = bare.clone();
        typed["$type"] = json!("Some.Name.FieldClause, Some.Assembly");
        assert_eq!(read_json(typed).expect("clause"), plain);
        assert_eq!(read_json(json!([bare])).expect("clause"), Clause::And(vec![plain.clone()]));
        let group = json!({ "clauses": [bare], "OPERATOR": "or", "$type": "GroupClause" });
        assert_eq!(read_json(group).expect("clause"), Clause::Or(vec![plain]));
    }

    #[test]
    fn operators_take_their_number_of_values() {
        let Ok(Clause::Field(clause)) = read_json(field("idContact", "in", json!([1, "2"]))) else { panic!("clause") };
        assert_eq!(clause.values, [Given::text("1"), Given::text("2")]);
        let Ok(Clause::Field(clause)) = read_json(field("f_X", "ISNULL", json!("ignored"))) else { panic!("clause") };
        assert!(clause.values.is_empty());
        let Ok(Clause::Field(clause)) = read_json(field("f_X", "Equal", Value::Null)) else { panic!("clause") };
        assert_eq!(clause.values, [Given::Null]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let missing = |value: Value| read_json(value).expect_err("refused");
        assert_eq!(missing(json!([])).code, Code::MissingParameter);
        let cases = [
            (json!("all"), "Clause must be an object"),
            (json!({}), "Clause.$type is missing"),
            (json!({ "$type": "SqlClause" }), "Clause.$type is no known kind of clause"),
            (field("f_X", "Like", json!("x")), "Clause.TypeOperator is no known operator"),
            (field("f_X", "Equal", json!({})), "Clause.ComparisonValue must be a text, a number or a boolean"),
            (json!({ "$type": "GroupClause", "Operator": "And", "Clauses": [] }), "Clause.Clauses must not be empty"),
            (json!([field("f_X", "Equal", json!(1)), 7]), "Clause[1] must be an object"),
        ];
        for (value, text) in cases {
            assert_eq!(missing(value).message, text);
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = |n: usize| {
            (0..n).fold(field("f_X", "Equal", json!(1)), |inner, _| json!({ "Operator": "And", "Clauses": [inner] }))
        };
        assert!(read_json(nested(MAX_DEPTH)).is_ok());
        assert!(read_json(nested(MAX_DEPTH + 1)).expect_err("refused").message.contains("too deeply"));
        let many = |n: usize| Value::Array(vec![field("f_X", "Equal", json!(1)); n]);
        assert!(read_json(many(MAX_CONDITIONS)).is_ok());
        assert!(read_json(many(MAX_CONDITIONS + 1)).expect_err("refused").message.contains("too many"));
    }
}
