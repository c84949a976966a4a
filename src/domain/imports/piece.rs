//! The rows of a piece, read and checked before any transaction is open.

use std::collections::HashSet;

use super::run::Run;
use crate::domain::field_values::{self, Values};
use crate::model::email_address::EmailAddress;
use crate::model::ids::FieldId;
use crate::store::rows::field_values::to_text;
use crate::store::rows::fields::FieldRow;

/// The rows of one piece: those that may join, and how many may not.
#[derive(Debug)]
pub struct Piece {
    pub(super) seq: i64,
    pub(super) n_rows: i64,
    pub(super) n_duplicates: i64,
    pub(super) n_failed: i64,
    pub(super) people: Vec<Person>,
}

/// A row whose address and values are good.
#[derive(Debug)]
pub(super) struct Person {
    pub email: EmailAddress,
    /// The `fields` column: list-wide values.
    pub fields: String,
    pub uniques: Vec<Unique>,
    pub globals: Vec<(FieldId, String)>,
}

/// A value that nobody else may hold.
#[derive(Debug)]
pub(super) struct Unique {
    pub field: FieldId,
    pub is_global: bool,
    pub key: String,
}

/// Makes a [`Piece`] of rows.
pub struct PieceBuilder<'r> {
    run: &'r Run,
    seen: HashSet<String>,
    piece: Piece,
}

impl<'r> PieceBuilder<'r> {
    /// An empty piece with the number it is kept under.
    #[must_use]
    pub fn new(run: &'r Run, seq: i64) -> Self {
        let piece = Piece { seq, n_rows: 0, n_duplicates: 0, n_failed: 0, people: Vec::new() };
        Self { run, seen: HashSet::new(), piece }
    }

    /// Adds a row; `cell` answers the text of a column, `None` when the row is too short for it.
    pub fn add<'t>(&mut self, cell: impl Fn(usize) -> Option<&'t str>) {
        self.piece.n_rows += 1;
        let person = cell(self.run.email_column).and_then(EmailAddress::parse).and_then(|email| {
            let columns = self.run.columns.iter().map(|(column, field)| (field, cell(*column).unwrap_or_default()));
            read(email, columns)
        });
        match person {
            None => self.piece.n_failed += 1,
            Some(person) if self.seen.contains(person.email.key()) => self.piece.n_duplicates += 1,
            Some(person) => {
                self.seen.insert(person.email.key().to_owned());
                self.piece.people.push(person);
            }
        }
    }

    /// The piece with every row added.
    #[must_use]
    pub fn finish(self) -> Piece {
        self.piece
    }
}

/// Checks the values of a row; `None` when one is refused.
fn read<'t>(email: EmailAddress, columns: impl Iterator<Item = (&'t FieldRow, &'t str)>) -> Option<Person> {
    let (mut values, mut uniques, mut globals) = (Values::new(), Vec::new(), Vec::new());
    for (field, text) in columns {
        let value = if text.is_empty() { String::new() } else { field_values::check(field, text).ok()? };
        if value.is_empty() {
            if field.is_required {
                return None;
            }
            continue;
        }
        if field.is_unique {
            let key = field_values::unique_key(&value);
            uniques.push(Unique { field: field.id, is_global: field.is_global, key });
        }
        if field.is_global {
            globals.push((field.id, value));
        } else {
            values.insert(field.id, value);
        }
    }
    let fields = if values.is_empty() { "{}".to_owned() } else { to_text(&values) };
    Some(Person { email, fields, uniques, globals })
}
