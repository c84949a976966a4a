//! Merge tags and addresses: what is put in can neither break out of its place nor be searched for tags again, and a read address stays one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::domain::merge_tags::{Place, render};
use understudy_fuzz::model::email_address::EmailAddress;

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let mut n_asked = 0;
    let n = std::cell::Cell::new(0_usize);
    let value_of = |group: &str, name: &str| {
        n.set(n.get() + 1);
        (group == "S" && name == "V").then(|| value.to_owned())
    };
    let html = render(text, Place::Html, &value_of);
    n_asked += n.get();
    // At most one question for each sign: one pass.
    assert!(n_asked <= text.matches('%').count());
    let n_put_in = text.len().abs_diff(text.replace("%S:V%", "").len()) / "%S:V%".len();
    if n_put_in == 0 {
        assert_eq!(html, text);
    } else if text == "%S:V%" {
        assert!(!html.contains(['<', '>', '"', '\'']));
        let header = render(text, Place::Header, &value_of);
        assert!(!header.contains(|c: char| c.is_control()));
        assert_eq!(render(text, Place::Plain, &value_of), value);
    }
    for candidate in [text, value] {
        if let Some(address) = EmailAddress::parse(candidate) {
            let entered = address.entered();
            assert!(!entered.contains(|c: char| c.is_control() || c.is_whitespace() || ",;<>()\"\\".contains(c)));
            assert!(entered.len() <= 254 && entered.matches('@').count() == 1);
            let again = EmailAddress::parse(entered).expect("what was read can be read");
            assert_eq!(again, address);
        }
    }
});
