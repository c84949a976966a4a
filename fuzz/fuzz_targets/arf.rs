//! Complaints: any text is read within bounds; what is acted on is one of the kinds that are, and addresses are addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::delivery::inbound::{arf, mime};

fuzz_target!(|text: &str| {
    if let Some(report) = arf::read_report(text) {
        assert!(!report.kind.is_empty() && report.kind == report.kind.to_ascii_lowercase());
        assert!(report.recipients.iter().all(|address| address.contains('@') && !address.contains(char::is_control)));
        let wrapped = format!(
            "Content-Type: multipart/report; report-type=feedback-report; boundary=FuZz\r\n\r\n--FuZz\r\n\
             Content-Type: message/feedback-report\r\n\r\nFeedback-Type: {}\r\nVersion: 1\r\n\r\n--FuZz--\r\n",
            report.kind
        );
        let message = mime::open(mime::bounded(wrapped.as_bytes())).expect("a mail");
        let again = arf::read(&message).expect("a report");
        assert_eq!((again.is_complaint(), again.kind), (report.is_complaint(), report.kind));
    }
});
