//! Tells webhooks what happened to subscribers: a JSON list behind a byte-order mark, signed (OF-13).

use std::time::Duration;

use serde_json::{Map, Number, Value, json};

use super::calls::Outbound;
use crate::config::Settings;
use crate::domain::contacts::{Contact, dates};
use crate::domain::cx::Ctx;
use crate::domain::projects::{ADDRESS_CODE, Key, Project, ProjectField};
use crate::domain::tables::values::{Typed, typed};
use crate::domain::webhooks::{self, WebhookCall};
use crate::domain::workload::{Job, Setback, WorkError};
use crate::model::states::JobKind;
use crate::model::time::UtcTime;
use crate::outgoing::{Client, OutgoingError};

/// The header that carries the signature (OF-13.6).
const SIGNATURE: &str = "X-Ofsys-Signature";
/// What stands before the list (OF-13.1).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl Outbound for WebhookCall {
    const NAME: &'static str = "webhooks";
    const KIND: JobKind = JobKind::Webhook;

    fn claim(cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<Self>, WorkError> {
        webhooks::claim_calls(cx, n, lease)
    }

    fn job(&self) -> &Job {
        &self.job
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn set_back(&self, cx: &mut Ctx<'_>, setback: &Setback) -> Result<(), WorkError> {
        webhooks::set_back(cx, self, setback)
    }

    async fn post(&self, client: &Client, _: &Settings) -> Result<u16, OutgoingError> {
        let mut body = BYTE_ORDER_MARK.to_vec();
        body.extend(Value::Array(vec![item(self)]).to_string().into_bytes());
        let seconds = UtcTime::now().0.div_euclid(1_000_000);
        let signature = format!("t={seconds},v1={}", webhooks::signature(&self.secret, seconds, &body));
        client.post(&self.url, "application/json; charset=utf-8", &[(SIGNATURE, &signature)], body).await
    }
}

/// What is told (OF-13.2, OF-13.4).
fn item(call: &WebhookCall) -> Value {
    let (project, told) = (&call.project, &call.told);
    let mut item = Map::new();
    let mut put = |name: &str, value: Value| drop(item.insert(name.to_owned(), value));
    put("type", told.event.word().into());
    put("EventUniqueID", told.id.as_str().into());
    put("dtExecution", dates::dotted(told.at, project.time_zone).into());
    put("idCompany", project.account().0.into());
    put("idProject", project.id().0.into());
    if told.is_test {
        put("isTest", true.into());
    }
    put("ContactID", contact_id(call));
    put("ContactData", call.contact.as_ref().map_or(Value::Null, |contact| contact_data(project, contact)));
    if let Some((code, since)) = &told.opt_in {
        put("OptinField", format!("optin_{code}").into());
        put("OptinDate", dates::dotted(*since, project.time_zone).into());
    }
    Value::Object(item)
}

/// The contact's number with the fields of the project's key; of one that is gone, its address at the time.
fn contact_id(call: &WebhookCall) -> Value {
    let mut id = Map::new();
    id.insert("idContact".to_owned(), call.told.number.0.into());
    match (&call.project.key, &call.contact) {
        (Key::Fields(fields), Some(contact)) => {
            let fields = fields.iter().filter_map(|field| call.project.field_by_id(*field));
            id.extend(fields.map(|field| (name_of(field), shown(field, contact))));
        }
        (_, contact) => {
            let email = contact.as_ref().map_or(&call.told.email, |contact| &contact.subscriber.email);
            id.insert(format!("f_{ADDRESS_CODE}"), email.as_str().into());
        }
    }
    Value::Object(id)
}

fn contact_data(project: &Project, contact: &Contact) -> Value {
    let mut data = Map::new();
    data.insert(format!("f_{ADDRESS_CODE}"), contact.subscriber.email.as_str().into());
    data.extend(project.fields.iter().map(|field| (name_of(field), shown(field, contact))));
    for opt_in in &project.opt_ins {
        let said = contact.opt_ins.get(&opt_in.id).map(|said| i64::from(said.is_given));
        data.insert(format!("optin_{}", opt_in.code), json!(said));
    }
    data.insert("isActive".to_owned(), contact.is_active().into());
    Value::Object(data)
}

fn name_of(field: &ProjectField) -> String {
    format!("f_{}", field.code)
}

fn shown(field: &ProjectField, contact: &Contact) -> Value {
    let kept = contact.value(field.field.id);
    if kept.is_empty() {
        return Value::Null;
    }
    match typed(field.data_type, kept) {
        Typed::Truth(yes) => yes.into(),
        Typed::Whole(number) => number.into(),
        Typed::Decimal(number) => Number::from_f64(number).map_or_else(|| kept.into(), Value::Number),
        Typed::Text(text) => text.into(),
    }
}
