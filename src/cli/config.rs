//! `understudy config`: checks the settings, or shows those in force with secrets covered.

use serde_json::json;

use super::Common;
use super::shown::Shown;
use crate::app;
use crate::config::masked::masked;

/// The actions of `config`.
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Check file, variables and flags; the first bad value is named and the exit code is 1.
    Check,
    /// Show every setting in force; secrets and passwords inside URLs are covered.
    Show,
}

impl Config {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let settings = common.settings(&[])?;
        app::check(&settings)?;
        match self {
            Self::Check => Ok(Shown::new(json!({ "is_good": true }), "the settings are good")),
            Self::Show => {
                let table = masked(&settings);
                let text = toml::to_string(&table)?;
                Ok(Shown::new(serde_json::to_value(&table)?, text.trim_end()))
            }
        }
    }
}
