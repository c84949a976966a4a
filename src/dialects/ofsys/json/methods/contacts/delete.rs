//! `Contacts.Delete`: removes the contacts that fit a clause, unless there are more than expected. Wire: OF-6.20, OF-6.21.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::clause;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::contacts;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Contacts",
    name: "Delete",
    auth: Auth::Key,
    codes: &[
        Code::MissingParameter,
        Code::InvalidParameter,
        Code::ProjectNotFound,
        Code::UnknownField,
        Code::TooManyRows,
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.project()?;
    let clause = clause::need(&call.request, "Clause")?;
    let most = call.max_rows()?;
    let n_deleted = contacts::delete(call.cx, project, &clause, most)?;
    Ok(Reply::new().put("DeletedRecords", n_deleted).note(format!("{n_deleted} contacts deleted")))
}
