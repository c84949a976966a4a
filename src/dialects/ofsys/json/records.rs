//! Records of a merge, of contacts and of relational tables alike: as they are sent, and how each is answered (OF-6.2 to OF-6.14).

use serde_json::{Map, Value, json};

use crate::dialects::ofsys::codes::Validation;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::request::{Item, Members, given};
use crate::domain::contacts::Given;

/// Names and values as the domain takes them.
pub type Pairs = Vec<(String, Given)>;

/// A record as it was sent.
pub struct Sent<'a> {
    id: Option<&'a Map<String, Value>>,
    data: Option<&'a Map<String, Value>>,
}

/// What became of a record.
pub struct Answer {
    /// The contact's or row's id; `None` for none.
    pub id: Option<i64>,
    /// `Created`, `Updated`, `Skipped` or `Error`.
    pub status: &'static str,
    /// What is wrong; [`Validation::OK`] for nothing.
    pub validation: Validation,
    /// The same in words.
    pub message: Option<String>,
    /// The whole contact or row, when it was asked for.
    pub record: Option<Value>,
}

/// `MergeOptions` (OF-6.5).
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names are those of the wire")]
pub struct Options {
    pub allow_insert: bool,
    pub allow_update: bool,
    pub skip_duplicates: bool,
    pub skip_unmatched: bool,
    pub returns_on_success: bool,
    pub returns_on_error: bool,
}

impl Options {
    /// Reads them; absent ones have their defaults.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn read(request: &Members<'_>) -> Result<Self, Fault> {
        let sent = request.object("MergeOptions")?;
        let flag = |name: &str, default: bool| match &sent {
            Some(options) => options.flag(name).map(|flag| flag.unwrap_or(default)),
            None => Ok(default),
        };
        Ok(Self {
            allow_insert: flag("AllowInsert", true)?,
            allow_update: flag("AllowUpdate", true)?,
            skip_duplicates: flag("SkipDuplicateRecords", false)?,
            skip_unmatched: flag("SkipUnmatchedRecords", false)?,
            returns_on_success: flag("ReturnRecordsOnSuccess", false)?,
            returns_on_error: flag("ReturnRecordsOnError", false)?,
        })
    }
}

/// Reads `Records`, at most `most`.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`.
pub fn read<'a>(request: &Members<'a>, most: usize) -> Result<Vec<Sent<'a>>, Fault> {
    request.need_list("Records", most)?.iter().map(Sent::read).collect()
}

impl<'a> Sent<'a> {
    fn read(item: &Item<'a>) -> Result<Self, Fault> {
        let record = item.object()?;
        let part = |name: &str| record.object(name).map(|found| found.map(|members| members.map()));
        let sent = Self { id: part("ID")?, data: part("Data")? };
        if sent.id.is_none() && sent.data.is_none() {
            return Err(Fault::missing(&record.path_of("ID")));
        }
        Ok(sent)
    }

    /// `ID` and `Data` as the domain takes them.
    ///
    /// # Errors
    /// The answer for a record with a value that is none (OF-4.5).
    pub fn pairs(&self) -> Result<(Pairs, Pairs), Box<Answer>> {
        let id = pairs(self.id).map_err(|name| refused(Validation::InvalidKey, &name))?;
        let data = pairs(self.data).map_err(|name| refused(Validation::InvalidValue, &name))?;
        Ok((id, data))
    }

    /// The row of the answer, its members in the order that was recorded (OF-6.6).
    #[must_use]
    pub fn answer(&self, answer: Answer, options: &Options) -> Value {
        let is_echoed = options.returns_on_error && answer.status == "Error";
        let echo = |part: Option<&Map<String, Value>>| part.map_or(Value::Null, |map| Value::Object(map.clone()));
        json!({
            "IdRecord": answer.id,
            "Status": answer.status,
            "ValidationResult": answer.validation.word(),
            "Message": answer.message,
            "ID": echo(self.id),
            "Data": if is_echoed { echo(self.data) } else { Value::Null },
            "Record": answer.record.unwrap_or_default(),
        })
    }
}

fn refused(validation: Validation, name: &str) -> Box<Answer> {
    let message = Some(format!("{name} must be a text, a number or a boolean"));
    Box::new(Answer { id: None, status: "Error", validation, message, record: None })
}

fn pairs(map: Option<&Map<String, Value>>) -> Result<Pairs, String> {
    let members = map.into_iter().flatten();
    members.map(|(name, value)| given(value).map(|given| (name.clone(), given)).ok_or_else(|| name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("json")
    }

    #[test]
    fn a_record_is_echoed_as_it_was_sent() {
        let map = request(
            r#"{"records": [{"id": {"KEY_f_EMail": "a@b.c"}, "DATA": {"f_X": 1.50, "f_Y": null}}], "mergeoptions": {"returnRecordsOnError": "1"}}"#,
        );
        let request = Members::of_request(&map);
        let options = Options::read(&request).expect("options");
        let sent = read(&request, 10).expect("records");
        let (id, data) = sent[0].pairs().ok().expect("pairs");
        assert_eq!(id, [("KEY_f_EMail".to_owned(), Given::text("a@b.c"))]);
        assert_eq!(data, [("f_X".to_owned(), Given::text("1.5")), ("f_Y".to_owned(), Given::Null)]);
        let row = sent[0].answer(*refused(Validation::InvalidValue, "f_X"), &options);
        let names: Vec<&String> = row.as_object().expect("row").keys().collect();
        assert_eq!(names, ["IdRecord", "Status", "ValidationResult", "Message", "ID", "Data", "Record"]);
        assert_eq!(row["Data"], json!({ "f_X": 1.5, "f_Y": null }));
        assert!(row["IdRecord"].is_null() && row["Record"].is_null());
    }

    #[test]
    fn objects_are_no_values_and_too_many_records_are_refused() {
        let map = request(r#"{"Records": [{"Data": {"f_X": {}}}, {"Data": {}}]}"#);
        let request = Members::of_request(&map);
        let sent = read(&request, 2).expect("records");
        assert_eq!(sent[0].pairs().err().map(|answer| answer.validation), Some(Validation::InvalidValue));
        assert!(read(&request, 1).is_err());
    }
}
