//! `understudy intake`: takes one returned mail from standard input, as mail servers pipe it.
//!
//! Exit code 0 after everything that follows from it is durable, 75 (`EX_TEMPFAIL` of `sysexits.h`) for "try again later", whatever went wrong.

use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;

use super::Common;
use super::shown::Shown;
use super::work::Work;
use crate::delivery::inbound::intake::{self, HandedOver};
use crate::delivery::inbound::mime::MAX_READ_BYTES;
use crate::domain::returns::Taken;

/// What a mail server understands as: keep it and try again.
pub const TEMPORARY_FAILURE: u8 = 75;

/// Flags of `intake`.
#[derive(Debug, clap::Args)]
pub struct Intake {
    /// The address it came to, as the mail server knows it. Without it, the headers are asked.
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    recipient: String,
    /// The envelope sender, as the mail server knows it; empty for `<>`.
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<String>,
}

impl Intake {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let (raw, n_bytes) = read(std::io::stdin().lock()).context("cannot read the mail")?;
        let mail = HandedOver { recipient: self.recipient, sender: self.sender, raw, n_bytes };
        let work = Work::open_existing(common)?;
        let taken = work.run(async |core| intake::take(&core, mail, "returned mail").await);
        work.end();
        let taken = taken?;
        let reason = match taken {
            Taken::Nothing(reason) | Taken::Kept(reason) => reason,
            _ => "",
        };
        let text = if reason.is_empty() { taken.word().to_owned() } else { format!("{}: {reason}", taken.word()) };
        Ok(Shown::new(json!({ "taken": taken.word(), "reason": reason }), text))
    }
}

/// The beginning of a mail, and its whole size. All of it is read, so that whoever writes it can end.
fn read(mut from: impl Read) -> std::io::Result<(Arc<[u8]>, u64)> {
    let mut beginning = Vec::new();
    let n_first = from.by_ref().take(MAX_READ_BYTES as u64).read_to_end(&mut beginning)?;
    let n_rest = std::io::copy(&mut from, &mut std::io::sink())?;
    Ok((beginning.into(), n_first as u64 + n_rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_mail_is_read_to_its_end_but_not_kept_whole() {
        let (raw, n_bytes) = read(std::io::repeat(b'x').take(10 * 1024 * 1024)).expect("read");
        assert_eq!((raw.len(), n_bytes), (MAX_READ_BYTES, 10 * 1024 * 1024));
    }
}
