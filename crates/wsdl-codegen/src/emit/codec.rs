//! Reading and writing of the types, by the kit's `Decode` and `Encode`.

use super::{Code, Uses, literal};
use crate::model::{Kind, Member, Occurs, Service, Struct};

/// Both directions of a struct.
pub fn structure(code: &mut Code, service: &Service, index: usize, uses: &Uses) {
    let Some(one) = service.structs.get(index) else { return };
    code.line(0, uses.reading(Kind::Struct(index)));
    reading(code, one);
    code.line(0, uses.writing(Kind::Struct(index)));
    code.line(0, format!("impl soap::encode::Encode for {} {{", one.rust));
    code.line(1, format!("const TYPE: soap::encode::TypeName = soap::encode::TypeName::Own({});", literal(&one.name)));
    let parameter = if one.members.is_empty() { "_out" } else { "out" };
    code.line(1, format!("fn encode(&self, {parameter}: &mut soap::encode::Writer) {{"));
    for member in &one.members {
        code.line(2, format!("out.{}({}, &self.{});", verb(member), literal(&member.name), member.rust));
    }
    code.line(1, "}");
    code.line(0, "}");
}

fn verb(member: &Member) -> &'static str {
    match member.occurs {
        Occurs::Many => "each",
        Occurs::Optional => "omittable",
        Occurs::One if member.nillable => "nillable",
        Occurs::One => "member",
    }
}

fn reading(code: &mut Code, one: &Struct) {
    code.line(0, format!("impl soap::decode::Decode for {} {{", one.rust));
    if one.is_list() {
        list(code, one);
    } else {
        members(code, one);
    }
    code.line(0, "}");
}

/// A list takes children of any name (R24).
fn list(code: &mut Code, one: &Struct) {
    let name = one.members.first().map_or("", |member| &member.rust);
    code.line(1, "fn decode(at: soap::decode::At<'_, '_>) -> Result<Self, soap::fault::Fault> {");
    code.line(2, format!("Ok(Self {{ {name}: at.items()? }})"));
    code.line(1, "}");
}

fn members(code: &mut Code, one: &Struct) {
    let names: Vec<String> = one.members.iter().map(|member| literal(&member.name)).collect();
    code.line(1, format!("const MEMBERS: &'static [&'static str] = &[{}];", names.join(", ")));
    code.line(1, "fn decode(at: soap::decode::At<'_, '_>) -> Result<Self, soap::fault::Fault> {");
    for member in &one.members {
        code.line(2, format!("let mut m_{} = None;", member.rust));
    }
    if one.members.is_empty() {
        code.line(2, "at.members(Self::MEMBERS, |_, _| Ok(()))?;");
    } else {
        code.line(2, "at.members(Self::MEMBERS, |member, value| match member {");
        for (i, member) in one.members.iter().enumerate() {
            code.line(3, format!("{i} => value.set(&mut m_{}),", member.rust));
        }
        code.line(3, "_ => Ok(()),");
        code.line(2, "})?;");
    }
    let fields: Vec<String> = one
        .members
        .iter()
        .map(|member| match member.is_optional() {
            true => format!("{0}: m_{0}", member.rust),
            false => format!("{0}: at.needed(m_{0}, {1})?", member.rust, literal(&member.name)),
        })
        .collect();
    code.line(2, format!("Ok(Self {{ {} }})", fields.join(", ")));
    code.line(1, "}");
}

/// Both directions of an enum.
pub fn enumeration(code: &mut Code, service: &Service, index: usize, uses: &Uses) {
    let Some(one) = service.enums.get(index) else { return };
    code.line(0, uses.reading(Kind::Enum(index)));
    code.line(0, format!("impl soap::decode::Decode for {} {{", one.rust));
    code.line(1, "fn decode(at: soap::decode::At<'_, '_>) -> Result<Self, soap::fault::Fault> {");
    code.line(2, "match at.text()?.trim() {");
    for word in &one.words {
        code.line(3, format!("{} => Ok(Self::{}),", literal(&word.value), word.rust));
    }
    let known: Vec<&str> = one.words.iter().map(|word| word.value.as_str()).collect();
    code.line(3, format!("_ => Err(at.bad({})),", literal(&format!("one of {}", known.join(", ")))));
    code.line(2, "}");
    code.line(1, "}");
    code.line(0, "}");
    code.line(0, uses.writing(Kind::Enum(index)));
    code.line(0, format!("impl soap::encode::Encode for {} {{", one.rust));
    code.line(1, format!("const TYPE: soap::encode::TypeName = soap::encode::TypeName::Own({});", literal(&one.name)));
    code.line(1, "fn encode(&self, out: &mut soap::encode::Writer) {");
    code.line(2, "out.text(match self {");
    for word in &one.words {
        code.line(3, format!("Self::{} => {},", word.rust, literal(&word.value)));
    }
    code.line(2, "});");
    code.line(1, "}");
    code.line(0, "}");
}
