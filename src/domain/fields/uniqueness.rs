//! Making a field unique when it has values already. From then on the subscribers' own code keeps the claims.

use std::collections::BTreeMap;

use crate::domain::cx::Ctx;
use crate::domain::field_values::unique_key;
use crate::domain::fields::{Field, SaveFieldError};
use crate::model::ids::{FieldId, ListId, SubscriberNumber};
use crate::store::StoreError;
use crate::store::rows::field_values::{Holder, from_text};

/// With more subscribers (of the list, or with a value of the global field) than this a field cannot become unique any more: claiming their
/// values is one transaction, and nobody else writes meanwhile.
pub const MAX_CLAIMED: i64 = 5_000;

/// Claims freed in one transaction.
const PIECE: i64 = 1_000;

/// How many subscribers a list has, in whatever state.
pub(super) fn n_subscribers(cx: &mut Ctx<'_>, list: ListId) -> Result<i64, StoreError> {
    let totals = cx.tx.find_list_totals(list)?.unwrap_or_default();
    Ok(totals.n_active
        + totals.n_soft
        + totals.n_hard
        + totals.n_suppressed
        + totals.n_pending
        + totals.n_unsubscribed
        + totals.n_leaving)
}

/// Claims every value of a field. Where several have the same, the first holds it and the others keep what they have, as on the old platform,
/// which looked for others only when a value was written.
pub(super) fn claim_all(cx: &mut Ctx<'_>, field: &Field) -> Result<(), SaveFieldError> {
    // Who joins meanwhile waits, and then sees that the field is unique.
    cx.tx.hold_lists(&[field.list_id], "", false)?;
    // Left from a time when it was unique before; they say nothing of today's values.
    let n_stale = cx.tx.delete_holders_of_field(field.id, MAX_CLAIMED)?;
    if n_stale >= usize::try_from(MAX_CLAIMED).unwrap_or(usize::MAX) {
        return Err(SaveFieldError::TooManyValues(field.id));
    }
    let claims = if field.is_global { global_claims(cx, field)? } else { local_claims(cx, field)? };
    for (key, holder) in claims {
        cx.tx.insert_holder(field.id, &key, &holder)?;
    }
    Ok(())
}

fn local_claims(cx: &mut Ctx<'_>, field: &Field) -> Result<BTreeMap<String, Holder>, SaveFieldError> {
    if n_subscribers(cx, field.list_id)? > MAX_CLAIMED {
        return Err(SaveFieldError::TooManyValues(field.id));
    }
    let mut claims = BTreeMap::new();
    for (number, text) in cx.tx.list_first_values(field.list_id, MAX_CLAIMED)? {
        let values = from_text(&text)?;
        let Some(value) = values.get(&field.id) else { continue };
        let holder = Holder { list_id: field.list_id, number, email_key: String::new() };
        claim(&mut claims, value, holder);
    }
    Ok(claims)
}

fn global_claims(cx: &mut Ctx<'_>, field: &Field) -> Result<BTreeMap<String, Holder>, SaveFieldError> {
    let values = cx.tx.list_first_global_values(field.id, MAX_CLAIMED + 1)?;
    if i64::try_from(values.len()).unwrap_or(i64::MAX) > MAX_CLAIMED {
        return Err(SaveFieldError::TooManyValues(field.id));
    }
    let mut claims = BTreeMap::new();
    for (email_key, value) in values {
        claim(&mut claims, &value, Holder { list_id: ListId::NONE, number: SubscriberNumber::NONE, email_key });
    }
    Ok(claims)
}

fn claim(claims: &mut BTreeMap<String, Holder>, value: &str, holder: Holder) {
    let key = unique_key(value);
    if !key.is_empty() {
        claims.entry(key).or_insert(holder);
    }
}

/// Frees one piece of a field's claims; false when none is left.
pub(super) fn free_piece(cx: &mut Ctx<'_>, field: FieldId) -> Result<bool, StoreError> {
    Ok(cx.tx.delete_holders_of_field(field, PIECE)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_values_is_claimed() {
        let holder = |number| Holder { list_id: ListId(1), number: SubscriberNumber(number), email_key: String::new() };
        let mut claims = BTreeMap::new();
        for (number, value) in [(1, "Ab"), (2, " aB "), (3, ""), (4, "x")] {
            claim(&mut claims, value, holder(number));
        }
        let numbers: Vec<i64> = claims.values().map(|holder| holder.number.0).collect();
        assert_eq!(numbers, [1, 4]);
    }
}
