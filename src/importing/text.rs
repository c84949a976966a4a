//! Foreign comma-separated text, read as a stream and written anew in one form: UTF-8, commas, double quotes, a line a row.
//!
//! Memory stays flat whatever the text: a piece at a time, and a row (an unclosed quote, say) is refused beyond [`ROW_BYTES`].

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::domain::imports::{PIECE_BYTES, PIECE_ROWS};

/// A longer row is refused, in bytes.
pub const ROW_BYTES: u64 = 1024 * 1024;
/// Columns beyond are dropped.
pub const MAX_COLUMNS: usize = 1_000;

/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Between fields.
    pub terminator: u8,
    /// Around fields; `None` for nothing.
    pub encloser: Option<u8>,
}

impl Default for Layout {
    fn default() -> Self {
        Self { terminator: b',', encloser: Some(b'"') }
    }
}

impl Layout {
    /// Reads what a client names: one ASCII character, or a word or escape for it (`tab`, `\t`, `semicolon`, `none` …). Empty is the default.
    /// `None` for anything else.
    #[must_use]
    pub fn parse(terminator: &str, encloser: &str) -> Option<Self> {
        let terminator = match terminator {
            "" => b',',
            text => character(text)?,
        };
        let encloser = match encloser.to_ascii_lowercase().as_str() {
            "" => Some(b'"'),
            "none" => None,
            text => Some(character(text)?),
        };
        let clash = encloser == Some(terminator) || matches!(terminator, b'\r' | b'\n');
        (!clash).then_some(Self { terminator, encloser })
    }
}

fn character(text: &str) -> Option<u8> {
    let word = text.to_ascii_lowercase();
    Some(match word.as_str() {
        "\\t" | "tab" | "%09" | "&#9;" => b'\t',
        "comma" => b',',
        "semicolon" => b';',
        "colon" => b':',
        "pipe" => b'|',
        "space" => b' ',
        "\\\"" | "&quot;" | "double quote" | "quote" => b'"',
        "\\'" | "&#039;" | "&#39;" | "single quote" | "apostrophe" => b'\'',
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && *byte != 0 => *byte,
            _ => return None,
        },
    })
}

/// Why a text cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// There is no row in it.
    #[error("no rows")]
    Empty,
    /// A row does not end, or the text is no text.
    #[error("not readable as separated text")]
    Unreadable,
    /// More bytes than allowed.
    #[error("larger than allowed")]
    TooLarge,
    /// The source broke off.
    #[error("reading failed")]
    Io(#[source] io::Error),
    /// Whoever took the pieces has stopped.
    #[error("nobody takes the pieces")]
    Gone,
}

/// What a text turned out to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The first row, or the names of a query's columns.
    pub head: Vec<String>,
    /// The widest row.
    pub n_columns: usize,
    /// Rows.
    pub n_rows: u64,
}

/// Reads rows and hands them on as pieces. Rows that are not UTF-8 are taken for windows-1252; blank lines are passed over.
///
/// # Errors
/// [`TextError`]; pieces handed on before stay valid.
pub fn cut(
    source: impl Read,
    layout: Layout,
    max_bytes: u64,
    mut take: impl FnMut(String) -> Result<(), TextError>,
) -> Result<Shape, TextError> {
    let since_row = Rc::new(Cell::new(0));
    let counted = Counted { source, since_row: Rc::clone(&since_row), total: 0, max_bytes };
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(layout.terminator).quoting(layout.encloser.is_some());
    let mut reader = reader.quote(layout.encloser.unwrap_or(b'"')).from_reader(counted);
    let (mut shape, mut cutter, mut row) = (Shape::default(), Cutter::default(), csv::ByteRecord::new());
    while reader.read_byte_record(&mut row).map_err(unreadable)? {
        since_row.set(0);
        let is_first = shape.n_rows == 0;
        if is_first
            && (row.get(0).is_some_and(|cell| cell.starts_with(&[0xFF, 0xFE]) || cell.starts_with(&[0xFE, 0xFF])))
        {
            return Err(TextError::Unreadable); // UTF-16
        }
        if row.len() == 1 && row[0].trim_ascii().is_empty() {
            continue;
        }
        let cells: Vec<Cow<'_, str>> = row.iter().take(MAX_COLUMNS).map(decode).collect();
        if is_first {
            shape.head = cells.iter().map(|cell| cell.clone().into_owned()).collect();
        }
        shape.n_rows += 1;
        shape.n_columns = shape.n_columns.max(cells.len());
        cutter.push(cells.iter().map(AsRef::as_ref)).into_iter().try_for_each(&mut take)?;
    }
    cutter.finish().into_iter().try_for_each(&mut take)?;
    if shape.n_rows == 0 { Err(TextError::Empty) } else { Ok(shape) }
}

