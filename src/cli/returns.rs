//! `understudy returns`: returned mails that nobody could read, for review.

use serde_json::{Value, json};

use super::Common;
use super::shown::{Shown, moment};
use super::work;
use crate::domain::returns::{self, Kept};
use crate::model::ids::KeptReturnId;

/// The actions of `returns`.
#[derive(Debug, clap::Subcommand)]
pub enum Returns {
    /// List the newest returned mails that are kept for review, newest first.
    List,
    /// Show one of them: its beginning, as it came.
    Show {
        /// Its id, see `returns list`.
        #[arg(value_name = "ID")]
        id: i64,
    },
}

impl Returns {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::List => {
                let kept = work::look(common, |cx| Ok(returns::list_kept(cx)?))?;
                let json: Vec<Value> = kept.iter().map(as_json).collect();
                let rows: Vec<Vec<String>> = kept
                    .into_iter()
                    .map(|one| {
                        vec![one.id.to_string(), moment(one.at), one.n_bytes.to_string(), one.recipient, one.reason]
                    })
                    .collect();
                Ok(Shown::table(Value::Array(json), &["ID", "AT", "BYTES", "RECIPIENT", "REASON"], &rows))
            }
            Self::Show { id } => {
                let kept = work::look(common, move |cx| Ok(returns::get_kept(cx, KeptReturnId(id))?))?;
                let mut json = as_json(&kept);
                json["message"] = kept.message.clone().into();
                Ok(Shown::new(json, printable(&kept.message)))
            }
        }
    }
}

fn as_json(kept: &Kept) -> Value {
    json!({
        "id": kept.id.0,
        "at": moment(kept.at),
        "source": kept.source,
        "sender": kept.sender,
        "recipient": kept.recipient,
        "reason": kept.reason,
        "bytes": kept.n_bytes,
    })
}

/// Without what would steer a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}
