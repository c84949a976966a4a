//! What a method's code holds while it runs, and what it answers.

use serde_json::Value;

use crate::dialects::ofsys::json::envelope;
use crate::dialects::ofsys::json::fault::Fault;
use crate::dialects::ofsys::json::request::Members;
use crate::domain::cx::Ctx;
use crate::model::ids::ListId;

/// A running method.
pub struct Call<'c, 'a> {
    /// The open context; the key has been recognised.
    pub cx: &'c mut Ctx<'a>,
    /// What was sent.
    pub request: Members<'c>,
}

impl Call<'_, '_> {
    /// `idProject`.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameter`.
    pub fn project(&self) -> Result<ListId, Fault> {
        self.request.need_whole("idProject").map(ListId)
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
