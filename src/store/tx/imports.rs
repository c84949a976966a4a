//! Contents of `queries/imports.rs`.

use crate::model::ids::{AccountId, ImportId, ListId, SubscriberNumber};
use crate::model::states::ImportState;
use crate::model::time::UtcTime;
use crate::store::rows::imports::{ImportRow, ImportRules, NewImportRow, Tally};

queries! { imports {
    /// Makes an import.
    fn insert_import(row: &NewImportRow) -> ImportId;
    /// The import with this id, if it belongs to the account.
    fn find_import(account: AccountId, id: ImportId) -> Option<ImportRow>;
    /// Keeps one piece of the text handed over.
    fn insert_import_chunk(id: ImportId, seq: i64, data: &str) -> ();
    /// Ends the first step: the import has this many columns and waits for its mapping.
    fn close_import_receiving(id: ImportId, n_columns: i64) -> ();
    /// Takes the import for one run, if nobody holds it and it is not done. Answers the number of the run.
    fn lease_import(id: ImportId, now: UtcTime, until: UtcTime) -> Option<i64>;
    /// Renews the lease of a run; false when it has lost the import to another run.
    fn renew_import(id: ImportId, run: i64, until: UtcTime) -> bool;
    /// Adds what one piece came to, and deletes the piece; false when it was read before.
    fn count_import_chunk(id: ImportId, seq: i64, tally: Tally) -> bool;
    /// The first piece after `seq` that is still there.
    fn next_import_chunk(id: ImportId, seq: i64) -> Option<(i64, String)>;
    /// Ends a run with `state`; false when the run had lost the import.
    fn end_import(id: ImportId, run: i64, state: ImportState, at: UtcTime) -> bool;
    /// Imports handed over before `before` and never begun or never completed, at most `n`.
    fn list_stale_imports(before: UtcTime, n: i64) -> Vec<ImportId>;
    /// Deletes up to `n` pieces of an import; answers how many.
    fn delete_import_chunks(id: ImportId, n: i64) -> usize;
    /// Marks an import as given up: nothing of it is left.
    fn drop_import(id: ImportId, at: UtcTime) -> ();
    /// Takes `n_active + n_suppressed` numbers of a list at once and counts their holders; answers the last one.
    fn take_numbers(list: ListId, n_active: i64, n_suppressed: i64, at: UtcTime) -> SubscriberNumber;
    /// Holds a list's totals until the end of the transaction; false when the list is gone.
    fn hold_list(account: AccountId, list: ListId) -> bool;
    /// What the account's user group says of imports.
    fn find_import_rules(account: AccountId) -> Option<ImportRules>;
    /// The addresses of enabled operators, oldest first, at most `n`.
    fn list_operator_addresses(n: i64) -> Vec<String>;
} }
