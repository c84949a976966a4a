//! Reading what was answered: faults element by element, and whether an answer is the expected one and tells nothing of the inside.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::{Case, ENV11, ENV12, Expected, Service};
use crate::contract::http::Answer;

/// What stands in no answer: paths of sources, statements, names of types.
const INSIDE: [&str; 9] =
    ["src/", ".rs", "understudy::", "SELECT ", "INSERT ", "UPDATE ", "diesel", "panicked", "/etc/passwd"];

/// A fault that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `faultcode`, or the value of `Code`.
    pub code: String,
    /// The sentence for people.
    pub message: String,
    /// `ErrorCode` of the detail, if there is one.
    pub detail: Option<String>,
}

/// Checks an answer and says in a word what it was.
///
/// # Errors
/// What is wrong with it.
pub fn check(service: &Service, case: &Case, answer: &Answer) -> Result<String, String> {
    let text = answer.text();
    tells_nothing(&text)?;
    if service.private.iter().any(|word| text.contains(word.as_str())) {
        return Err(format!("it tells a secret: status {}", answer.status));
    }
    let wrong = |what: &str| Err(format!("{what}: status {}, {}", answer.status, beginning(&text)));
    let is_called_done = text.contains(service.done);
    match case.expected {
        Expected::Bare(status) if answer.status == status => Ok(format!("{status}, by the web server")),
        Expected::Bare(status) => wrong(&format!("not status {status}")),
        Expected::Fault(detail, status) => {
            let seen = read_fault(service.namespace, answer)?;
            match (seen.code.as_str(), seen.detail.as_deref(), answer.status) {
                ("SOAP-ENV:Client", Some(found), found_status) if found == detail && found_status == status => {
                    Ok(format!("{status} Client {detail}"))
                }
                _ => wrong(&format!("not status {status}, {detail}")),
            }
        }
        _ if answer.status != 200 => wrong("not answered"),
        expected => {
            elements(&text)?;
            match (expected, is_called_done, refusal(&text)) {
                (Expected::Done | Expected::Answered, true, _) => Ok("200 done".to_owned()),
                (Expected::Answered, false, Some(code)) => Ok(format!("200 {code}")),
                (Expected::Refused(wanted), false, Some(code)) if code == wanted => Ok(format!("200 {code}")),
                _ => wrong("not the expected result"),
            }
        }
    }
}

/// `ErrorCode` of a result.
fn refusal(text: &str) -> Option<&str> {
    text.split_once("<ErrorCode>")?.1.split_once("</ErrorCode>").map(|(code, _)| code)
}

/// Checks that nothing of the inside stands in an answer.
///
/// # Errors
/// What stands there.
pub fn tells_nothing(text: &str) -> Result<(), String> {
    match INSIDE.iter().find(|word| text.contains(**word)) {
        Some(word) => Err(format!("it tells of {word:?}: {}", beginning(text))),
        None => Ok(()),
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(600).collect()
}

/// Checks that an answer is a fault as its version has them, element by element, and reads it.
///
/// # Errors
/// What is wrong with it.
pub fn read_fault(namespace: &str, answer: &Answer) -> Result<Seen, String> {
    let text = answer.text();
    tells_nothing(&text)?;
    if !text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<") {
        return Err(format!("no XML: status {}, {}", answer.status, beginning(&text)));
    }
    let is_12 = text.contains(ENV12);
    let content_type = if is_12 { "application/soap+xml; charset=utf-8" } else { "text/xml; charset=utf-8" };
    if answer.header("content-type") != Some(content_type) {
        return Err(format!("content type {:?}: {}", answer.header("content-type"), beginning(&text)));
    }
    let elements = elements(&text)?;
    let mut wanted = if is_12 { paths_of_12(&text) } else { paths_of_11() };
    let find = |path: &str| elements.iter().find(|(known, _)| known == path).map(|(_, text)| text.clone());
    let [code, message, detail] = if is_12 {
        ["Fault/~Code/~Value", "Fault/~Reason/~Text", "Fault/~Detail"].map(|path| in_body(ENV12, &format!("~{path}")))
    } else {
        ["faultcode", "faultstring", "detail"].map(|path| in_body(ENV11, &format!("~Fault/{path}")))
    };
    let error = format!("{detail}/{{{namespace}}}Error");
    let detail_code = find(&format!("{error}/ErrorCode"));
    if detail_code.is_some() {
        wanted.extend([detail, error.clone(), format!("{error}/ErrorCode"), format!("{error}/ErrorMessage")]);
    }
    let paths: Vec<&str> = elements.iter().map(|(path, _)| path.as_str()).collect();
    match (find(&code), find(&message)) {
        (Some(code), Some(message)) if paths == wanted => Ok(Seen { code, message, detail: detail_code }),
        _ => Err(format!("not the elements of a fault: {}", beginning(&text))),
    }
}

/// A path in the Body; `~` stands for the envelope's namespace.
fn in_body(namespace: &str, path: &str) -> String {
    format!("/~Envelope/~Body/{path}").replace('~', &format!("{{{namespace}}}"))
}

fn paths_of_11() -> Vec<String> {
    let mut paths = vec![format!("/{{{ENV11}}}Envelope"), format!("/{{{ENV11}}}Envelope/{{{ENV11}}}Body")];
    paths.extend(["~Fault", "~Fault/faultcode", "~Fault/faultstring"].map(|path| in_body(ENV11, path)));
    paths
}

