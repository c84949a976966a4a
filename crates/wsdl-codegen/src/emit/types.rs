//! Structs and enums, with yaserde's derives for the tests.

use super::{Code, literal};
use crate::Oracle;
use crate::model::{Enum, Member, Occurs, Service, Struct};

/// A struct.
pub fn structure(code: &mut Code, service: &Service, one: &Struct, oracle: Oracle) {
    code.doc(0, &one.documentation, &format!("Type `{}` of the WSDL.", one.name));
    code.line(0, "#[derive(Debug, Clone, Default, PartialEq)]");
    derives(code, &one.name, oracle);
    if one.members.is_empty() {
        code.line(0, format!("pub struct {} {{}}", one.rust));
        return;
    }
    code.line(0, format!("pub struct {} {{", one.rust));
    for member in &one.members {
        code.doc(1, &member.documentation, &format!("Element `{}`.", member.name));
        if oracle == Oracle::InTests {
            code.line(1, format!("#[cfg_attr(test, yaserde(rename = {}))]", literal(&member.name)));
        }
        code.line(1, format!("pub {}: {},", member.rust, type_of(service, member)));
    }
    code.line(0, "}");
}

/// An enum. The first word is what `Default` gives.
pub fn enumeration(code: &mut Code, one: &Enum, oracle: Oracle) {
    code.doc(0, &one.documentation, &format!("Type `{}` of the WSDL.", one.name));
    code.line(0, "#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]");
    derives(code, &one.name, oracle);
    code.line(0, format!("pub enum {} {{", one.rust));
    for (i, word) in one.words.iter().enumerate() {
        code.doc(1, &word.documentation, &format!("`{}`", word.value));
        if i == 0 {
            code.line(1, "#[default]");
        }
        if oracle == Oracle::InTests {
            code.line(1, format!("#[cfg_attr(test, yaserde(rename = {}))]", literal(&word.value)));
        }
        code.line(1, format!("{},", word.rust));
    }
    code.line(0, "}");
}

fn derives(code: &mut Code, name: &str, oracle: Oracle) {
    if oracle == Oracle::InTests {
        code.line(0, "#[cfg_attr(test, derive(yaserde::YaSerialize, yaserde::YaDeserialize))]");
        code.line(0, format!("#[cfg_attr(test, yaserde(rename = {}))]", literal(name)));
    }
}

fn type_of(service: &Service, member: &Member) -> String {
    let plain = service.rust_of(member.kind);
    match member.occurs {
        Occurs::Many => format!("Vec<{plain}>"),
        _ if member.is_optional() => format!("Option<{plain}>"),
        _ => plain.to_owned(),
    }
}
