//! The `[metrics]` section: who may read the counts. Every field's comment is its manual.

use serde::{Deserialize, Serialize};

/// Who may read the counts at `/metrics`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSettings {
    /// Whether anything is counted and shown.
    pub enabled: bool,
    /// Addresses that may read them, as they connect: what a proxy says of others does not count. For everybody else there is no such page.
    pub readers: Vec<String>,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self { enabled: true, readers: vec!["127.0.0.1".to_owned(), "::1".to_owned()] }
    }
}
