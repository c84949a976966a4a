//! How a public page looks: a heading, some sentences, perhaps a form of few controls. Everything put in is escaped; nothing runs, nothing is loaded.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use url::Url;

const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#fff}\
main{max-width:34rem;margin:12vh auto;padding:0 1.25rem;overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.25}\
button{font:inherit;padding:.6rem 1.4rem;border:2px solid #0b4f9e;border-radius:.4rem;background:#0b4f9e;color:#fff;cursor:pointer}\
button,label,input{touch-action:manipulation}button.second{background:#fff;color:#0b4f9e}\
fieldset{border:0;margin:0 0 1rem;padding:0}legend{padding:0;font-weight:600}\
.choice{display:flex;gap:.75rem;align-items:center;min-height:2.75rem}.choice input{width:1.5rem;height:1.5rem;margin:0;flex:none}\
.line{display:block;margin:0 0 1rem}.line input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.5rem;border:2px solid #555;\
border-radius:.4rem}form button{margin:.5rem .5rem 0 0}\
button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid #f0a500;outline-offset:2px}";

/// What the page may do: use the one style sheet inside it, by its hash.
static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE.as_bytes()))));

/// A page for a person.
#[derive(Debug, Clone, Default, Template)]
#[template(
    ext = "html",
    source = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ title }}</title>
