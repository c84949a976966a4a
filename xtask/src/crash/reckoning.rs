//! Whom the mail server took mail for, against what the program's log says of each recipient.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::course::{Entry, Standing};
use crate::sink::Taken;

/// The account of a campaign that is over.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reckoning {
    n_recipients: usize,
    /// Logged as refused for good.
    n_refused: usize,
    /// Neither taken for nor refused to by the mail server.
    n_missed: usize,
    /// Taken for more than once.
    n_repeated: usize,
    /// Messages taken beyond the first of each.
    n_surplus: usize,
    /// Taken for more than once and not marked as uncertain.
    n_unmarked: usize,
    /// Taken for more than once under different Message-IDs.
    n_renamed: usize,
    /// Taken for although no recipient.
    n_strangers: usize,
    /// Logged as sent and never taken, or as failed and never refused, or as anything else.
    n_wrong: usize,
    /// Marked as uncertain.
    n_marked: usize,
    /// Totals of the campaign that differ from its rows.
    wrong_totals: Vec<String>,
}

impl Reckoning {
    /// Reckons up. `refused`: whom the mail server said no to for good.
    pub fn new(addresses: &[String], taken: &[Taken], refused: &[String], log: &[Entry], standing: &Standing) -> Self {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in taken {
            ids.entry(&one.recipient).or_default().push(&one.message_id);
        }
        let refused: BTreeSet<&str> = refused.iter().map(String::as_str).collect();
        let marked: BTreeSet<&str> =
            log.iter().filter(|entry| entry.is_uncertain).map(|entry| entry.to.as_str()).collect();
        let known: BTreeSet<&str> = addresses.iter().map(String::as_str).collect();
        let repeated: Vec<_> = ids.iter().filter(|(_, ids)| ids.len() > 1).collect();
        let is_wrong = |entry: &&Entry| match entry.state.as_str() {
            "sent" => !ids.contains_key(entry.to.as_str()),
            "failed" => !refused.contains(entry.to.as_str()),
            _ => true,
        };
        let n_in = |state: &str| log.iter().filter(|entry| entry.state == state).count() as u64;
        let wrong_totals = [
            ("recipients", standing.n_recipients, log.len() as u64),
            ("sent", standing.n_sent, n_in("sent")),
            ("failed", standing.n_failed, n_in("failed")),
            ("uncertain", standing.n_uncertain, marked.len() as u64),
        ];
        Self {
            n_recipients: addresses.len(),
            n_refused: log.iter().filter(|entry| entry.state == "failed").count(),
            n_missed: known.iter().filter(|one| !ids.contains_key(*one) && !refused.contains(*one)).count(),
            n_repeated: repeated.len(),
            n_surplus: repeated.iter().map(|(_, ids)| ids.len() - 1).sum(),
            n_unmarked: repeated.iter().filter(|(to, _)| !marked.contains(**to)).count(),
            n_renamed: repeated.iter().filter(|(_, ids)| ids.iter().any(|id| id != &ids[0])).count(),
            n_strangers: ids.keys().filter(|to| !known.contains(**to)).count(),
            n_wrong: log.iter().filter(is_wrong).count() + known.len().abs_diff(log.len()),
            n_marked: marked.len(),
            wrong_totals: wrong_totals
                .into_iter()
                .filter(|(_, shown, counted)| shown != counted)
                .map(|(what, shown, counted)| format!("{what}: {counted} rows, total {shown}"))
                .collect(),
        }
    }

    /// Whether nobody was missed, every repeat was marked, and the log is right.
    pub fn is_good(&self) -> bool {
        self.n_missed + self.n_unmarked + self.n_renamed + self.n_strangers + self.n_wrong == 0
            && self.wrong_totals.is_empty()
    }
}

impl Reckoning {
    /// As [`Self::is_good`], and nobody got it twice or may have.
    pub fn is_exact(&self) -> bool {
        self.is_good() && self.n_repeated + self.n_marked == 0
    }

    /// What the columns of a row are.
    pub const HEADINGS: &'static str =
        "recipients  refused  missed  more than once  of them unmarked  other Message-ID  marked  log";

    /// All of it in one row.
    pub fn row(&self) -> String {
        let wrong = match (self.n_strangers + self.n_wrong, self.wrong_totals.join("; ")) {
            (0, totals) if totals.is_empty() => "right".to_owned(),
            (n, totals) => format!("wrong for {n}; {totals}"),
        };
        format!(
            "{:>10} {:>8} {:>7} {:>15} {:>17} {:>17} {:>7}  {wrong}",
            self.n_recipients,
            self.n_refused,
            self.n_missed,
            self.n_repeated,
            self.n_unmarked,
            self.n_renamed,
            self.n_marked
        )
    }
}

impl fmt::Display for Reckoning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = if self.n_missed == 0 { "nobody".to_owned() } else { self.n_missed.to_string() };
        write!(
            out,
            "{missed} missed of {}; {} got it more than once ({} messages too many), {} of them NOT marked uncertain ({} are marked); {} \
             repeats under another Message-ID; {} strangers; log wrong for {}; totals {}",
            self.n_recipients,
            self.n_repeated,
            self.n_surplus,
            self.n_unmarked,
            self.n_marked,
            self.n_renamed,
            self.n_strangers,
            self.n_wrong,
            if self.wrong_totals.is_empty() { "right".to_owned() } else { self.wrong_totals.join("; ") }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(recipient: &str, message_id: &str) -> Taken {
        let [mail, rcpt, sender] = [""; 3].map(str::to_owned);
        Taken {
            message_id: message_id.to_owned(),
            mail,
            rcpt,
            sender,
            recipient: recipient.to_owned(),
            message: Vec::new(),
        }
    }

    fn entry(to: &str, state: &str, is_uncertain: bool) -> Entry {
        Entry { to: to.to_owned(), state: state.to_owned(), is_uncertain, n_tries: 1, reply: String::new() }
    }

    #[test]
    fn what_must_not_be_is_counted() {
        let addresses = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let log = [
            entry("a", "sent", true),
            entry("b", "sent", false),
            entry("c", "sent", false),
            entry("d", "failed", false),
            entry("e", "leased", false),
        ];
        let taken =
            [taken("a", "1"), taken("a", "1"), taken("b", "2"), taken("b", "3"), taken("b", "3"), taken("x", "4")];
        let standing = Standing { n_recipients: 5, n_sent: 2, n_failed: 1, n_uncertain: 1, ..Standing::default() };
        let reckoning = Reckoning::new(&addresses, &taken, &["d".to_owned()], &log, &standing);
        let expected = Reckoning {
            n_recipients: 5,
            n_refused: 1,
            n_missed: 2,
            n_repeated: 2,
            n_surplus: 3,
            n_unmarked: 1,
            n_renamed: 1,
            n_strangers: 1,
            n_wrong: 2,
            n_marked: 1,
            wrong_totals: vec!["sent: 3 rows, total 2".to_owned()],
        };
        assert_eq!(reckoning, expected);
        assert!(!reckoning.is_good());
    }
}
