//! `CustomFields.Get`: the fields of a list. Wire: OE-9, OE-6.

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::dialects::oempro::words;
use crate::domain::fields::{self, Field};
use crate::domain::lists::GetListError;
use crate::model::ids::ListId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "CustomFields.Get",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list id is missing"), (2, "Invalid subscriber list id")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let mut need = params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    need.done()?;
    let with_global = params.truth("ReturnGlobalCustomFields") == Some(true);
    let mut found = fields::list(call.cx, list, with_global).map_err(code)?;
    let is_descending = params.text_or_empty("OrderType").trim().eq_ignore_ascii_case("DESC");
    order(&mut found, params.text_or_empty("OrderField"), is_descending);
    let mut shown: Vec<Value> = Vec::with_capacity(found.len());
    for field in &found {
        let choices = fields::choices(field).map_err(|error| Fault::internal(&error))?;
        shown.push(rows::fields::field(field, &choices, &call.wire).into());
    }
    let total = found.len();
    Ok(Reply::new().put("TotalCustomFields", total).put("TotalFieldCount", total).put("CustomFields", shown))
}

/// Column names in any case; an unknown one, or none, is the name (OE-6). Equals stand by name, then id.
fn order(fields: &mut [Field], column: &str, is_descending: bool) {
    let key: fn(&Field) -> String = match column.trim().to_ascii_lowercase().as_str() {
        // Ids are compared by the last key alone.
        "customfieldid" => |_| String::new(),
        "fieldtype" => |field| words::field_kind_word(field.kind).to_lowercase(),
        "isrequired" => |field| u8::from(field.is_required).to_string(),
        "isunique" => |field| u8::from(field.is_unique).to_string(),
        "isglobal" => |field| u8::from(field.is_global).to_string(),
        "visibility" => |field| words::visibility_word(field.visibility).to_lowercase(),
        _ => |field| field.name.to_lowercase(),
    };
    let by_id = column.trim().eq_ignore_ascii_case("CustomFieldID");
    fields.sort_by_cached_key(|field| {
        let name = if by_id { String::new() } else { field.name.to_lowercase() };
        (key(field), name, field.id)
    });
    if is_descending {
        fields.reverse();
    }
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(2),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
