//! Returned mails: any bytes are read within bounds, nobody is named without a signature, and a report that was written reads as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::delivery::inbound::reading::{Arrived, read};
use understudy_fuzz::delivery::inbound::recipient::Keys;
use understudy_fuzz::delivery::inbound::{dsn, fields, mime};
use understudy_fuzz::domain::returned::Says;

const KEYS: Keys<'_> = Keys { secret: "secret", domain: "bounces.example.org" };

fuzz_target!(|raw: &[u8]| {
    assert!(mime::bounded(raw).len() <= raw.len().min(mime::MAX_READ_BYTES));
    let returned = read(KEYS, Arrived { recipients: &[], sender: None, raw });
    assert_eq!(returned.posted, None, "48 bits do not come by chance");
    if let Says::Report(recipients) = &returned.says {
        assert!(!recipients.is_empty());
        for one in recipients {
            assert!(one.diagnostic.len() <= dsn::MAX_DIAGNOSTIC_BYTES);
            assert!(one.addresses.iter().all(|address| address.contains('@')));
        }
    }
    let text = String::from_utf8_lossy(raw);
    for group in fields::groups(&text) {
        assert!(group.get("action").is_none_or(|value| !value.is_empty() && !value.contains('\n')));
    }
    if let Some(report) = dsn::read_status(&text) {
        assert!(!report.recipients.is_empty());
        // The same fields behind further ones of the message; of very many groups the last is not read any more.
        if fields::groups(&text).len() >= 100 {
            return;
        }
        let more = dsn::read_status(&format!("Reporting-MTA: dns; a\n\n{text}")).expect("still a report");
        assert_eq!(more.recipients, report.recipients);
    }
});
