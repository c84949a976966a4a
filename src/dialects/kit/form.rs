//! PHP's request variables: what a site sent, by query, form, multipart or JSON, as one tree of names and texts.
//!
//! PHP sites and their libraries build requests for PHP's own rules (`a[]=1`, `a[b][c]=2`, last one wins, OE-1), so we read by those rules.

mod array;
mod charset;
mod collector;
mod json;
mod multipart;
mod name;
mod query;

pub use array::{Array, Node};
use charset::Charset;
use collector::Collector;

/// Bounds on what one request may hold. Every reader is linear in the bytes it gets and stops at the first bound passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body, and largest query, in bytes. Default 16 MiB.
    pub body_bytes: usize,
    /// Most variables in one request, counting query and body, files, and each member and item of JSON. Default 10,000.
    pub variables: usize,
    /// Most pairs of brackets in a name, most levels below the top object in JSON. Default 64, as PHP's `max_input_nesting_level`.
    /// A deeper form variable is dropped, a deeper JSON body is an error. JSON is never read deeper than 100 levels.
    pub depth: usize,
    /// Longest name in bytes, brackets included. A variable with a longer one is ignored. Default 1,024.
    pub key_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 16 * 1024 * 1024, variables: 10_000, depth: 64, key_bytes: 1_024 }
    }
}

/// Why a request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Query or body is over [`Limits::body_bytes`].
    #[error("request is larger than the limit")]
    TooLarge,
    /// More than [`Limits::variables`].
    #[error("request holds more variables than the limit")]
    TooManyVariables,
    /// Declared as `multipart/form-data`, but without boundary, cut short or with broken part headers.
    #[error("body is not well-formed multipart")]
    BadMultipart,
    /// Declared as JSON, or looking like an object without a declaration, but not JSON.
    #[error("body is not json")]
    NotJson,
    /// JSON, but a list, a text or a number where an object of parameters is needed.
    #[error("json body is not an object")]
    NotAnObject,
    /// JSON nested deeper than [`Limits::depth`].
    #[error("json body is nested deeper than the limit")]
    TooDeep,
}

/// What a request carried.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// Query and body variables, see [`read`].
    pub variables: Array,
    /// File parts of a multipart body in order; they are never variables.
    pub files: Vec<UploadedFile>,
    /// Whether the variables of the body came as JSON.
    pub body_was_json: bool,
}

/// A file part of a multipart body. A file input left empty (no file name) is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// Name of the form field as sent, brackets included.
    pub name: String,
    /// The client's file name without folders. Foreign text: never a path to write to.
    pub file_name: String,
    /// The content, untouched.
    pub bytes: Vec<u8>,
}

/// Reads a request as PHP fills `$_REQUEST`: the query first, then the body over it, where a variable of the body replaces the whole variable of
/// that name, arrays included. Variables of the body stand after those of the query.
///
/// The body counts only if `method_has_body`. Its type decides the reader:
/// - `application/x-www-form-urlencoded`, with or without a charset;
/// - `multipart/form-data`;
/// - `application/json`, `text/json`, `…+json`;
/// - none: JSON if it starts with `{`, otherwise urlencoded;
/// - any other type: the body holds no variables, as in PHP.
///
/// Bytes become text by the charset of the content type (the part's own in multipart); without one they are UTF-8, and text that is not valid
/// UTF-8 is windows-1252. A query is always read without a charset. NUL becomes U+FFFD.
///
/// # Errors
/// See [`FormError`]. Errors come before any variable is handed out: there is no half-read form.
pub fn read(
    method_has_body: bool,
    content_type: Option<&str>,
    query: &[u8],
    body: &[u8],
    limits: &Limits,
) -> Result<Form, FormError> {
    let body = if method_has_body { body } else { &[] };
    if query.len() > limits.body_bytes || body.len() > limits.body_bytes {
        return Err(FormError::TooLarge);
    }
    let content_type = content_type.unwrap_or_default();
    let mut collector = Collector::new(limits);
    query::read(query, Charset::Undeclared, &mut collector)?;
    let from_query = collector.take_variables();
    let kind = BodyKind::of(content_type, body);
    match kind {
        BodyKind::Nothing => {}
        BodyKind::Urlencoded => query::read(body, Charset::of_content_type(content_type), &mut collector)?,
        BodyKind::Multipart => multipart::read(body, content_type, &mut collector)?,
        BodyKind::Json => json::read(body, Charset::of_content_type(content_type), &mut collector)?,
    }
    let (from_body, files) = collector.finish();
    Ok(Form { variables: from_query.replaced_by(from_body), files, body_was_json: kind == BodyKind::Json })
}

/// Reads text in the form of a query string, `a=1&b[]=2`, by the rules of [`read`].
///
/// # Errors
/// [`FormError::TooLarge`] and [`FormError::TooManyVariables`].
pub fn read_query(query: &[u8], limits: &Limits) -> Result<Array, FormError> {
    read(false, None, query, &[], limits).map(|form| form.variables)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyKind {
    Nothing,
    Urlencoded,
    Multipart,
    Json,
}

impl BodyKind {
    fn of(content_type: &str, body: &[u8]) -> Self {
        let body = body.strip_prefix(charset::UTF8_MARK).unwrap_or(body).trim_ascii_start();
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            _ if body.is_empty() => Self::Nothing,
            "application/x-www-form-urlencoded" => Self::Urlencoded,
            "multipart/form-data" => Self::Multipart,
            "application/json" | "text/json" => Self::Json,
            "" if body.starts_with(b"{") => Self::Json,
            "" => Self::Urlencoded,
            other if other.ends_with("+json") => Self::Json,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
