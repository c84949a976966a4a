//! Reading a call's JSON: measured before it is parsed, members found in any case, numbers that may come as texts (OF-1.7 to OF-1.11).

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::dialects::ofsys::fault::Fault;
use crate::domain::contacts::Given;
use crate::domain::contacts::dates::{self, Written};

/// Objects and lists may stand this deep in each other.
pub const MAX_DEPTH: usize = 32;
/// A request may be made of this many values.
pub const MAX_VALUES: usize = 500_000;

/// Why a body is no request. The texts are for whoever wrote the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Bytes that are no UTF-8.
    #[error("The request is not UTF-8 text")]
    NotUtf8,
    /// See [`MAX_DEPTH`].
    #[error("The request is nested too deeply")]
    TooDeep,
    /// See [`MAX_VALUES`].
    #[error("The request has too many values")]
    TooMany,
    /// Not JSON.
    #[error("The request is not valid JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("The request is not a JSON object")]
    NotAnObject,
}

/// Reads a body. A byte-order mark before it is passed over; of a member given twice the last counts.
///
/// # Errors
/// [`ReadError`].
pub fn read(body: &[u8]) -> Result<Map<String, Value>, ReadError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|_| ReadError::NotUtf8)?;
    measure(text.as_bytes())?;
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ReadError::NotAnObject),
        Err(_) => Err(ReadError::NotJson),
    }
}

/// Counts depth and values without building anything, so that a hostile body costs no more than its own bytes.
fn measure(body: &[u8]) -> Result<(), ReadError> {
    let (mut depth, mut n_values) = (0_usize, 1_usize);
    let (mut in_text, mut is_escaped) = (false, false);
    for byte in body {
        if in_text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                n_values += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => n_values += 1,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(ReadError::TooDeep);
        }
        if n_values > MAX_VALUES {
            return Err(ReadError::TooMany);
        }
    }
    Ok(())
}

/// An object of the request with its place, such as `Records[2]`, for the texts of refusals.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

/// A value of the request with its place.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The value.
    pub value: &'a Value,
    /// Where it stands.
    pub path: String,
}

impl<'a> Members<'a> {
    /// The request itself.
    #[must_use]
    pub fn of_request(map: &'a Map<String, Value>) -> Self {
        Self { map, path: String::new() }
    }

    /// The members as they were sent.
    #[must_use]
    pub fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    /// The place of a member.
    #[must_use]
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The last member of this name in any case, null included.
    #[must_use]
    pub fn sent(&self, name: &str) -> Option<&'a Value> {
        self.map.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The member, unless it is absent or null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.sent(name).filter(|value| !value.is_null())
    }

    /// The first of several names that was sent.
    #[must_use]
    pub fn any_text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name).and_then(text_of)).filter(|text| !text.trim().is_empty())
    }

    /// A whole number, as a number or a text; an empty text counts as absent.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn whole(&self, name: &str) -> Result<Option<i64>, Fault> {
        let Some(value) = self.get(name).filter(|value| !is_blank(value)) else { return Ok(None) };
        whole_of(value).map(Some).ok_or_else(|| Fault::invalid(&self.path_of(name), "must be a whole number"))
    }

    /// As [`Members::whole`], for one that must be there.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn need_whole(&self, name: &str) -> Result<i64, Fault> {
        self.whole(name)?.ok_or_else(|| Fault::missing(&self.path_of(name)))
    }

    /// A text; a number or boolean is taken as its text.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        text_of(value).map(Some).ok_or_else(|| Fault::invalid(&self.path_of(name), "must be a text"))
    }

    /// As [`Members::text`], for one that must be there and not be blank.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn need_text(&self, name: &str) -> Result<String, Fault> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| Fault::missing(&self.path_of(name)))
    }

    /// Yes or no (OF-1.11); an empty text counts as absent.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(value) = self.get(name).filter(|value| !is_blank(value)) else { return Ok(None) };
        flag_of(value).map(Some).ok_or_else(|| Fault::invalid(&self.path_of(name), "must be true or false"))
    }

    /// A date in any form that is read (OF-4.3); an empty text counts as absent.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn date(&self, name: &str) -> Result<Option<Written>, Fault> {
        let Some(text) = self.text(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        dates::read(&text).map(Some).ok_or_else(|| Fault::invalid(&self.path_of(name), "must be a date"))
    }

    /// An object.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn object(&self, name: &str) -> Result<Option<Members<'a>>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => Item { value, path: self.path_of(name) }.object().map(Some),
        }
    }

    /// As [`Members::object`], for one that must be there.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn need_object(&self, name: &str) -> Result<Members<'a>, Fault> {
        self.object(name)?.ok_or_else(|| Fault::missing(&self.path_of(name)))
    }

    /// A list of at most `most` items; one value that is no list is a list of it.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn list(&self, name: &str, most: usize) -> Result<Option<Vec<Item<'a>>>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let path = self.path_of(name);
        let items = match value {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        if items.len() > most {
            return Err(Fault::invalid(&path, &format!("must not have more than {most} items")));
        }
        let item = |(at, value)| Item { value, path: format!("{path}[{at}]") };
        Ok(Some(items.iter().enumerate().map(item).collect()))
    }

    /// As [`Members::list`], for one that must be there and not be empty.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn need_list(&self, name: &str, most: usize) -> Result<Vec<Item<'a>>, Fault> {
        let list = self.list(name, most)?.filter(|list| !list.is_empty());
        list.ok_or_else(|| Fault::missing(&self.path_of(name)))
    }
}