fn paths_of_12(text: &str) -> Vec<String> {
    let at = |path: &str| path.replace('~', &format!("{{{ENV12}}}"));
    let mut paths = vec![at("/~Envelope")];
    if text.contains("NotUnderstood") {
        paths.extend([at("/~Envelope/~Header"), at("/~Envelope/~Header/~NotUnderstood")]);
    }
    paths.push(at("/~Envelope/~Body"));
    let parts =
        ["", "/~Code", "/~Code/~Value", "/~Code/~Subcode", "/~Code/~Subcode/~Value", "/~Reason", "/~Reason/~Text"];
    let there = parts.iter().filter(|part| text.contains("Subcode") || !part.contains("Subcode"));
    paths.extend(there.map(|part| in_body(ENV12, &format!("~Fault{part}"))));
    paths
}

/// Every element of a document as a path of expanded names, with its own text.
///
/// # Errors
/// When it is not well-formed.
pub fn elements(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut reader = NsReader::from_str(text);
    let (mut open, mut seen): (Vec<usize>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    loop {
        let (ns, event) = reader.read_resolved_event().map_err(|error| format!("{error}: {}", beginning(text)))?;
        let space = match ns {
            ResolveResult::Bound(ns) => format!("{{{}}}", ns.into_inner()),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(format!("a prefix without a namespace: {}", beginning(text))),
        };
        let parent = open.last().map_or("", |i| seen[*i].0.as_str());
        let name = |local: &str| format!("{parent}/{space}{local}");
        match event {
            Event::Start(tag) => {
                let path = name(tag.local_name().as_ref());
                open.push(seen.len());
                seen.push((path, String::new()));
            }
            Event::Empty(tag) => {
                let path = name(tag.local_name().as_ref());
                seen.push((path, String::new()));
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(piece) => {
                if let Some(i) = open.last() {
                    seen[*i].1.push_str(&piece.into_inner());
                }
            }
            Event::GeneralRef(name) => {
                if let Some(i) = open.last() {
                    seen[*i].1.push_str(&format!("&{};", name.into_inner()));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match open.is_empty() {
        true => Ok(seen),
        false => Err(format!("an element is not closed: {}", beginning(text))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    const FAULT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
        <faultcode>SOAP-ENV:Client</faultcode><faultstring>too much</faultstring><detail><t:Error xmlns:t=\"urn:t\">\
        <ErrorCode>LimitExceeded</ErrorCode><ErrorMessage>too much</ErrorMessage></t:Error></detail></e:Fault></e:Body></e:Envelope>";
    const DONE: &str = "<r><Success>true</Success><ErrorCode/></r>";
    const REFUSED: &str = "<r><Success>false</Success><ErrorCode>KeyExpired</ErrorCode></r>";

    fn service() -> Service {
        Service {
            path: "/soap",
            namespace: "urn:t",
            operation: "op",
            needed: String::new(),
            number: ("n", "1".to_owned()),
            any: "any",
            any_needed: "",
            done: "<Success>true",
            deep_maps: Expected::Done,
            private: vec!["s3cret".to_owned()],
            n_calls: AtomicU32::new(0),
        }
    }

    fn checked(expected: Expected, status: u16, text: &str) -> Result<String, String> {
        let headers = vec![("content-type".to_owned(), "text/xml; charset=utf-8".to_owned())];
        let answer = Answer { status, headers, body: text.as_bytes().to_vec() };
        check(&service(), &Case::new("one", "", expected), &answer)
    }

    #[test]
    fn the_expected_answer_passes_and_no_other() {
        let answers = [(500, FAULT), (413, FAULT), (200, DONE), (200, REFUSED), (431, "")];
        for (expected, good) in [
            (Expected::LIMIT, &[0][..]),
            (Expected::TOO_LARGE, &[1]),
            (Expected::UNREADABLE, &[]),
            (Expected::Done, &[2]),
            (Expected::Answered, &[2, 3]),
            (Expected::Refused("KeyExpired"), &[3]),
            (Expected::Refused("KeyInactive"), &[]),
            (Expected::Bare(431), &[4]),
        ] {
            for (i, (status, text)) in answers.iter().enumerate() {
                let passed = checked(expected, *status, text);
                assert_eq!(passed.is_ok(), good.contains(&i), "{expected:?} {i}: {passed:?}");
            }
        }
    }

    #[test]
    fn a_fault_is_one_only_with_all_its_elements_and_nothing_of_the_inside() {
        for (from, to) in [
            ("<faultstring>too much</faultstring>", ""),
            ("<faultcode>", "<e:faultcode>"),
            ("</e:Body>", "<x/></e:Body>"),
            ("</e:Envelope>", ""),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", ""),
            ("too much", "thread panicked"),
            ("too much", "near \"SELECT \""),
            ("too much", "the key s3cret"),
            ("SOAP-ENV:Client", "SOAP-ENV:Server"),
        ] {
            let bad = FAULT.replace(from, to);
            assert!(bad != FAULT && checked(Expected::LIMIT, 500, &bad).is_err(), "{from} -> {to}");
        }
        assert!(checked(Expected::Done, 200, &DONE.replace("</r>", "</s>")).is_err(), "no XML");
    }
}
