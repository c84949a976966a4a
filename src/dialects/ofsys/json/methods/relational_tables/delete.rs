//! `RelationalTables.Delete`: removes the rows that fit a clause, unless there are more than expected. Wire: OF-7.2, OF-6.20.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::clause;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::tables;

/// The registry row.
pub const METHOD: Method = Method {
    service: "RelationalTables",
    name: "Delete",
    auth: Auth::Key,
    codes: &[
        Code::MissingParameter,
        Code::InvalidParameter,
        Code::TableNotFound,
        Code::UnknownField,
        Code::TooManyRows,
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let table = call.table()?;
    let clause = clause::need(&call.request, "Clause")?;
    let most = call.max_rows()?;
    let n_deleted = tables::delete(call.cx, table, &clause, most)?;
    Ok(Reply::new().put("DeletedRecords", n_deleted).note(format!("{n_deleted} rows deleted")))
}