impl<'a> Item<'a> {
    /// The object it must be; an empty list is an empty object, as PHP writes one (OF-1.12).
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn object(&self) -> Result<Members<'a>, Fault> {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        match self.value {
            Value::Object(map) => Ok(Members { map, path: self.path.clone() }),
            Value::Array(items) if items.is_empty() => Ok(Members { map: &EMPTY, path: self.path.clone() }),
            _ => Err(Fault::invalid(&self.path, "must be an object")),
        }
    }

    /// The text it must be.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn text(&self) -> Result<String, Fault> {
        text_of(self.value).ok_or_else(|| Fault::invalid(&self.path, "must be a text"))
    }
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The whole number that a number or text is.
#[must_use]
pub fn whole_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            // `5.0`, as a JavaScript client may write it.
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9.0e15)?;
            format!("{float:.0}").parse().ok()
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The text that a text, number or boolean is. A boolean is `True` or `False`, as .NET wrote it.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

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

/// Yes or no in every spelling that clients send (OF-1.11).
#[must_use]
pub fn flag_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim() {
            "1" => Some(true),
            "0" => Some(false),
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_an_object_within_bounds() {
        assert!(read(b"\xEF\xBB\xBF {\"a\": 1} ").is_ok());
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(read(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        let many = |n: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(n));
        assert!(read(many(MAX_VALUES - 3).as_bytes()).is_ok());
        let cases = [
            (Vec::new(), ReadError::NotJson),
            (b"[1]".to_vec(), ReadError::NotAnObject),
            (b"null".to_vec(), ReadError::NotAnObject),
            (b"{\"a\":1".to_vec(), ReadError::NotJson),
            (b"{\"a\":1}x".to_vec(), ReadError::NotJson),
            (b"{\"a\":\"\xFF\"}".to_vec(), ReadError::NotUtf8),
            (nested(MAX_DEPTH).into_bytes(), ReadError::TooDeep),
            ("[".repeat(1_000_000).into_bytes(), ReadError::TooDeep),
            (many(MAX_VALUES - 2).into_bytes(), ReadError::TooMany),
        ];
        for (body, want) in cases {
            let body_shown = String::from_utf8_lossy(&body).chars().take(20).collect::<String>();
            assert_eq!(read(&body), Err(want), "{body_shown}");
        }
    }

    #[test]
    fn brackets_inside_texts_do_not_count() {
        let text = format!("{{\"a\":\"{}\\\"[[\"}}", "[{,".repeat(100_000));
        assert!(read(text.as_bytes()).is_ok());
    }

    #[test]
    fn members_are_found_in_any_case_and_the_last_one_counts() {
        let map =
            read(br#"{"idproject": "7", "IDPROJECT": 8, "Nothing": null, "Flag": "True", "Few": 5}"#).expect("request");
        let members = Members::of_request(&map);
        assert_eq!(members.whole("idProject").ok().flatten(), Some(8));
        assert!(members.get("Nothing").is_none() && members.sent("nothing").is_some());
        assert_eq!(members.flag("flag").ok().flatten(), Some(true));
        assert_eq!(members.list("few", 9).ok().flatten().map(|list| list.len()), Some(1));
        let empty = read(br#"{"Data": [], "Other": [1]}"#).expect("request");
        let empty = Members::of_request(&empty);
        assert!(empty.object("Data").is_ok_and(|data| data.is_some_and(|data| data.map().is_empty())));
        assert!(empty.object("Other").is_err());
        assert!(members.whole("Flag").is_err() && members.need_text("Nothing").is_err());
    }

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
    fn whole_numbers_come_in_three_spellings() {
        for (text, want) in
            [("5", Some(5)), ("\" 5 \"", Some(5)), ("5.0", Some(5)), ("5.5", None), ("true", None), ("1e99", None)]
        {
            assert_eq!(whole_of(&serde_json::from_str(text).expect("json")), want, "{text}");
        }
    }
}
