//! What is wrong with a WSDL file, and where.

use std::path::PathBuf;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// Counted from 1.
    pub line: u64,
}

impl Place {
    /// An error about this place.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        Error::Line { file: self.file.clone(), line: self.line, reason: reason.into() }
    }
}

/// Why no code was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not XML.
    #[error("{file}: not well-formed: {reason}")]
    Xml {
        /// The file's name.
        file: String,
        /// What the parser says, with its place.
        reason: String,
    },
    /// Something stands in a line that cannot.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// The file's name.
        file: String,
        /// Counted from 1.
        line: u64,
        /// What and why.
        reason: String,
    },
    /// Something named is missing, doubled, or not as the rules want it.
    #[error("{file}: {what}: {reason}")]
    Rule {
        /// The file's name.
        file: String,
        /// The thing, such as `operation USER.CREATE`.
        what: String,
        /// What is wrong, with the rule.
        reason: String,
    },
}
