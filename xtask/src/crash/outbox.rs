//! The captured mails against who should have been mailed. A repeat after a crash overwrites the file of the first try.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

/// A mail that a killed worker held comes up again when its lease of two minutes ends.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the outbox holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Mails {
    /// People with one mail.
    pub n_once: usize,
    /// People with more.
    pub n_repeated: usize,
    /// People without.
    pub n_missing: usize,
    /// Mails to others.
    pub n_unasked: usize,
}

impl Mails {
    /// Whether everybody has one mail and nobody else any.
    pub fn is_good(&self) -> bool {
        self.n_repeated == 0 && self.n_missing == 0 && self.n_unasked == 0
    }
}

/// Waits until everybody asked has a mail, or two leases long.
///
/// # Errors
/// When the outbox cannot be read.
pub async fn wait_for(outbox: &Path, asked: &BTreeSet<String>) -> anyhow::Result<Mails> {
    let started = Instant::now();
    loop {
        let mails = compare(&names(outbox)?, asked);
        if mails.n_missing == 0 || started.elapsed() > PATIENCE {
            return Ok(mails);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The files' names without their ending: the mail's number, a hyphen, the address.
fn names(outbox: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    if !outbox.exists() {
        // The first mail makes it.
        return Ok(names);
    }
    let read = std::fs::read_dir(outbox).with_context(|| format!("cannot read {}", outbox.display()))?;
    for entry in read {
        let name = entry?.file_name();
        names.extend(name.to_string_lossy().strip_suffix(".eml").map(str::to_owned));
    }
    Ok(names)
}

fn compare(names: &[String], asked: &BTreeSet<String>) -> Mails {
    let mut n_mails: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *n_mails.entry(name.split_once('-').map_or(name.as_str(), |(_, email)| email)).or_default() += 1;
    }
    let of = |email: &String| n_mails.get(email.as_str()).copied().unwrap_or(0);
    Mails {
        n_once: asked.iter().filter(|email| of(email) == 1).count(),
        n_repeated: asked.iter().filter(|email| of(email) > 1).count(),
        n_missing: asked.iter().filter(|email| of(email) == 0).count(),
        n_unasked: n_mails.keys().filter(|email| !asked.contains(**email)).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_told_apart() {
        let asked = ["a@x", "b@x", "c@x"].map(str::to_owned).into();
        let names = ["1-a@x", "2-b@x", "3-b@x", "4-d@x"].map(str::to_owned);
        assert_eq!(compare(&names, &asked), Mails { n_once: 1, n_repeated: 1, n_missing: 1, n_unasked: 1 });
    }
}
