//! `HTMLCode`: lines of HTML, escaped as a whole so that a page can show them, unless `HTMLSpecialChars=false` (OE-9).

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::commands::list_integration::form::escape;
use crate::dialects::oempro::params::Params;

/// The answer's value. Lines never hold a line end of their own but where the HTML needs one.
#[must_use]
pub fn value(params: &Params, lines: Vec<String>) -> Value {
    let is_raw = params.truth("HTMLSpecialChars") == Some(false);
    let shown = lines.into_iter().map(|line| Value::Text(if is_raw { line } else { escape(&line) }));
    Value::List(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};

    #[test]
    fn code_is_escaped_unless_asked_otherwise() {
        let lines = || vec!["<b>\"x\" &amp;</b>".to_owned()];
        let shown = |query: &str| {
            value(&Params::new(read_query(query.as_bytes(), &Limits::default()).expect("good query")), lines())
        };
        let escaped = Value::List(vec![Value::Text("&lt;b&gt;&quot;x&quot; &amp;amp;&lt;/b&gt;".to_owned())]);
        assert_eq!(shown(""), escaped);
        assert_eq!(shown("HTMLSpecialChars=true"), escaped);
        assert_eq!(shown("HTMLSpecialChars=false"), Value::List(vec![Value::Text(lines()[0].clone())]));
    }
}
