//! Recipients of returned mail: any address is read; one of ours that was rewritten as servers do is read as the same row; nobody makes one up.
#![no_main]

use libfuzzer_sys::{arbitrary, fuzz_target};
use understudy_fuzz::delivery::inbound::verp::{self, Way};
use understudy_fuzz::domain::envelope_senders::{Posted, address, read_token, token};
use understudy_fuzz::model::ids::{MailId, RecipientId};

const DOMAIN: &str = "bounces.example.org";

#[derive(Debug, arbitrary::Arbitrary)]
struct Input {
    text: String,
    id: i64,
    is_mail: bool,
    upper: u64,
    tag: String,
}

fuzz_target!(|input: Input| {
    // What is made up is nobody's: 48 bits do not come by chance.
    assert_eq!(verp::read("secret", &input.text, DOMAIN).and_then(Way::posted), None);
    assert_eq!(read_token("secret", &input.text), None);

    let id = input.id & i64::MAX;
    let posted = if input.is_mail { Posted::Mail(MailId(id)) } else { Posted::Recipient(RecipientId(id)) };
    let plain = address("secret", posted, DOMAIN);
    let cased: String = (0..)
        .zip(plain.chars())
        .map(|(place, c)| if input.upper >> (place % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c })
        .collect();
    let found = Some(Way::Bounce(Some(posted)));
    assert_eq!(verp::read("secret", &cased, DOMAIN), found);
    let token = token("secret", posted);
    let tag: String = input.tag.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    for rewritten in [
        format!("b={token}@{DOMAIN}"),
        format!("prvs={tag}=b-{token}@{DOMAIN}"),
        format!("SRS0={tag}=TT={DOMAIN}=b+{token}@{tag}.example"),
    ] {
        assert_eq!(verp::read("secret", &rewritten, DOMAIN), found, "{rewritten}");
    }
    assert_eq!(verp::read("other", &plain, DOMAIN), Some(Way::Bounce(None)));
});
