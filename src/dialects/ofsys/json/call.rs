//! What a method's code holds while it runs, and what it answers.

use serde_json::Value;

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::Pass;
use crate::dialects::ofsys::json::envelope;
use crate::dialects::ofsys::json::request::Members;
use crate::domain::access::Permission;
use crate::domain::cx::Ctx;
use crate::domain::tables;
use crate::model::ids::{ListId, TableId};

/// A running method.
pub struct Call<'c, 'a> {
    /// The open context; the key's account acts.
    pub cx: &'c mut Ctx<'a>,
    /// What was sent.
    pub request: Members<'c>,
    /// What let the caller in.
    pub pass: &'c Pass,
}

impl Call<'_, '_> {
    /// `idProject`; the key's reach has been checked.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn project(&self) -> Result<ListId, Fault> {
        self.request.need_whole("idProject").map(ListId)
    }

    /// `idTable`, of a project that the key reaches.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`, `TableNotFound`, `AccessDenied`.
    pub fn table(&mut self) -> Result<TableId, Fault> {
        let id = TableId(self.request.need_whole("idTable")?);
        let table = tables::require(self.cx, Permission::ListGet, id)?;
        self.require_reach(table.list)?;
        Ok(id)
    }

    /// `MaxRows`, 0 or more (OF-6.19, OF-6.20).
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn max_rows(&self) -> Result<Option<i64>, Fault> {
        match self.request.whole("MaxRows")? {
            Some(rows) if rows < 0 => Err(Fault::invalid("MaxRows", "must not be negative")),
            rows => Ok(rows),
        }
    }

    /// Whether the key may touch a project.
    #[must_use]
    pub fn reaches(&self, project: ListId) -> bool {
        match self.pass {
            Pass::Key(admitted) => admitted.covers_project(project),
            Pass::Application => false,
        }
    }

    /// Goes on only if the key may touch a project that its call did not name.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn require_reach(&self, project: ListId) -> Result<(), Fault> {
        if self.reaches(project) {
            Ok(())
        } else {
            Err(Fault::new(Code::AccessDenied, "The key does not permit this call"))
        }
    }
}

/// A successful answer; the envelope is put around it (OF-2.2).
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The method's own members, in order.
    pub members: envelope::Members,
    /// What was done, in a few words for `Trace` (OF-2.8).
    pub note: String,
}

impl Reply {
    /// Nothing but success.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member.
    #[must_use]
    pub fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says what was done.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
