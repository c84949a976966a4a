//! Merge tags and addresses: what is put in can neither break out of its place nor be searched for tags again, and a read address stays one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::domain::tags::{Place, Tag, Template};
use understudy_fuzz::model::email_address::EmailAddress;

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let template = Template::new(text, Place::Html);
    let is_known = |tag: &Tag| matches!(tag, Tag::Merge { group, name } if group == "S" && name == "V");
    let value_of = |tag: &Tag| is_known(tag).then(|| value.to_owned());
    // At most one tag for each sign: one pass.
    assert!(template.tags().count() <= text.matches(['%', '[']).count());
    let html = template.render(value_of);
    if template.tags().count() == 0 {
        assert_eq!(html, text);
    } else if text == "%S:V%" {
        assert!(!html.contains(['<', '>', '"', '\'']));
        let header = Template::new(text, Place::Header).render(value_of);
        assert!(!header.contains(|c: char| c.is_control()));
        assert_eq!(Template::new(text, Place::Plain).render(value_of), value);
        let address = Template::new(text, Place::Address).render(value_of);
        assert!(address.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~@%".contains(&byte)));
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