fn unreadable(error: csv::Error) -> TextError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => TextError::TooLarge,
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => TextError::Unreadable,
        csv::ErrorKind::Io(error) => TextError::Io(error),
        _ => TextError::Unreadable,
    }
}

/// A cell as text that every database keeps: no NUL.
fn decode(cell: &[u8]) -> Cow<'_, str> {
    let text = match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0,
    };
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { text }
}

/// Counts what is read, so that neither a row nor the whole grows beyond its bound.
struct Counted<R> {
    source: R,
    since_row: Rc<Cell<u64>>,
    total: u64,
    max_bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)? as u64;
        self.since_row.set(self.since_row.get() + n);
        self.total += n;
        if self.total > self.max_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if self.since_row.get() > ROW_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(n as usize)
    }
}

/// Rows that are put in order together: what fits into some 5 MB.
const WINDOW_ROWS: usize = 65_536;
const WINDOW_BYTES: usize = 4 * 1024 * 1024;

/// Writes rows in the one form and cuts pieces between them.
///
/// Rows of more than one piece are put in the order of their addresses, a window at a time: a piece then touches few pages of the database's
/// indexes instead of one a row, which with addresses in no order is most of an import's cost. Rows of one address keep their order.
#[derive(Default)]
pub struct Cutter {
    text: String,
    rows: Vec<Row>,
}

/// Where a row and its address stand in the window's text.
#[derive(Clone, Copy)]
struct Row {
    start: usize,
    end: usize,
    address: (usize, usize),
}

impl Cutter {
    /// Adds a row; answers the pieces of a window that is full, otherwise none.
    pub fn push<'t>(&mut self, cells: impl Iterator<Item = &'t str>) -> Vec<String> {
        let start = self.text.len();
        let (mut address, mut is_alone) = ((start, start), true);
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            is_alone = at == 0 && cell.is_empty();
            if address.0 == address.1 && cell.contains('@') {
                address = (self.text.len(), self.text.len() + cell.len());
            }
            if cell.contains([',', '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        if is_alone {
            self.text.push_str("\"\""); // a row of one empty cell would be a blank line
        }
        self.text.push('\n');
        self.rows.push(Row { start, end: self.text.len(), address });
        if self.rows.len() >= WINDOW_ROWS || self.text.len() >= WINDOW_BYTES { self.take() } else { Vec::new() }
    }

    /// The pieces of the rows that are left.
    #[must_use]
    pub fn finish(mut self) -> Vec<String> {
        self.take()
    }

    fn take(&mut self) -> Vec<String> {
        let (text, mut rows) = (std::mem::take(&mut self.text), std::mem::take(&mut self.rows));
        if rows.len() > PIECE_ROWS {
            let bytes = text.as_bytes();
            let address = |row: &Row| bytes[row.address.0..row.address.1].iter().map(u8::to_ascii_lowercase);
            rows.sort_by(|one, other| address(one).cmp(address(other)));
        }
        let (mut pieces, mut piece, mut n_rows) = (Vec::new(), String::new(), 0);
        for row in rows {
            piece.push_str(&text[row.start..row.end]);
            n_rows += 1;
            if n_rows >= PIECE_ROWS || piece.len() >= PIECE_BYTES {
                pieces.push(std::mem::take(&mut piece));
                n_rows = 0;
            }
        }
        pieces.extend((n_rows > 0).then_some(piece));
        pieces
    }
}

