//! `RelationalTables.Merge`: creates and updates rows, record by record. Wire: OF-7.2 to OF-7.8.

use serde_json::Value;

use crate::dialects::ofsys::codes::{Code, Validation};
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::records::{self, Answer, Options};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::rows;
use crate::dialects::ofsys::refusals;
use crate::domain::tables::merge::{Merged, Outcome, Problem, Record, Rules, merge};
use crate::domain::tables::{Row, Table};

/// The registry row.
pub const METHOD: Method = Method {
    service: "RelationalTables",
    name: "Merge",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::TableNotFound],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let table = call.table()?;
    let options = Options::read(&call.request)?;
    let sent = records::read(&call.request, call.cx.settings.ofsys.max_records)?;
    let read: Vec<_> = sent.iter().map(records::Sent::pairs).collect();
    let good: Vec<Record> =
        read.iter().filter_map(|read| read.as_ref().ok()).map(|(id, data)| record(id, data)).collect();
    let rules = Rules {
        allow_insert: options.allow_insert,
        allow_update: options.allow_update,
        skip_duplicates: options.skip_duplicates,
        skip_unmatched: options.skip_unmatched,
    };
    let Merged { table, outcomes } = merge(call.cx, table, &good, rules)?;
    let count = |is_it: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is_it(outcome)).count();
    let n_created = count(|outcome| matches!(outcome, Outcome::Created(_)));
    let n_updated = count(|outcome| matches!(outcome, Outcome::Updated(_)));
    let mut outcomes = outcomes.into_iter();
    let mut rows: Vec<Value> = Vec::with_capacity(sent.len());
    for (record, read) in sent.iter().zip(read) {
        let answer = match read {
            Err(refused) => Some(*refused),
            Ok(_) => outcomes.next().map(|outcome| answer(&table, outcome, &options)),
        };
        rows.extend(answer.map(|answer| record.answer(answer, &options)));
    }
    let note = format!("{} records, {n_created} created, {n_updated} updated", rows.len());
    Ok(Reply::new().put("CreatedRecords", n_created).put("UpdatedRecords", n_updated).put("Records", rows).note(note))
}

fn record(id: &records::Pairs, data: &records::Pairs) -> Record {
    Record { id: id.clone(), data: data.clone() }
}

fn answer(table: &Table, outcome: Outcome, options: &Options) -> Answer {
    let done = |status, row: Row| Answer {
        id: Some(row.number),
        status,
        validation: Validation::OK,
        message: None,
        record: options.returns_on_success.then(|| rows::table_row(table, &row)),
    };
    let not_done = |status, problem: &Problem| Answer {
        id: None,
        status,
        validation: refusals::of_row(problem),
        message: Some(problem.to_string()),
        record: None,
    };
    match outcome {
        Outcome::Created(row) => done("Created", row),
        Outcome::Updated(row) => done("Updated", row),
        Outcome::Skipped(problem) => not_done("Skipped", &problem),
        Outcome::Failed(problem) => not_done("Error", &problem),
    }
}
