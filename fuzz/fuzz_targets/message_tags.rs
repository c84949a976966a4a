//! Texts of messages: any can be read, what is put in cannot break out of its place nor be searched for tags again, nothing is lost, and any HTML has a
//! text part.
#![no_main]

use std::cell::Cell;

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::domain::letters::text_part;
use understudy_fuzz::domain::tags::{Bound, MAX_TAG_BYTES, Place, Tag, Template};

/// What stands for each tag; none of its signs is in a text of the fuzzer's by chance as often as all of them together.
const VALUE: &str = "<[[=Contact.f_X;]]%S:V%\r\n\u{1}>";

fuzz_target!(|text: &str| {
    let template = Template::new(text, Place::Plain);
    let n_tags = template.tags().count();
    for tag in template.tags() {
        if let Tag::Contact(name) | Tag::Parameter(name) = tag {
            assert!(!name.is_empty() && name.len() <= MAX_TAG_BYTES);
        }
    }
    let n_asked = Cell::new(0);
    let value_of = |_: &Tag| {
        n_asked.set(n_asked.get() + 1);
        Some(VALUE.to_owned())
    };
    let plain = template.render(value_of);
    assert_eq!(n_asked.get(), n_tags, "each tag is asked for once, whatever is put in");
    let emptied = template.render(|_| Some(String::new()));
    // Inside an address a value grows.
    assert!(plain.len() >= emptied.len() + n_tags * VALUE.len());
    // Without values a text comes back as it was, but for tags of the other wire.
    if !text.contains("[[=") {
        assert_eq!(template.render(|_| None), text);
    }
    let header = Template::new(text, Place::Header).render(value_of);
    assert!(!header.contains(|c: char| c.is_control()));
    let html = Template::new(text, Place::Html);
    let put_in = html.render(value_of);
    let emptied = html.render(|_| Some(String::new()));
    assert_eq!(put_in.matches(['<', '>', '"', '\'']).count(), emptied.matches(['<', '>', '"', '\'']).count(), "markup was put in");
    // Bound before or put in at once: the same.
    let bound = html.bind(|_| Bound::Value(()));
    assert_eq!(bound.fill(|()| VALUE.into()), put_in);
    let shown = text_part::of_html(text);
    assert!(shown.len() <= text.len() * 4 + 64, "a text part that grows");
});
