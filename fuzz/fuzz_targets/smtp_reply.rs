//! Replies of mail servers: any lines are a reply within bounds or none; one that was read reads the same when it is written again, and has one class.
#![no_main]

use libfuzzer_sys::fuzz_target;
use understudy_fuzz::delivery::classify::{Words, find};
use understudy_fuzz::delivery::transport::Reply;
use understudy_fuzz::delivery::transport::replies::{KEPT_TEXT, MAX_LINE_BYTES, MAX_LINES, Step, Unfinished, reply};

/// The first reply of these lines, and how many of them it took.
fn read<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<(Reply, usize)> {
    let mut unfinished = Unfinished::default();
    for (place, line) in lines.enumerate() {
        match unfinished.take(line) {
            Ok(Step::More) => assert!(line.len() <= MAX_LINE_BYTES),
            Ok(Step::Whole(code, texts)) => {
                assert_eq!(texts.len(), place + 1);
                return Some((reply(code, &texts), place + 1));
            }
            Err(_) => return None,
        }
    }
    None
}

fuzz_target!(|raw: &[u8]| {
    let Some((first, n_lines)) = read(raw.split(|byte| *byte == b'\n')) else { return };
    assert!(n_lines <= MAX_LINES);
    assert!((200..600).contains(&first.code));
    assert!(first.text.chars().count() <= KEPT_TEXT && !first.text.chars().any(char::is_control));
    assert!(first.enhanced.is_none_or(|(class, ..)| u16::from(class) == first.code / 100));

    let enhanced = first.enhanced.map(|(class, subject, detail)| format!("{class}.{subject}.{detail} "));
    let written = format!("{} {}{}", first.code, enhanced.unwrap_or_default(), first.text);
    let (again, _) = read(std::iter::once(written.as_bytes())).expect("it was one");
    assert_eq!((again.code, again.enhanced, again.text.trim()), (first.code, first.enhanced, first.text.trim()));

    let class = |reply: &Reply| find(&Words { basic: Some(reply.code), enhanced: reply.enhanced, text: &reply.text });
    assert_eq!(class(&again), class(&first));
});
