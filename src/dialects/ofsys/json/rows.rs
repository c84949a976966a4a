//! Rows that several methods show: contacts and rows of relational tables, flat (OF-6.11, OF-7.4).

use serde_json::{Map, Value};

use crate::dialects::ofsys::json::values::shown;
use crate::domain::contacts::{Contact, Said, dates};
use crate::domain::projects::{ADDRESS_CODE, Project};
use crate::domain::tables::{CONTACT_CODE, Row, Table};
use crate::model::ids::SubscriberNumber;

/// A contact with everything its project knows of it.
#[must_use]
pub fn contact(project: &Project, contact: &Contact) -> Value {
    let zone = project.time_zone;
    let state = |said: Option<&Said>| said.map(|said| i64::from(said.is_given));
    let since = |said: Option<&Said>| said.map(|said| dates::dotted(said.at, zone));
    let mut row = Map::new();
    row.insert("idContact".to_owned(), contact.number().0.into());
    row.insert(format!("f_{ADDRESS_CODE}"), contact.subscriber.email.as_str().into());
    for field in &project.fields {
        row.insert(format!("f_{}", field.code), shown(field.data_type, contact.value(field.field.id)));
    }
    for opt_in in &project.opt_ins {
        row.insert(format!("optin_{}", opt_in.code), state(contact.opt_ins.get(&opt_in.id)).into());
    }
    for opt_in in &project.opt_ins {
        row.insert(format!("dtOptin_{}", opt_in.code), since(contact.opt_ins.get(&opt_in.id)).into());
    }
    row.insert("isActive".to_owned(), contact.is_active().into());
    row.insert("hasTrackingConsent".to_owned(), state(contact.tracking.as_ref()).into());
    row.insert("dtTrackingConsent".to_owned(), since(contact.tracking.as_ref()).into());
    row.insert("dtCreated".to_owned(), dates::dotted(contact.subscriber.subscribed_at, zone).into());
    Value::Object(row)
}

/// A row of a relational table.
#[must_use]
pub fn table_row(table: &Table, row: &Row) -> Value {
    let contact = (row.contact != SubscriberNumber::NONE).then_some(row.contact.0);
    let mut members = Map::new();
    members.insert(CONTACT_CODE.to_owned(), contact.into());
    for field in table.columns() {
        let kept = row.values.get(&field.position).map_or("", String::as_str);
        members.insert(field.code.clone(), shown(field.data_type, kept));
    }
    Value::Object(members)
}
