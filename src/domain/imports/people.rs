//! One piece of an import joins its list, or its suppression: everything in a few statements for the whole piece.

use std::collections::HashSet;

use super::piece::{Person, Piece};
use super::run::{AddError, Run};
use crate::domain::contacts::key as contact_key;
use crate::domain::cx::Ctx;
use crate::domain::outbox;
use crate::domain::projects::{Key, key_of};
use crate::domain::suppression::{self, Scope};
use crate::model::ids::{FieldId, ListId, SubscriberNumber};
use crate::model::states::{HookEvent, SuppressionReason};
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::imports::{GlobalRow, ImportedCommon, ImportedRow, Tally, UniqueRow};

/// What becomes of a person of the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Joins,
    IsListed,
    Fails,
}

fn place(position: i64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn keys(people: &[Person]) -> Vec<&str> {
    people.iter().map(|person| person.email.key()).collect()
}

/// Adds the people of a piece to the list of the run.
pub(super) fn join(cx: &mut Ctx<'_>, run: &Run, piece: &Piece) -> Result<Tally, AddError> {
    if run.limit_subscribers > 0 {
        // The limit counts every list of the account.
        cx.tx.hold_lists(&[run.list], "", true)?;
    }
    if !cx.tx.hold_list(run.account, run.list)? {
        return Err(AddError::NoList(run.list));
    }
    let people = &piece.people;
    let mut fates = vec![Fate::Joins; people.len()];
    for position in cx.tx.find_listed(run.list, &keys(people))? {
        fates[place(position)] = Fate::IsListed;
    }
    refuse_taken_values(cx, people, &mut fates)?;
    let key = key_fields(cx, run.list)?;
    refuse_taken_keys(cx, run, &key, people, &mut fates)?;
    refuse_over_limit(cx, run, &mut fates)?;
    let joining: Vec<&Person> = joining(people, &fates).collect();
    let numbers = add(cx, run, &joining)?;
    add_values(cx, run, &joining, &numbers)?;
    add_keys(cx, run, &key, &joining, &numbers)?;
    if run.triggers {
        outbox::queue_hooks_of_all(cx, run.list, &numbers, HookEvent::Subscription)?;
    }
    let count = |fate: Fate| fates.iter().filter(|found| **found == fate).count() as i64;
    Ok(Tally {
        n_rows: piece.n_rows,
        n_imported: count(Fate::Joins),
        n_duplicates: piece.n_duplicates + count(Fate::IsListed),
        n_failed: piece.n_failed + count(Fate::Fails),
    })
}

fn joining<'p>(people: &'p [Person], fates: &'p [Fate]) -> impl Iterator<Item = &'p Person> {
    people.iter().zip(fates).filter(|(_, fate)| **fate == Fate::Joins).map(|(person, _)| person)
}

/// A unique value held by somebody else, on the list or earlier in the piece, fails its row.
fn refuse_taken_values(cx: &mut Ctx<'_>, people: &[Person], fates: &mut [Fate]) -> Result<(), StoreError> {
    let mut values: Vec<(FieldId, &str)> = Vec::new();
    let mut holders: Vec<usize> = Vec::new();
    for (at, person) in people.iter().enumerate().filter(|(at, _)| fates[*at] == Fate::Joins) {
        values.extend(person.uniques.iter().map(|unique| (unique.field, unique.key.as_str())));
        holders.resize(values.len(), at);
    }
    if values.is_empty() {
        return Ok(());
    }
    for (position, email_key) in cx.tx.find_held(&values)? {
        let at = holders[place(position)];
        // A global value may stand with the address already. A list-wide one has no address, so it is never its own.
        if email_key != people[at].email.key() {
            fates[at] = Fate::Fails;
        }
    }
    let mut taken = HashSet::new();
    for (at, value) in holders.into_iter().zip(values) {
        if fates[at] == Fate::Joins && !taken.insert(value) {
            fates[at] = Fate::Fails;
        }
    }
    Ok(())
}

/// The fields that tell the contacts of the list apart; empty when the address does.
fn key_fields(cx: &mut Ctx<'_>, list: ListId) -> Result<Vec<FieldId>, StoreError> {
    let Some(project) = cx.tx.find_project(list)? else { return Ok(Vec::new()) };
    Ok(match key_of(&project.key_fields)? {
        Key::Address => Vec::new(),
        Key::Fields(fields) => fields,
    })
}

/// The key that a person has; `None` when a part of it has no value.
fn key_text(key: &[FieldId], person: &Person) -> Result<Option<String>, StoreError> {
    Ok(contact_key::text_of(key, &stored_values::from_text(&person.fields)?))
}

/// A key held by somebody else, on the list or earlier in the piece, fails its row.
fn refuse_taken_keys(
    cx: &mut Ctx<'_>,
    run: &Run,
    key: &[FieldId],
    people: &[Person],
    fates: &mut [Fate],
) -> Result<(), StoreError> {
    let mut taken = HashSet::new();
    for (person, fate) in people.iter().zip(fates).filter(|(_, fate)| !key.is_empty() && **fate == Fate::Joins) {
        if let Some(text) = key_text(key, person)?
            && (cx.tx.find_contact_by_key(run.list, &text)?.is_some() || !taken.insert(text))
        {
            *fate = Fate::Fails;
        }
    }
    Ok(())
}

/// Gives those who joined their keys.
fn add_keys(
    cx: &mut Ctx<'_>,
    run: &Run,
    key: &[FieldId],
    people: &[&Person],
    numbers: &[SubscriberNumber],
) -> Result<(), StoreError> {
    for (person, number) in people.iter().zip(numbers).filter(|_| !key.is_empty()) {
        if let Some(text) = key_text(key, person)? {
            cx.tx.set_contact_key(run.list, *number, &text)?;
        }
    }
    Ok(())
}

/// The user group's limit of subscribers fails the rows beyond it.
fn refuse_over_limit(cx: &mut Ctx<'_>, run: &Run, fates: &mut [Fate]) -> Result<(), StoreError> {
    if run.limit_subscribers <= 0 {
        return Ok(());
    }
    let room = run.limit_subscribers - cx.tx.count_subscribers_of_account(run.account)?;
    let beyond = fates.iter_mut().filter(|fate| **fate == Fate::Joins).skip(place(room.max(0)));
    beyond.for_each(|fate| *fate = Fate::Fails);
    Ok(())
}

/// Adds subscribers under numbers in a row; answers the numbers.
fn add(cx: &mut Ctx<'_>, run: &Run, people: &[&Person]) -> Result<Vec<SubscriberNumber>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&str> = people.iter().map(|person| person.email.key()).collect();
    let mut is_suppressed = vec![false; people.len()];
    let suppressed = cx.tx.find_suppressed(run.account, run.list, &keys)?;
    suppressed.iter().for_each(|position| is_suppressed[place(*position)] = true);
    let (n_all, n_suppressed) = (people.len() as i64, suppressed.len() as i64);
    let last = cx.tx.take_numbers(run.list, n_all - n_suppressed, n_suppressed, cx.now)?;
    let numbers: Vec<SubscriberNumber> = (last.0 - n_all + 1..=last.0).map(SubscriberNumber).collect();
    let rows: Vec<ImportedRow<'_>> = people
        .iter()
        .zip(&numbers)
        .zip(&is_suppressed)
        .map(|((person, number), is_suppressed)| ImportedRow {
            number: *number,
            email: person.email.entered(),
            email_key: person.email.key(),
            fields: &person.fields,
            is_suppressed: *is_suppressed,
        })
        .collect();
    let common = ImportedCommon { list_id: run.list, at: run.at, ip: cx.origin.ip.clone(), import_id: run.id };
    cx.tx.insert_imported(&common, &rows)?;
    // Many rows at once are not followed in the marks of far pages: the next far page makes them anew.
    cx.tx.drop_marks(run.list)?;
    Ok(numbers)
}

/// Keeps unique and global values of those who joined.
fn add_values(cx: &mut Ctx<'_>, run: &Run, people: &[&Person], numbers: &[SubscriberNumber]) -> Result<(), StoreError> {
    let (mut uniques, mut freed, mut globals) = (Vec::new(), Vec::new(), Vec::new());
    for (person, number) in people.iter().zip(numbers) {
        let email_key = person.email.key();
        for unique in &person.uniques {
            let (list_id, number, holder) = match unique.is_global {
                true => (ListId::NONE, SubscriberNumber::NONE, email_key),
                false => (run.list, *number, ""),
            };
            if unique.is_global {
                freed.push((unique.field, email_key));
            }
            uniques.push(UniqueRow {
                field_id: unique.field,
                value_key: &unique.key,
                list_id,
                number,
                email_key: holder,
            });
        }
        globals.extend(person.globals.iter().map(|(field, value)| GlobalRow { field_id: *field, email_key, value }));
    }
    // In one order, so that imports of the same people into different lists do not wait for each other in a circle.
    uniques.sort_unstable_by_key(|row| (row.field_id, row.value_key));
    freed.sort_unstable();
    globals.sort_unstable_by_key(|row| (row.email_key, row.field_id));
    if !freed.is_empty() {
        cx.tx.free_global_holders(&freed)?;
    }
    if !uniques.is_empty() {
        cx.tx.insert_uniques(&uniques)?;
    }
    if !globals.is_empty() {
        cx.tx.set_global_values(run.account, &globals, cx.now)?;
    }
    Ok(())
}

/// Suppresses the people of a piece in `scope`; those suppressed there already are duplicates.
pub(super) fn suppress(cx: &mut Ctx<'_>, run: &Run, scope: Scope, piece: &Piece) -> Result<Tally, AddError> {
    let list = match scope {
        Scope::List(_, list) => list,
        Scope::Account(_) => ListId::NONE,
    };
    cx.tx.hold_lists(&[run.list], "", list == ListId::NONE)?;
    let keys = keys(&piece.people);
    let known = cx.tx.find_suppressed_exactly(run.account, list, &keys)?;
    let known: HashSet<usize> = known.into_iter().map(place).collect();
    let known_keys: Vec<&str> = known.iter().map(|at| keys[*at]).collect();
    suppression::stay_for(cx, scope, &known_keys, SuppressionReason::Imported)?;
    for (_, person) in piece.people.iter().enumerate().filter(|(at, _)| !known.contains(at)) {
        suppression::suppress(cx, scope, &person.email, SuppressionReason::Imported)?;
    }
    let (n_people, n_known) = (piece.people.len() as i64, known.len() as i64);
    Ok(Tally {
        n_rows: piece.n_rows,
        n_imported: n_people - n_known,
        n_duplicates: piece.n_duplicates + n_known,
        n_failed: piece.n_failed,
    })
}
