//! What may stand in a WSDL file, element by element, so that nothing is passed over in silence: yaserde skips what it does not know.

use std::collections::BTreeMap;

use xml::attribute::OwnedAttribute;
use xml::common::Position;
use xml::name::OwnedName;
use xml::reader::{EventReader, XmlEvent};

use crate::document::{SOAP, WSDL, XSD};
use crate::error::{Error, Place};

/// Prefixes of the file with their namespaces; QNames in attributes are resolved by it. Each prefix has one meaning in a file.
pub type Prefixes = BTreeMap<String, String>;

/// An element in its parent, and the attributes it may have.
struct Rule {
    /// Names from the root, with `w:`, `s:` and `x:` for WSDL, its SOAP binding and XML Schema.
    path: &'static str,
    attributes: &'static [&'static str],
}

const fn rule(path: &'static str, attributes: &'static [&'static str]) -> Rule {
    Rule { path, attributes }
}

const MEMBER: &[&str] = &["name", "type", "minOccurs", "maxOccurs", "nillable"];

/// Every path allowed below `w:definitions`, as the last two or three names.
const RULES: &[Rule] = &[
    rule("/w:definitions", &["name", "targetNamespace"]),
    rule("w:definitions/w:documentation", &[]),
    rule("w:definitions/w:types", &[]),
    rule("w:types/x:schema", &["targetNamespace", "elementFormDefault"]),
    rule("x:schema/x:element", &["name", "type"]),
    rule("x:schema/x:complexType", &["name"]),
    rule("x:complexType/x:annotation", &[]),
    rule("x:complexType/x:sequence", &[]),
    rule("x:sequence/x:element", MEMBER),
    rule("x:element/x:annotation", &[]),
    rule("x:annotation/x:documentation", &[]),
    rule("x:schema/x:simpleType", &["name"]),
    rule("x:simpleType/x:annotation", &[]),
    rule("x:simpleType/x:restriction", &["base"]),
    rule("x:restriction/x:enumeration", &["value"]),
    rule("x:enumeration/x:annotation", &[]),
    rule("w:definitions/w:message", &["name"]),
    rule("w:message/w:part", &["name", "type", "element"]),
    rule("w:definitions/w:portType", &["name"]),
    rule("w:portType/w:operation", &["name"]),
    rule("w:operation/w:documentation", &[]),
    rule("w:operation/w:input", &["name", "message"]),
    rule("w:operation/w:output", &["name", "message"]),
    rule("w:operation/w:fault", &["name", "message"]),
    rule("w:definitions/w:binding", &["name", "type"]),
    rule("w:binding/s:binding", &["style", "transport"]),
    rule("w:binding/w:operation", &["name"]),
    rule("w:operation/s:operation", &["soapAction", "style"]),
    rule("w:input/s:body", &["use", "namespace"]),
    rule("w:output/s:body", &["use", "namespace"]),
    rule("w:fault/s:fault", &["name", "use"]),
    rule("w:definitions/w:service", &["name"]),
    rule("w:service/w:documentation", &[]),
    rule("w:service/w:port", &["name", "binding"]),
    rule("w:port/s:address", &["location"]),
];

/// What is often written elsewhere and has no place here, with what to do instead.
const HINTS: &[(&str, &str)] = &[
    ("import", "one document holds everything (W1)"),
    ("include", "one document holds everything (W1)"),
    ("choice", "members stand in a sequence; make each optional instead (W7)"),
    ("all", "members stand in a sequence (W7)"),
    ("complexType", "types are global and have names (W7)"),
    ("simpleType", "types are global and have names (W7)"),
    ("attribute", "values are elements (W7)"),
    ("any", "an open container is a member of type xsd:anyType (W8)"),
    ("complexContent", "types do not extend each other (W7)"),
    ("simpleContent", "types do not extend each other (W7)"),
    ("group", "members stand in a sequence (W7)"),
    ("header", "operations have no header blocks of their own"),
    ("ref", "elements name a type (W7)"),
    ("substitutionGroup", "there is no substitution (W7)"),
];

/// Walks the file once.
///
/// # Errors
/// The first element, attribute or prefix that is not provided for, with its line.
pub fn check(file: &str, text: &str) -> Result<Prefixes, Error> {
    let mut reader = EventReader::new(text.as_bytes());
    let mut open: Vec<String> = Vec::new();
    let mut prefixes = Prefixes::new();
    loop {
        let event = reader.next().map_err(|error| Error::Xml { file: file.to_owned(), reason: error.to_string() })?;
        let place = Place { file: file.to_owned(), line: reader.position().row + 1 };
        match event {
            XmlEvent::StartElement { name, attributes, namespace } => {
                let short = short(&name);
                let parent = open.last().map_or("", String::as_str);
                element(&place, parent, &short, &attributes)?;
                for (prefix, uri) in &namespace {
                    let known = prefixes.entry(prefix.to_owned()).or_insert_with(|| uri.to_owned());
                    if known != uri {
                        return Err(place.error(format!("prefix {prefix:?} changes its meaning inside of the file")));
                    }
                }
                open.push(short);
            }
            XmlEvent::EndElement { .. } => {
                open.pop();
            }
            XmlEvent::EndDocument => return Ok(prefixes),
            _ => {}
        }
    }
}

fn element(place: &Place, parent: &str, name: &str, attributes: &[OwnedAttribute]) -> Result<(), Error> {
    let path = format!("{parent}/{name}");
    let Some(rule) = RULES.iter().find(|rule| rule.path == path) else {
        let within = if parent.is_empty() { "the document".to_owned() } else { format!("`{parent}`") };
        return Err(place.error(format!("`{name}` cannot stand in {within}{}", hint(name))));
    };
    for attribute in attributes {
        let named = &attribute.name.local_name;
        if attribute.name.namespace.is_some() || !rule.attributes.contains(&named.as_str()) {
            return Err(place.error(format!("`{name}` cannot have the attribute `{named}`{}", hint(named))));
        }
    }
    Ok(())
}

fn hint(name: &str) -> String {
    let local = name.rsplit(':').next().unwrap_or(name);
    let found = HINTS.iter().find(|(word, _)| *word == local);
    found.map_or_else(String::new, |(_, advice)| format!(": {advice}"))
}

fn short(name: &OwnedName) -> String {
    let prefix = match name.namespace.as_deref() {
        Some(WSDL) => "w:",
        Some(SOAP) => "s:",
        Some(XSD) => "x:",
        Some(other) => return format!("{{{other}}}{}", name.local_name),
        None => "",
    };
    format!("{prefix}{}", name.local_name)
}
