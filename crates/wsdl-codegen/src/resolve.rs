//! From the document to the model: names are resolved, and what the rules W2 to W11 ask of a service is checked.

use std::collections::BTreeMap;

use crate::document::{
    Annotation, Binding, BoundOperation, ComplexType, Definitions, Direction, Element, Message, Operation, Part,
    PortType, Schema, SimpleType, XSD,
};
use crate::error::Error;
use crate::model::{self, Enum, FaultElement, Kind, Member, Occurs, Scalar, Service, Struct, Word};
use crate::naming::{fold, pascal, safe, snake};
use crate::vocabulary::Prefixes;

/// The only transport there is.
const HTTP: &str = "http://schemas.xmlsoap.org/soap/http";

/// Reads the model out of a document.
///
/// # Errors
/// [`Error::Rule`], naming the thing and the rule it breaks.
pub fn resolve(file: &str, document: &Definitions, prefixes: &Prefixes) -> Result<Service, Error> {
    let namespace = document.target_namespace.clone().unwrap_or_default();
    let reading = Reading { file, prefixes, namespace: &namespace };
    if namespace.is_empty() {
        return reading.fail("definitions", "targetNamespace is missing (W7)");
    }
    let schemas: Vec<&Schema> = document.types.iter().flat_map(|types| &types.schemas).collect();
    let schema = *reading.only("schema", &schemas)?;
    let (structs, enums, names) = reading.types(schema)?;
    let port_type = reading.only("portType", &document.port_types)?;
    let service = reading.only("service", &document.services)?;
    let binding = reading.only("binding", &document.bindings)?;
    let mut model = Service {
        name: reading.named("service", service.name.as_ref())?,
        documentation: tidy(service.documentation.as_ref().or(document.documentation.as_ref())),
        namespace: namespace.clone(),
        structs,
        enums,
        fault: None,
        operations: Vec::new(),
    };
    for operation in &port_type.operations {
        let (operation, fault) = reading.operation(operation, document, schema, &names)?;
        if let Some(fault) = fault {
            if model.fault.as_ref().is_some_and(|known| *known != fault) {
                return reading.fail(&format!("operation {}", operation.name), "all operations declare the same fault");
            }
            model.fault = Some(fault);
        }
        model.operations.push(operation);
    }
    reading.binding(binding, port_type, &model)?;
    reading.port(document, binding)?;
    reading.finite(&model)?;
    reading.apart(&model)?;
    Ok(model)
}

struct Reading<'r> {
    file: &'r str,
    prefixes: &'r Prefixes,
    namespace: &'r str,
}

type Names = BTreeMap<String, Kind>;

