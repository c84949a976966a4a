//! Reading a record that is to be merged: whom it is about, and what it wants.

use crate::domain::contacts::columns::Column;
use crate::domain::contacts::merge::{Problem, Record};
use crate::domain::contacts::{Given, dates, key, said};
use crate::domain::field_values::{Change, Values};
use crate::domain::projects::{Key, Project};
use crate::model::ids::{FieldId, OptInId, SubscriberNumber};
use crate::model::time::UtcTime;

/// Whom a record is about.
pub(super) enum Whom {
    Number(SubscriberNumber),
    Address(String),
    /// The text of a key of fields.
    Key(String),
}

impl Whom {
    /// What is the same for two records about the same contact.
    pub fn mark(&self) -> String {
        match self {
            Self::Number(number) => format!("number {number}"),
            Self::Address(text) => format!("address {}", text.trim().to_lowercase()),
            Self::Key(text) => format!("key {text}"),
        }
    }
}

/// What a record wants, read and checked as far as it can be without the contact.
#[derive(Default)]
pub(super) struct Wanted {
    pub address: Option<String>,
    pub is_active: Option<bool>,
    pub values: Vec<Change>,
    pub opt_ins: Vec<(OptInId, Option<bool>, Option<UtcTime>)>,
    pub opt_in_dates: Vec<(OptInId, UtcTime)>,
    pub tracking: Option<Option<bool>>,
    pub tracking_at: Option<UtcTime>,
}

impl Wanted {
    /// Whether it says anything to opt-ins or tracking.
    pub fn says_something(&self) -> bool {
        let is_silent = self.opt_ins.is_empty() && self.opt_in_dates.is_empty();
        !is_silent || self.tracking.is_some() || self.tracking_at.is_some()
    }
}

/// Reads whom a record is about, from its id or, without one, from its data.
pub(super) fn whom(project: &Project, record: &Record) -> Result<Whom, Problem> {
    let is_told = record.id.iter().any(|(_, given)| !given.is_blank());
    let source = if is_told { &record.id } else { &record.data };
    let number = source.iter().find(|(name, given)| Column::parse(name) == Column::Number && !given.is_blank());
    if let Some((_, given)) = number {
        let number = given.as_text().trim().parse().map_err(|_| Problem::InvalidKey)?;
        return Ok(Whom::Number(SubscriberNumber(number)));
    }
    match &project.key {
        Key::Address => {
            if is_told
                && record.id.iter().any(|(name, _)| !matches!(Column::parse(name), Column::Address | Column::Number))
            {
                return Err(Problem::InvalidKey);
            }
            let given = source.iter().rev().find(|(name, _)| Column::parse(name) == Column::Address);
            let text = given.map(|(_, given)| given.as_text().trim()).filter(|text| !text.is_empty());
            text.map(|text| Whom::Address(text.to_owned())).ok_or(Problem::InvalidKey)
        }
        Key::Fields(fields) => key_of_record(project, fields, source, is_told).map(Whom::Key),
    }
}

fn key_of_record(
    project: &Project,
    fields: &[FieldId],
    source: &[(String, Given)],
    is_id: bool,
) -> Result<String, Problem> {
    let mut values = Values::new();
    for (name, given) in source {
        let field = match Column::parse(name) {
            Column::Field(code) => project.field(&code),
            _ => None,
        };
        match field {
            Some(field) if fields.contains(&field.field.id) => {
                let text = said::value_text(project, field, given).ok_or(Problem::InvalidKey)?;
                values.insert(field.field.id, text);
            }
            _ if is_id && Column::parse(name) != Column::Number => return Err(Problem::InvalidKey),
            _ => {}
        }
    }
    key::text_of(fields, &values).ok_or(Problem::InvalidKey)
}

/// Reads what a record wants. The parts of the key count as data of a contact to be made.
pub(super) fn wanted(project: &Project, record: &Record, takes_key: bool) -> Result<Wanted, Problem> {
    let mut wanted = Wanted::default();
    let key = record.id.iter().filter(|_| takes_key);
    for (name, given) in key.chain(&record.data) {
        let unknown = || Problem::UnknownField(name.clone());
        let invalid = |what: &str| Problem::InvalidValue(name.clone(), what.to_owned());
        let state = || said::read_state(given).ok_or_else(|| invalid("value must be true or false"));
        let moment = || match dates::read(given.as_text()) {
            Some(written) => Ok(Some(written.moment(project.time_zone))),
            None if given.is_blank() => Ok(None),
            None => Err(invalid("value must be a date")),
        };
        match Column::parse(name) {
            Column::Number | Column::CreatedAt => {}
            Column::Address => wanted.address = Some(given.as_text().trim().to_owned()),
            Column::Field(code) => {
                let field = project.field(&code).ok_or_else(unknown)?;
                wanted.values.push((field.field.id, said::value(project, field, given)));
            }
            Column::OptIn(code) => {
                let opt_in = project.opt_in(&code).ok_or_else(unknown)?;
                wanted.opt_ins.push((opt_in.id, state()?, None));
            }
            Column::OptInDate(code) => {
                let opt_in = project.opt_in(&code).ok_or_else(unknown)?;
                wanted.opt_in_dates.extend(moment()?.map(|at| (opt_in.id, at)));
            }
            // Empty counts as not sent: only an explicit false makes a contact inactive.
            Column::IsActive => wanted.is_active = state()?.or(wanted.is_active),
            Column::Tracking => wanted.tracking = Some(state()?),
            Column::TrackingDate => wanted.tracking_at = moment()?,
        }
    }
    for (id, _, at) in &mut wanted.opt_ins {
        *at = wanted.opt_in_dates.iter().rev().find(|(dated, _)| dated == id).map(|(_, at)| *at);
    }
    Ok(wanted)
}
