//! Any text handed over for an import must be refused or come back row by row, in pieces within their bounds, with nothing lost.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use understudy_fuzz::domain::imports::{PIECE_BYTES, PIECE_ROWS};
use understudy_fuzz::importing::text::{self, Layout, MAX_COLUMNS};

#[derive(Debug, Arbitrary)]
struct Handed<'a> {
    terminator: &'a str,
    encloser: &'a str,
    max_bytes: u16,
    text: &'a [u8],
}

fuzz_target!(|handed: Handed<'_>| {
    let layout = Layout::parse(handed.terminator, handed.encloser).unwrap_or_default();
    let (mut n_rows, mut pieces) = (0_u64, Vec::new());
    let cut = text::cut(handed.text, layout, u64::from(handed.max_bytes), |piece| {
        pieces.push(piece);
        Ok(())
    });
    for piece in &pieces {
        assert!(piece.len() <= 2 * PIECE_BYTES && !piece.contains('\0'));
        let before = n_rows;
        text::rows(piece, |row| {
            n_rows += 1;
            assert!(!row.is_empty() && row.len() <= MAX_COLUMNS);
        })
        .expect("our own form is readable");
        assert!(n_rows - before <= PIECE_ROWS as u64 && n_rows > before);
    }
    if let Ok(shape) = cut {
        assert!(shape.n_rows == n_rows && n_rows > 0, "{} rows were seen, {n_rows} came back", shape.n_rows);
        assert!(shape.head.len() <= shape.n_columns && shape.n_columns <= MAX_COLUMNS);
        assert!(handed.text.len() <= usize::from(handed.max_bytes));
    }
});