<style>{{ STYLE|safe }}</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{% for sentence in sentences %}<p>{{ sentence }}</p>
{% endfor %}{% if let Some(button) = button %}<form method="post" accept-charset="utf-8">
{% for (name, value) in hidden %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}{% for line in lines %}<label class="line">{{ line.label }}
<input type="{{ line.kind }}" name="{{ line.name }}" autocomplete="{{ line.autocomplete }}" maxlength="254"{% if line.is_required %} required{% endif %}></label>
{% endfor %}{% if !choices.is_empty() %}<fieldset>
<legend>{{ legend }}</legend>
{% for choice in choices %}<label class="choice"><input type="checkbox" name="{{ choice.name }}" value="{{ choice.value }}" checked> {{ choice.label }}</label>
{% endfor %}</fieldset>
{% endif %}<button type="submit">{{ button }}</button>
{% if let Some((label, name, value)) = second %}<button type="submit" class="second" name="{{ name }}" value="{{ value }}">{{ label }}</button>
{% endif %}</form>
{% endif %}{% if let Some((label, url)) = link %}<p><a href="{{ url }}">{{ label }}</a></p>
{% endif %}</main>
</body>
</html>
"#
)]
pub struct Page {
    title: String,
    sentences: Vec<String>,
    button: Option<&'static str>,
    hidden: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    legend: String,
    choices: Vec<Choice>,
    second: Option<(&'static str, &'static str, &'static str)>,
    link: Option<(&'static str, String)>,
}

/// A line to be filled in.
#[derive(Debug, Clone)]
pub struct Line {
    /// What people read before it.
    pub label: &'static str,
    /// Its name in the form.
    pub name: &'static str,
    /// Its HTML type.
    pub kind: &'static str,
    /// What a browser may fill in by itself, in HTML's words.
    pub autocomplete: &'static str,
    /// Whether it may stay empty.
    pub is_required: bool,
}

/// A box that is ticked at first.
#[derive(Debug, Clone)]
struct Choice {
    label: String,
    name: String,
    value: String,
}

impl Page {
    /// A page with a heading and one sentence.
    #[must_use]
    pub fn new(title: &str, sentence: impl Into<String>) -> Self {
        Self { title: title.to_owned(), sentences: vec![sentence.into()], ..Self::default() }
    }

    /// One more sentence.
    #[must_use]
    pub fn say(mut self, sentence: impl Into<String>) -> Self {
        self.sentences.push(sentence.into());
        self
    }

    /// A button that posts to the page's own address.
    #[must_use]
    pub fn button(mut self, label: &'static str) -> Self {
        self.button = Some(label);
        self
    }

    /// A value that the button sends along.
    #[must_use]
    pub fn hide(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push((name, value.to_owned()));
        self
    }

    /// A line to be filled in, above the button.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// What the boxes are about.
    #[must_use]
    pub fn legend(mut self, text: impl Into<String>) -> Self {
        self.legend = text.into();
        self
    }

    /// A box that is ticked at first, above the button.
    #[must_use]
    pub fn choice(mut self, label: &str, name: impl Into<String>, value: &str) -> Self {
        self.choices.push(Choice { label: label.to_owned(), name: name.into(), value: value.to_owned() });
        self
    }

    /// Another button behind the first, that sends its own value along.
    #[must_use]
    pub fn second(mut self, label: &'static str, name: &'static str, value: &'static str) -> Self {
        self.second = Some((label, name, value));
        self
    }

    /// A link to another page of ours, below everything.
    #[must_use]
    pub fn link(mut self, label: &'static str, url: String) -> Self {
        self.link = Some((label, url));
        self
    }

    /// The page as an answer. One with a button may not be framed, so that nobody is lured into pressing it; others may, because customers
    /// have their forms answer into frames. A button may lead on to the page of the list's owner, which browsers count as a form's target.
    #[must_use]
    pub fn answer(&self, status: StatusCode) -> HttpResponse {
        let Ok(body) = self.render() else {
            return HttpResponse::InternalServerError().finish();
        };
        let rest = match self.button {
            Some(_) => "form-action 'self' https: http:; frame-ancestors 'none'",
            None => "form-action 'none'",
        };
        let policy = format!("default-src 'none'; style-src {}; base-uri 'none'; {rest}", *STYLE_SOURCE);
        HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(body)
    }

    /// Sends the visitor on to a page of the list's owner, or shows this one when there is none that can be used (OE-13.2).
    #[must_use]
    pub fn or_go_to(&self, page_url: &str) -> HttpResponse {
        match usable(page_url) {
            None => self.answer(StatusCode::OK),
            Some(url) => HttpResponse::Found()
                .insert_header((header::LOCATION, url.as_str()))
                .insert_header((header::REFERRER_POLICY, "no-referrer"))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish(),
        }
    }
}

/// A web address that a visitor may be sent to: absolute, `http` or `https`. Never one that came with the request.
fn usable(page_url: &str) -> Option<Url> {
    let url = Url::parse(page_url.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The request could not be read.
#[must_use]
pub fn illegible() -> HttpResponse {
    Page::new("This did not arrive", "The form could not be read. Please go back and try again.")
        .answer(StatusCode::BAD_REQUEST)
}

/// The server failed. The chain is logged, the visitor learns only that trying again may help.
#[must_use]
pub fn failed(error: &(dyn std::error::Error + 'static)) -> HttpResponse {
    tracing::error!(error, "a public page failed");
    Page::new("Something went wrong", "Nothing was changed. Please try again in a moment.")
        .answer(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A link that unsubscribes or the like, whose token is wrong or old: whoever came here may have the right ones mailed.
#[must_use]
pub fn lost_link() -> HttpResponse {
    Page::new("This link does not work any more", "Type your e-mail address, and we send you links that do.")
        .line(Line {
            label: "E-mail address",
            name: "address",
            kind: "email",
            autocomplete: "email",
            is_required: true,
        })
        .button("Send me the links")
        .answer(StatusCode::OK)
}

/// What everybody sees who asked for the links, whether or not the address is known.
#[must_use]
pub fn links_sent() -> HttpResponse {
    Page::new("Please look into your mailbox", "If the address is on a list, the links are on their way.")
        .answer(StatusCode::OK)
}

/// A link whose token is wrong, or whose subject is gone.
#[must_use]
pub fn no_link() -> HttpResponse {
    Page::new("This link does not work", "It is incomplete or no longer good. Please copy it whole from the message.")
        .answer(StatusCode::NOT_FOUND)
}

/// The list is gone, or was never there.
#[must_use]
pub fn no_list() -> HttpResponse {
    Page::new("No such list", "This list does not exist, or does not take subscriptions any more.")
        .answer(StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_put_in_is_escaped() {
        let evil = "<script>alert(\"1\")</script>'";
        let page = Page::new(evil, evil).button("Go").hide("FormValue_ListID", evil);
        let made = page.render().expect("page");
        assert!(!made.contains("<script") && !made.contains("alert(\""), "{made}");
        assert!(made.contains(&format!("<style>{STYLE}</style>")), "the policy's hash is of this text");
    }

    #[test]
    fn only_web_addresses_are_gone_to() {
        for good in ["https://example.org/thanks?a=1", " http://example.org "] {
            let answer = Page::new("t", "s").or_go_to(good);
            assert_eq!(answer.status(), StatusCode::FOUND, "{good}");
        }
        for bad in ["", "javascript:alert(1)", "//example.org", "/thanks", "data:text/html,x", "ftp://example.org"] {
            assert_eq!(Page::new("t", "s").or_go_to(bad).status(), StatusCode::OK, "{bad}");
        }
    }

    #[test]
    fn a_page_with_a_button_cannot_be_framed() {
        let policy = |page: &Page| {
            let answer = page.answer(StatusCode::OK);
            answer.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned()
        };
        assert!(policy(&Page::new("t", "s").button("Go")).contains("frame-ancestors 'none'"));
        assert!(policy(&Page::new("t", "s")).starts_with("default-src 'none'; style-src 'sha256-"));
    }
}