/// Reads a piece back, row by row.
///
/// # Errors
/// [`TextError::Unreadable`] when it is not what [`Cutter`] wrote.
pub fn rows(piece: &str, mut row: impl FnMut(&csv::StringRecord)) -> Result<(), TextError> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).from_reader(piece.as_bytes());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(unreadable)? {
        row(&record);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_all(text: &[u8], layout: Layout) -> Result<(Shape, Vec<Vec<String>>), TextError> {
        let mut found = Vec::new();
        let shape = cut(text, layout, 1 << 30, |piece| {
            rows(&piece, |row| found.push(row.iter().map(str::to_owned).collect()))
        })?;
        Ok((shape, found))
    }

    #[test]
    fn rows_of_one_address_keep_their_order() {
        let mut text: String = (0..1_500).map(|n| format!("{n},\"{:04}@example.com\"\n", 9_999 - n)).collect();
        text.push_str("first,Zed@example.com\nsecond,zed@example.com\n\"a,b\",\"\"\"q\"\"@x\"\n");
        let (_, found) = cut_all(text.as_bytes(), Layout::default()).expect("text");
        assert_eq!(found.len(), 1_503);
        assert_eq!(found[0], ["a,b", "\"q\"@x"]);
        assert_eq!(found[1], ["1499", "8500@example.com"]);
        assert_eq!((found[1_501][0].as_str(), found[1_502][0].as_str()), ("first", "second"));
    }

    #[test]
    fn rows_come_back_as_they_were_meant() {
        let tabs = Layout::parse("\\t", "'").expect("layout");
        let (shape, found) = cut_all(b"a@b.co\t'it\"s, \t two\nlines'\r\n\r\n \nx\t\tz", tabs).expect("text");
        assert_eq!((shape.n_rows, shape.n_columns, shape.head[0].as_str()), (2, 3, "a@b.co"));
        assert_eq!(found, [vec!["a@b.co", "it\"s, \t two\nlines"], vec!["x", "", "z"]]);
        let (_, found) = cut_all("\u{FEFF}one\n\"\"\nzwei".as_bytes(), Layout::default()).expect("text");
        assert_eq!(found, [["one"], ["zwei"]]);
    }

    #[test]
    fn rows_that_are_not_utf8_are_windows_1252() {
        let (_, found) = cut_all(b"M\xFCller,\x80\nM\xC3\xBCller,\0", Layout::default()).expect("text");
        assert_eq!(found, [["Müller", "€"], ["Müller", "\u{FFFD}"]]);
    }

    #[test]
    fn terminators_and_enclosers_come_as_characters_and_words() {
        let layout = |terminator, encloser| Layout { terminator, encloser };
        for (terminator, encloser, want) in [
            ("", "", Some(layout(b',', Some(b'"')))),
            ("TAB", "none", Some(layout(b'\t', None))),
            (";", "single quote", Some(layout(b';', Some(b'\'')))),
            ("\t", "\\\"", Some(layout(b'\t', Some(b'"')))),
            ("||", "", None),
            ("é", "", None),
            ("\n", "", None),
            (",", "comma", None),
        ] {
            assert_eq!(Layout::parse(terminator, encloser), want, "{terminator:?} {encloser:?}");
        }
    }

    #[test]
    fn pieces_end_between_rows_and_a_row_has_an_end() {
        let text: String = (0..2_500).map(|n| format!("user{n}@example.com,x\n")).collect();
        let mut pieces = Vec::new();
        let shape = cut(text.as_bytes(), Layout::default(), 1 << 30, |piece| {
            pieces.push(piece);
            Ok(())
        });
        assert_eq!(shape.expect("text").n_rows, 2_500);
        assert_eq!(pieces.iter().map(|piece| piece.lines().count()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(pieces.concat().lines().collect::<Vec<_>>(), lines, "long texts are put in order");
        let endless = format!("a@b.co,\"{}", "x".repeat(2_000_000));
        assert!(matches!(cut_all(endless.as_bytes(), Layout::default()), Err(TextError::Unreadable)));
        assert!(matches!(cut_all(b"\n \n", Layout::default()), Err(TextError::Empty)));
        assert!(matches!(cut_all(b"\xFF\xFEa\0", Layout::default()), Err(TextError::Unreadable)));
        let small = cut(text.as_bytes(), Layout::default(), 1_000, |_| Ok(()));
        assert!(matches!(small, Err(TextError::TooLarge)));
    }
}
