//! `RelationalTables.Get`: the rows that fit a clause. Wire: OF-7.2, OF-7.4.

use serde_json::Value;

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::{clause, rows};
use crate::domain::tables;

/// The registry row.
pub const METHOD: Method = Method {
    service: "RelationalTables",
    name: "Get",
    auth: Auth::Key,
    codes: &[
        Code::MissingParameter,
        Code::InvalidParameter,
        Code::TableNotFound,
        Code::UnknownField,
        Code::TooManyRows,
    ],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let table = call.table()?;
    let clause = clause::need(&call.request, "Clause")?;
    let most = call.max_rows()?.unwrap_or(i64::MAX);
    let found = tables::select(call.cx, table, &clause, most)?;
    let rows: Vec<Value> = found.rows.iter().map(|row| rows::table_row(&found.table, row)).collect();
    let note = format!("{} rows found", rows.len());
    Ok(Reply::new().put("Records", rows).note(note))
}
