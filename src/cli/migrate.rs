//! `understudy migrate`: brings the database up to date and exits; a server does the same at its start.

use serde_json::json;

use super::Common;
use super::shown::Shown;
use super::work::Work;
use crate::config::masked::masked_url;

/// Flags of `migrate`: none of its own.
#[derive(Debug, clap::Args)]
pub struct Migrate {}

impl Migrate {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let url = masked_url(&common.settings(&[])?.database_url());
        Work::open(common)?.end();
        let text = format!("database {url} is up to date");
        Ok(Shown::new(json!({ "database": url, "is_up_to_date": true }), text))
    }
}