impl Reading<'_> {
    fn fail<T>(&self, what: &str, reason: impl Into<String>) -> Result<T, Error> {
        Err(Error::Rule { file: self.file.to_owned(), what: what.to_owned(), reason: reason.into() })
    }

    fn only<'t, T>(&self, what: &str, found: &'t [T]) -> Result<&'t T, Error> {
        match found {
            [only] => Ok(only),
            _ => self.fail(what, format!("exactly one is wanted, {} stand here", found.len())),
        }
    }

    fn named(&self, what: &str, name: Option<&String>) -> Result<String, Error> {
        match name {
            Some(name) if is_name(name) => Ok(name.clone()),
            Some(name) => self.fail(what, format!("{name:?} is no name: letters, digits, `.`, `-` and `_` are")),
            None => self.fail(what, "it has no name"),
        }
    }

    /// The namespace and local part of a QName in an attribute.
    fn qname<'q>(&self, what: &str, name: &'q str) -> Result<(&str, &'q str), Error> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        match self.prefixes.get(prefix) {
            Some(uri) => Ok((uri, local)),
            None => self.fail(what, format!("prefix of {name:?} is not declared")),
        }
    }

    /// The local part of a QName that must be of the target namespace.
    fn own<'q>(&self, what: &str, name: Option<&'q String>) -> Result<&'q str, Error> {
        let Some(name) = name else { return self.fail(what, "it names no other part of the file") };
        let (uri, local) = self.qname(what, name)?;
        if uri == self.namespace { Ok(local) } else { self.fail(what, format!("{name:?} is not of this file (W7)")) }
    }

    fn types(&self, schema: &Schema) -> Result<(Vec<Struct>, Vec<Enum>, Names), Error> {
        if schema.target_namespace.as_deref() != Some(self.namespace) {
            return self.fail("schema", "its targetNamespace is not that of the definitions (W7)");
        }
        if schema.element_form.as_deref().is_some_and(|form| form != "unqualified") {
            return self.fail("schema", "elementFormDefault must be unqualified (W3)");
        }
        let mut names = Names::new();
        let named = |one: &Option<String>, what: &str| self.named(what, one.as_ref());
        for (i, one) in schema.complex_types.iter().enumerate() {
            names.insert(named(&one.name, "complexType")?, Kind::Struct(i));
        }
        for (i, one) in schema.simple_types.iter().enumerate() {
            names.insert(named(&one.name, "simpleType")?, Kind::Enum(i));
        }
        if names.len() != schema.complex_types.len() + schema.simple_types.len() {
            return self.fail("schema", "two types have one name");
        }
        let structs = schema.complex_types.iter().map(|one| self.complex(one, &names)).collect::<Result<_, _>>()?;
        let enums = schema.simple_types.iter().map(|one| self.simple(one)).collect::<Result<_, _>>()?;
        Ok((structs, enums, names))
    }

    fn kind(&self, what: &str, name: Option<&String>, names: &Names) -> Result<Kind, Error> {
        let Some(name) = name else { return self.fail(what, "it has no type; types are global and named (W7)") };
        let (uri, local) = self.qname(what, name)?;
        let found = if uri == XSD {
            Scalar::of_schema(local).map(Kind::Scalar)
        } else if uri == self.namespace {
            names.get(local).copied()
        } else {
            None
        };
        match found {
            Some(kind) => Ok(kind),
            None => {
                let known: Vec<&str> = Scalar::ALL.iter().map(|(_, word, _)| *word).collect();
                self.fail(what, format!("type {name:?} is not known; of XML Schema there are {}", known.join(", ")))
            }
        }
    }

    fn complex(&self, one: &ComplexType, names: &Names) -> Result<Struct, Error> {
        let name = one.name.clone().unwrap_or_default();
        let what = format!("complexType {name}");
        if name.starts_with("ArrayOf") {
            return self.fail(&what, "lists are not named ArrayOf… (W7)");
        }
        let elements = match one.sequences.as_slice() {
            [] => &[][..],
            [only] => &only.elements,
            _ => return self.fail(&what, "one sequence is wanted"),
        };
        let members: Vec<Member> =
            elements.iter().map(|element| self.member(&name, element, names)).collect::<Result<_, _>>()?;
        for (i, member) in members.iter().enumerate() {
            let others = members.iter().take(i);
            if let Some(other) =
                others.into_iter().find(|other| fold(&other.name) == fold(&member.name) || other.rust == member.rust)
            {
                return self.fail(&what, format!("members {} and {} are one name (W11)", other.name, member.name));
            }
        }
        if members.len() > 64 {
            return self.fail(&what, "at most 64 members");
        }
        if members.len() > 1 && members.iter().any(|member| member.occurs == Occurs::Many) {
            return self.fail(&what, "a repeating member stands alone in a type of its own (W7)");
        }
        Ok(Struct { rust: pascal(&name), documentation: noted(one.annotation.as_ref()), members, name })
    }

    fn member(&self, of: &str, element: &Element, names: &Names) -> Result<Member, Error> {
        let name = self.named(&format!("an element of complexType {of}"), element.name.as_ref())?;
        let what = format!("element {name} of complexType {of}");
        let min = element.min_occurs.as_deref().unwrap_or("1");
        let max = element.max_occurs.as_deref().unwrap_or("1");
        let occurs = match (min, max) {
            ("1", "1") => Occurs::One,
            ("0", "1") => Occurs::Optional,
            ("0", "unbounded") => Occurs::Many,
            _ => {
                return self
                    .fail(&what, format!("minOccurs {min} with maxOccurs {max}: there are 1/1, 0/1, 0/unbounded"));
            }
        };
        let nillable = match element.nillable.as_deref() {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(other) => return self.fail(&what, format!("nillable is {other:?}")),
        };
        if nillable && occurs != Occurs::One {
            return self.fail(&what, "a member is optional or nillable, not both");
        }
        let kind = self.kind(&what, element.type_name.as_ref(), names)?;
        Ok(Member {
            rust: snake(&name),
            documentation: noted(element.annotation.as_ref()),
            kind,
            occurs,
            nillable,
            name,
        })
    }

    fn simple(&self, one: &SimpleType) -> Result<Enum, Error> {
        let name = one.name.clone().unwrap_or_default();
        let what = format!("simpleType {name}");
        let restriction = self.only(&what, &one.restrictions)?;
        let base = restriction.base.clone().unwrap_or_default();
        if self.qname(&what, &base)? != (XSD, "string") {
            return self.fail(&what, "only xsd:string is restricted to words");
        }
        let mut words = Vec::<Word>::new();
        for word in &restriction.words {
            let value = word.value.clone().unwrap_or_default();
            let rust = pascal(&value);
            if value.trim() != value || value.is_empty() || words.iter().any(|other| other.rust == rust) {
                return self.fail(&what, format!("word {value:?} is empty, padded, or one with another"));
            }
            words.push(Word { value, rust, documentation: noted(word.annotation.as_ref()) });
        }
        if words.is_empty() {
            return self.fail(&what, "it lists no words");
        }
        Ok(Enum { rust: pascal(&name), documentation: noted(one.annotation.as_ref()), words, name })
    }

    fn operation(
        &self,
        one: &Operation,
        document: &Definitions,
        schema: &Schema,
        names: &Names,
    ) -> Result<(model::Operation, Option<FaultElement>), Error> {
        let name = self.named("an operation", one.name.as_ref())?;
        let what = format!("operation {name}");
        let documentation = tidy(one.documentation.as_ref());
        if documentation.is_empty() {
            return self.fail(&what, "it has no documentation");
        }
        let (Some(input), Some(output)) = (&one.input, &one.output) else {
            return self.fail(&what, "it wants an input and an output (R11)");
        };
        let (parameter, request) = self.typed_part(&what, input, document, names)?;
        let (result, response) = self.typed_part(&what, output, document, names)?;
        if result != "return" {
            return self.fail(&what, "the part of an output is called `return` (R27)");
        }
        if !matches!((request, response), (Kind::Struct(_), Kind::Struct(_))) {
            return self.fail(&what, "its parts are structs");
        }
        if !is_all_optional(request, schema) {
            return self.fail(&what, "every member of a request is optional: minOccurs=\"0\" (W8)");
        }
        let fault = match one.faults.as_slice() {
            [] => None,
            [only] => Some(self.fault(&what, only, document, schema, names)?),
            _ => return self.fail(&what, "one fault at most"),
        };
        let operation = model::Operation {
            safe_name: safe(&name),
            rust: snake(&name),
            documentation,
            parameter,
            request,
            result,
            response,
            has_fault: fault.is_some(),
            name,
        };
        Ok((operation, fault))
    }

    fn part<'d>(&self, what: &str, to: &Direction, document: &'d Definitions) -> Result<&'d Part, Error> {
        let wanted = self.own(what, to.message.as_ref())?;
        let found: Vec<&Message> =
            document.messages.iter().filter(|message| message.name.as_deref() == Some(wanted)).collect();
        let message = self.only(&format!("message {wanted}"), &found)?;
        match message.parts.as_slice() {
            [only] => Ok(only),
            parts => self.fail(
                &format!("message {wanted}"),
                format!("exactly one part is wanted (W7), {} stand here", parts.len()),
            ),
        }
    }

    fn typed_part(
        &self,
        what: &str,
        to: &Direction,
        document: &Definitions,
        names: &Names,
    ) -> Result<(String, Kind), Error> {
        let part = self.part(what, to, document)?;
        let name = self.named(what, part.name.as_ref())?;
        if part.element.is_some() {
            return self.fail(what, format!("part {name} names an element; in rpc style parts name a type (W2)"));
        }
        Ok((name.clone(), self.kind(&format!("part {name} of {what}"), part.type_name.as_ref(), names)?))
    }

    fn fault(
        &self,
        what: &str,
        fault: &Direction,
        document: &Definitions,
        schema: &Schema,
        names: &Names,
    ) -> Result<FaultElement, Error> {
        let name = self.named(&format!("a fault of {what}"), fault.name.as_ref())?;
        let part = self.part(what, fault, document)?;
        let element = self.own(&format!("fault {name} of {what}"), part.element.as_ref())?;
        let found = schema.elements.iter().find(|one| one.name.as_deref() == Some(element));
        let Some(found) = found else {
            return self.fail(what, format!("fault element {element} is not in the schema"));
        };
        match self.kind(&format!("element {element}"), found.type_name.as_ref(), names)? {
            Kind::Struct(type_index) => Ok(FaultElement { element: element.to_owned(), type_index, name }),
            _ => self.fail(&format!("element {element}"), "the type of a fault is a struct"),
        }
    }

    fn binding(&self, binding: &Binding, port_type: &PortType, model: &Service) -> Result<(), Error> {
        if Some(self.own("binding", binding.port_type.as_ref())?) != port_type.name.as_deref() {
            return self.fail("binding", "it binds another portType");
        }
        let soap = binding.soap.as_ref();
        if soap.is_none_or(|soap| soap.style.as_deref() != Some("rpc") || soap.transport.as_deref() != Some(HTTP)) {
            return self.fail("binding", format!("soap:binding wants style=\"rpc\" and transport=\"{HTTP}\" (W2, W9)"));
        }
        for operation in &model.operations {
            let found: Vec<&BoundOperation> =
                binding.operations.iter().filter(|one| one.name.as_ref() == Some(&operation.name)).collect();
            let bound = self.only(&format!("binding of operation {}", operation.name), &found)?;
            self.bound(bound, operation)?;
        }
        if binding.operations.len() != model.operations.len() {
            return self.fail("binding", "it binds operations that the portType has not");
        }
        Ok(())
    }

    fn bound(&self, bound: &BoundOperation, operation: &model::Operation) -> Result<(), Error> {
        let what = format!("binding of operation {}", operation.name);
        let action = format!("{}#{}", self.namespace, operation.name);
        if bound.soap.as_ref().and_then(|soap| soap.action.as_ref()) != Some(&action) {
            return self.fail(&what, format!("soapAction is {action:?} (W9)"));
        }
        if bound.soap.as_ref().and_then(|soap| soap.style.as_deref()).is_some_and(|style| style != "rpc") {
            return self.fail(&what, "style is rpc (W2)");
        }
        for direction in [&bound.input, &bound.output] {
            let body = direction.as_ref().and_then(|direction| direction.body.as_ref());
            let is_right = body.is_some_and(|body| {
                body.usage.as_deref() == Some("literal") && body.namespace.as_deref() == Some(self.namespace)
            });
            if !is_right {
                return self.fail(&what, "soap:body wants use=\"literal\" and the target namespace (W2, W9)");
            }
        }
        if bound.faults.len() != usize::from(operation.has_fault) {
            return self.fail(&what, "it binds other faults than the operation has (W9)");
        }
        for fault in &bound.faults {
            let soap = fault.soap.as_ref();
            if soap.is_none_or(|soap| soap.name != fault.name || soap.usage.as_deref() != Some("literal")) {
                return self.fail(&what, "fault and soap:fault carry the same name, use=\"literal\" (W9)");
            }
        }
        Ok(())
    }

    fn port(&self, document: &Definitions, binding: &Binding) -> Result<(), Error> {
        let ports: Vec<_> = document.services.iter().flat_map(|service| &service.ports).collect();
        let port = self.only("port", &ports)?;
        self.named("port", port.name.as_ref())?;
        self.own("port", port.binding.as_ref())?;
        match binding.operations.is_empty() {
            true => self.fail("binding", "it has no operations"),
            false => Ok(()),
        }
    }

    /// A struct inside of itself has no size, except in a list.
    fn finite(&self, model: &Service) -> Result<(), Error> {
        for (i, one) in model.structs.iter().enumerate() {
            let (mut seen, mut waiting) = (Vec::new(), vec![i]);
            while let Some(next) = waiting.pop() {
                for member in model.structs.get(next).map_or(&[][..], |one| &one.members) {
                    match (member.kind, member.occurs) {
                        (_, Occurs::Many) | (Kind::Scalar(_) | Kind::Enum(_), _) => {}
                        (Kind::Struct(inner), _) if inner == i => {
                            return self.fail(
                                &format!("complexType {}", one.name),
                                format!("it contains itself through {}; put a list between", member.name),
                            );
                        }
                        (Kind::Struct(inner), _) if seen.contains(&inner) => {}
                        (Kind::Struct(inner), _) => {
                            seen.push(inner);
                            waiting.push(inner);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// R19 and W11: everything that becomes a class or method somewhere has a name of its own.
    fn apart(&self, model: &Service) -> Result<(), Error> {
        let mut taken = BTreeMap::<String, String>::new();
        let mut take = |name: String, what: String| match taken.insert(fold(&name), what.clone()) {
            Some(other) => self.fail(&what, format!("its name and that of {other} are one to some clients (R19, W11)")),
            None => Ok(()),
        };
        take(model.name.clone(), format!("service {}", model.name))?;
        for one in &model.structs {
            take(one.name.clone(), format!("complexType {}", one.name))?;
        }
        for one in &model.enums {
            take(one.name.clone(), format!("simpleType {}", one.name))?;
        }
        for one in &model.operations {
            for suffix in ["", "Response", "Call", "Answer"] {
                take(format!("{}{suffix}", one.name), format!("operation {}{}", one.name, made(suffix)))?;
            }
        }
        match &model.fault {
            Some(fault) => take(fault.element.clone(), format!("element {}", fault.element)),
            None => Ok(()),
        }
    }
}

fn made(suffix: &str) -> String {
    if suffix.is_empty() { String::new() } else { format!(" (as {suffix})") }
}

/// A name of XML without a colon that Rust and every client can make something of.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn is_all_optional(kind: Kind, schema: &Schema) -> bool {
    let Kind::Struct(i) = kind else { return false };
    let sequences = schema.complex_types.get(i).map_or(&[][..], |one| &one.sequences);
    sequences.iter().flat_map(|one| &one.elements).all(|element| element.min_occurs.as_deref() == Some("0"))
}

fn noted(annotation: Option<&Annotation>) -> String {
    tidy(annotation.and_then(|one| one.documentation.as_ref()))
}

/// A text on one line.
fn tidy(text: Option<&String>) -> String {
    text.map_or_else(String::new, |text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}
