//! An own small reader for the comparison, so that the layer under test does not judge itself.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// An element with its attributes by local name.
#[derive(Debug, Default, Clone)]
pub struct Element {
    /// Its local name.
    pub name: String,
    /// Its namespace, as declared by an `xmlns` that is in scope.
    pub namespace: String,
    /// Its own text.
    pub text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

/// Reads a document.
pub fn read(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    let mut scopes: Vec<Vec<(String, String)>> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => open.push(element(&tag, &mut scopes)),
            Event::Empty(tag) => {
                let one = element(&tag, &mut scopes);
                scopes.pop();
                open.last_mut().ok_or("no parent")?.children.push(one);
            }
            Event::End(_) => {
                scopes.pop();
                let closed = open.pop().ok_or("no start")?;
                open.last_mut().ok_or("no parent")?.children.push(closed);
            }
            Event::Text(text) => open.last_mut().ok_or("no parent")?.text.push_str(&text.into_inner()),
            Event::CData(text) => open.last_mut().ok_or("no parent")?.text.push_str(&text.into_inner()),
            Event::GeneralRef(name) => {
                let name = name.into_inner();
                let sign = match name.as_ref() {
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "amp" => "&".to_owned(),
                    "quot" => "\"".to_owned(),
                    other => number(other).map(String::from).unwrap_or_default(),
                };
                open.last_mut().ok_or("no parent")?.text.push_str(&sign);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    open.pop().and_then(|mut document| document.children.pop()).ok_or_else(|| "no root".to_owned())
}

fn number(reference: &str) -> Option<char> {
    let digits = reference.strip_prefix('#')?;
    let code = match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    code.ok().and_then(char::from_u32)
}

fn element(tag: &BytesStart<'_>, scopes: &mut Vec<Vec<(String, String)>>) -> Element {
    let (mut attributes, mut declared) = (Vec::new(), Vec::new());
    for attribute in tag.attributes().flatten() {
        let (key, value) = (attribute.key.as_ref(), attribute.value.into_owned());
        match key.strip_prefix("xmlns") {
            Some(prefix) => declared.push((prefix.trim_start_matches(':').to_owned(), value)),
            None => attributes.push((key.rsplit(':').next().unwrap_or(key).to_owned(), value)),
        }
    }
    scopes.push(declared);
    let whole = tag.name().as_ref().to_owned();
    let (prefix, name) = whole.split_once(':').unwrap_or(("", &whole));
    let found = scopes.iter().rev().flatten().find(|(known, _)| known == prefix);
    Element {
        name: name.to_owned(),
        namespace: found.map(|(_, uri)| uri.clone()).unwrap_or_default(),
        attributes,
        ..Element::default()
    }
}

impl Element {
    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first element in the Body.
    pub fn call(&self) -> Option<&Element> {
        self.child("Body")?.children.first()
    }

    /// The local part of the fault's code, in the words of SOAP 1.1.
    pub fn fault_code(&self) -> Option<String> {
        let fault = self.call().filter(|call| call.name == "Fault")?;
        let code = match fault.child("faultcode") {
            Some(code) => code.text.clone(),
            None => fault.child("Code")?.child("Value")?.text.clone(),
        };
        let local = code.rsplit(':').next().unwrap_or_default();
        Some(match local {
            "Sender" => "Client".to_owned(),
            "Receiver" => "Server".to_owned(),
            other => other.to_owned(),
        })
    }

    /// The sentence of a fault.
    pub fn fault_text(&self) -> Option<String> {
        let fault = self.call().filter(|call| call.name == "Fault")?;
        let text = fault.child("faultstring").or_else(|| fault.child("Reason")?.child("Text"))?;
        Some(text.text.clone())
    }

    /// The values in the Body, without order: the texts of elements without children, references followed.
    pub fn values(&self) -> Vec<String> {
        let mut values = Vec::new();
        if let Some(call) = self.call() {
            self.gather(call, 0, &mut values);
        }
        values.sort();
        values
    }

    /// The same of each header block, with its name.
    pub fn blocks(&self) -> Vec<(String, Vec<String>)> {
        let blocks = self.child("Header").map_or(&[][..], |header| header.children.as_slice());
        let read = |block: &Element| {
            let mut values = Vec::new();
            self.gather(block, 0, &mut values);
            (format!("{{{}}}{}", block.namespace, block.name), values)
        };
        blocks.iter().map(read).collect()
    }

    fn gather(&self, at: &Element, depth: usize, values: &mut Vec<String>) {
        let attribute = |name: &str| at.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        if let Some(name) = attribute("href").or_else(|| attribute("ref"))
            && depth < 30
            && let Some(target) = self.find(name.trim_start_matches('#'))
        {
            return self.gather(target, depth + 1, values);
        }
        // The name of SOAP 1.2's result and the keys of a Map are none of the values.
        let is_value =
            |child: &&Element| child.namespace != "http://www.w3.org/2003/05/soap-rpc" && child.name != "key";
        for child in at.children.iter().filter(is_value) {
            self.gather(child, depth + 1, values);
        }
        if at.children.is_empty() && !at.text.trim().is_empty() {
            values.push(at.text.trim().to_owned());
        }
    }

    fn find(&self, id: &str) -> Option<&Element> {
        if self.attributes.iter().any(|(name, value)| name == "id" && value == id) {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(id))
    }
}

/// Whether values mean the same: numbers by value, booleans in both spellings, bytes in hexadecimal in any case.
pub fn are_same(ours: &[String], theirs: &[String]) -> bool {
    let plain = |value: &String| match value.as_str() {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        text => match text.parse::<f64>() {
            Ok(number) => number.to_string(),
            Err(_) => text.to_lowercase(),
        },
    };
    let sorted = |values: &[String]| {
        let mut values: Vec<String> = values.iter().map(plain).collect();
        values.sort();
        values
    };
    sorted(ours) == sorted(theirs)
}
