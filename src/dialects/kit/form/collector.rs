//! Gathers variables while a request is read, and holds every reader to the limits.

use super::name::{Name, Step};
use super::{Array, FormError, Limits, Node, UploadedFile};

pub(super) struct Collector<'l> {
    limits: &'l Limits,
    n_counted: usize,
    variables: Array,
    files: Vec<UploadedFile>,
}

impl<'l> Collector<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, n_counted: 0, variables: Array::new(), files: Vec::new() }
    }

    pub(super) fn limits(&self) -> &'l Limits {
        self.limits
    }

    /// To be called for each variable met, kept or not.
    pub(super) fn count(&mut self) -> Result<(), FormError> {
        self.n_counted += 1;
        if self.n_counted > self.limits.variables { Err(FormError::TooManyVariables) } else { Ok(()) }
    }

    /// Sets a form variable by its name as sent. Names that PHP drops are dropped.
    pub(super) fn assign(&mut self, name: &str, text: String) {
        if name.len() > self.limits.key_bytes {
            return;
        }
        if let Some(name) = Name::parse(name, self.limits.depth) {
            place(&mut self.variables, &name, text);
        }
    }

    pub(super) fn add_file(&mut self, file: UploadedFile) {
        if file.name.len() <= self.limits.key_bytes {
            self.files.push(file);
        }
    }

    pub(super) fn set_variables(&mut self, variables: Array) {
        self.variables = variables;
    }

    /// The variables so far; the count of them goes on.
    pub(super) fn take_variables(&mut self) -> Array {
        std::mem::take(&mut self.variables)
    }

    pub(super) fn finish(self) -> (Array, Vec<UploadedFile>) {
        (self.variables, self.files)
    }
}

/// Walks to the array that the last step of the name is in, making arrays on the way, and sets the text there.
fn place(variables: &mut Array, name: &Name<'_>, text: String) {
    let mut here = variables;
    let mut step = Step::Key(&name.top);
    for next in &name.steps {
        let deeper = match step {
            Step::Key(key) => Some(here.array_at(key)),
            Step::Next => here.push_array(),
        };
        let Some(deeper) = deeper else { return };
        (here, step) = (deeper, *next);
    }
    match step {
        Step::Key(key) => here.insert(key, Node::Text(text)),
        // Nothing is kept when the numbers are used up, as in PHP.
        Step::Next => _ = here.push(Node::Text(text)),
    }
}
