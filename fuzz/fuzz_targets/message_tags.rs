//! Tags of messages in versions: any text can be read, what is put in cannot break out of its place nor be searched for tags again, and nothing is lost.
#![no_main]

use std::cell::Cell;

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::domain::merge_tags::Place;
use understudy_fuzz::domain::tags::{Compiled, MAX_TAG_BYTES, Tag};

/// What stands for each tag; none of its signs is in a text of the fuzzer's by chance as often as all of them together.
const VALUE: &str = "<[[=Contact.f_X;]]%S:V%\r\n\u{1}>";

fuzz_target!(|text: &str| {
    let compiled = Compiled::new(text);
    let n_tags = compiled.tags().count();
    assert!(n_tags <= text.matches("[[=").count());
    for tag in compiled.tags() {
        if let Tag::Contact(name) | Tag::Parameter(name) = tag {
            assert!(!name.is_empty() && name.len() <= MAX_TAG_BYTES);
        }
    }
    let n_asked = Cell::new(0);
    let value_of = |_: &Tag| {
        n_asked.set(n_asked.get() + 1);
        Some(VALUE.to_owned())
    };
    let nothing = |_: &Tag| None;
    let no_merge = |_: &str, _: &str| None;
    let plain = compiled.render(Place::Plain, &value_of, &no_merge);
    assert_eq!(n_asked.get(), n_tags, "each tag is asked for once, whatever is put in");
    let emptied = compiled.render(Place::Plain, &nothing, &no_merge);
    assert_eq!(plain.len(), emptied.len() + n_tags * VALUE.len());
    // Without tags a text comes back as it was.
    if n_tags == 0 {
        assert_eq!(emptied, text);
    }
    let header = compiled.render(Place::Header, &value_of, &no_merge);
    assert!(!header.contains(|c: char| c.is_control()));
    let html = compiled.render(Place::Html, &value_of, &no_merge);
    assert_eq!(html.matches(['<', '>']).count(), emptied.matches(['<', '>']).count(), "nothing put in is markup");
});
