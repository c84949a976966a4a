//! Open containers as the domain takes them: values of fields, parameters of a message.

use crate::dialects::kit::soap::any::named_members;
use crate::dialects::kit::soap::fault::Fault;
use crate::dialects::kit::soap::lexical::Any;
use crate::dialects::kit::value::Value;
use crate::domain::contacts::Given;

/// The values of `Fields` by name, in their order. A list is the choices of a field for several (OF-4.5); an empty value clears.
///
/// # Errors
/// A fault that names what is no value.
pub fn pairs(container: Option<Any>, name: &str) -> Result<Vec<(String, Given)>, Fault> {
    let members = named_members(container, name)?;
    let read = members.iter().map(|(member, value)| match given(value) {
        Some(given) => Ok((member.to_owned(), given)),
        None => Err(Fault::bad_argument(format!("{name}: {member} must be a text, a number or a boolean"))),
    });
    read.collect()
}

/// The values of `Parameters` as texts.
///
/// # Errors
/// As [`pairs`].
pub fn texts(container: Option<Any>, name: &str) -> Result<Vec<(String, String)>, Fault> {
    let read = pairs(container, name)?;
    Ok(read.into_iter().map(|(member, given)| (member, given.as_text().to_owned())).collect())
}

fn given(value: &Value) -> Option<Given> {
    match value {
        Value::Null => Some(Given::Null),
        Value::Bool(yes) => Some(Given::Bool(*yes)),
        Value::Int(number) => Some(Given::Text(number.to_string())),
        Value::Text(text) => Some(Given::text(text)),
        Value::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| Some(given(item)?.as_text().to_owned())).collect();
            texts.map(|texts| Given::Text(texts.join("|")))
        }
        Value::Object(_) => None,
    }
}
