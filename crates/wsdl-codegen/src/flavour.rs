//! The four WSDL texts that one service is served with (W2 to W5).

use std::fmt::Write;

use crate::document::{SOAP, WSDL, XSD};
use crate::model::{Kind, Occurs, Operation, Service};

/// WSDL's SOAP 1.2 binding.
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
/// The only transport there is.
const HTTP: &str = "http://schemas.xmlsoap.org/soap/http";

/// Stands where the address belongs until the text is cut there.
pub const ADDRESS: &str = "\u{1}";

/// Which of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `?wsdl`: rpc/literal, SOAP 1.1.
    Main,
    /// `?wsdl=doc`: document/literal wrapped.
    Document,
    /// `?wsdl=safe`: the same with names without dots.
    Safe,
    /// `?wsdl=12`: the first with a SOAP 1.2 binding beside it.
    Both,
}

/// All, in the order of the contract's field.
pub const FLAVOURS: [Flavour; 4] = [Flavour::Main, Flavour::Document, Flavour::Safe, Flavour::Both];

impl Flavour {
    fn is_rpc(self) -> bool {
        matches!(self, Flavour::Main | Flavour::Both)
    }

    fn name_of(self, operation: &Operation) -> &str {
        if self == Flavour::Safe { &operation.safe_name } else { &operation.name }
    }

    /// The type of a wrapper element: `USER.CREATE.Call`, `UserCreateCall`.
    fn wrapper_type(self, operation: &Operation, suffix: &str) -> String {
        let joint = if operation.name.contains('.') && self != Flavour::Safe { "." } else { "" };
        format!("{}{joint}{suffix}", self.name_of(operation))
    }
}

/// Writes one text, in UTF-8, with [`ADDRESS`] in place of the address.
pub fn write(service: &Service, flavour: Flavour) -> String {
    let mut page = Page { text: String::new() };
    page.line(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let second = if flavour == Flavour::Both { format!(" xmlns:soap12=\"{SOAP12}\"") } else { String::new() };
    page.line(
        0,
        &format!(
            "<definitions name=\"{}\" targetNamespace=\"{ns}\" xmlns=\"{WSDL}\" xmlns:soap=\"{SOAP}\"{second} xmlns:tns=\"{ns}\" xmlns:xsd=\"{XSD}\">",
            service.name,
            ns = escaped(&service.namespace),
        ),
    );
    schema(&mut page, service, flavour);
    messages(&mut page, service, flavour);
    port_type(&mut page, service, flavour);
    binding(&mut page, service, flavour, "soap", "Binding");
    if flavour == Flavour::Both {
        binding(&mut page, service, flavour, "soap12", "Binding12");
    }
    end(&mut page, service, flavour);
    page.text
}

fn schema(page: &mut Page, service: &Service, flavour: Flavour) {
    page.line(1, "<types>");
    let ns = escaped(&service.namespace);
    page.line(2, &format!("<xsd:schema targetNamespace=\"{ns}\" elementFormDefault=\"unqualified\">"));
    for one in &service.structs {
        page.line(3, &format!("<xsd:complexType name=\"{}\">", one.name));
        page.annotation(4, &one.documentation);
        page.line(4, "<xsd:sequence>");
        for member in &one.members {
            let occurs = match member.occurs {
                Occurs::One if member.nillable => " nillable=\"true\"",
                Occurs::One => "",
                Occurs::Optional => " minOccurs=\"0\"",
                Occurs::Many => " minOccurs=\"0\" maxOccurs=\"unbounded\"",
            };
            page.element(5, &member.name, &service.qname_of(member.kind), occurs, &member.documentation);
        }
        page.line(4, "</xsd:sequence>");
        page.line(3, "</xsd:complexType>");
    }
    for one in &service.enums {
        page.line(3, &format!("<xsd:simpleType name=\"{}\">", one.name));
        page.annotation(4, &one.documentation);
        page.line(4, "<xsd:restriction base=\"xsd:string\">");
        for word in &one.words {
            page.line(5, &format!("<xsd:enumeration value=\"{}\"/>", escaped(&word.value)));
        }
        page.line(4, "</xsd:restriction>");
        page.line(3, "</xsd:simpleType>");
    }
    if let Some(fault) = &service.fault {
        page.element(3, &fault.element, &service.qname_of(Kind::Struct(fault.type_index)), "", "");
    }
    if !flavour.is_rpc() {
        for operation in &service.operations {
            wrappers(page, service, flavour, operation);
        }
    }
    page.line(2, "</xsd:schema>");
    page.line(1, "</types>");
}

/// The two elements of an operation in document style, with their types.
fn wrappers(page: &mut Page, service: &Service, flavour: Flavour, operation: &Operation) {
    let name = flavour.name_of(operation);
    let sides = [
        (name.to_owned(), "Call", &operation.parameter, operation.request, " minOccurs=\"0\""),
        (format!("{name}Response"), "Answer", &operation.result, operation.response, ""),
    ];
    for (element, suffix, part, kind, occurs) in sides {
        let type_name = flavour.wrapper_type(operation, suffix);
        page.line(3, &format!("<xsd:complexType name=\"{type_name}\">"));
        page.line(4, "<xsd:sequence>");
        page.element(5, part, &service.qname_of(kind), occurs, "");
        page.line(4, "</xsd:sequence>");
        page.line(3, "</xsd:complexType>");
        page.line(3, &format!("<xsd:element name=\"{element}\" type=\"tns:{type_name}\"/>"));
    }
}

fn messages(page: &mut Page, service: &Service, flavour: Flavour) {
    for operation in &service.operations {
        let name = flavour.name_of(operation);
        let sides = [
            ("Input", name.to_owned(), &operation.parameter, operation.request),
            ("Output", format!("{name}Response"), &operation.result, operation.response),
        ];
        for (suffix, element, part, kind) in sides {
            page.line(1, &format!("<message name=\"{name}{suffix}\">"));
            match flavour.is_rpc() {
                true => page.line(2, &format!("<part name=\"{part}\" type=\"{}\"/>", service.qname_of(kind))),
                false => page.line(2, &format!("<part name=\"parameters\" element=\"tns:{element}\"/>")),
            }
            page.line(1, "</message>");
        }
    }
    if let Some(fault) = &service.fault {
        page.line(1, &format!("<message name=\"{}Message\">", fault.name));
        page.line(2, &format!("<part name=\"fault\" element=\"tns:{}\"/>", fault.element));
        page.line(1, "</message>");
    }
}

fn port_type(page: &mut Page, service: &Service, flavour: Flavour) {
    page.line(1, &format!("<portType name=\"{}PortType\">", service.name));
    for operation in &service.operations {
        let name = flavour.name_of(operation);
        page.line(2, &format!("<operation name=\"{name}\">"));
        page.line(3, &format!("<documentation>{}</documentation>", escaped(&operation.documentation)));
        page.line(3, &format!("<input message=\"tns:{name}Input\"/>"));
        page.line(3, &format!("<output message=\"tns:{name}Output\"/>"));
        if let (Some(fault), true) = (&service.fault, operation.has_fault) {
            page.line(3, &format!("<fault name=\"{0}\" message=\"tns:{0}Message\"/>", fault.name));
        }
        page.line(2, "</operation>");
    }
    page.line(1, "</portType>");
}

fn binding(page: &mut Page, service: &Service, flavour: Flavour, prefix: &str, suffix: &str) {
    let (style, ns) = if flavour.is_rpc() {
        ("rpc", format!(" namespace=\"{}\"", escaped(&service.namespace)))
    } else {
        ("document", String::new())
    };
    page.line(1, &format!("<binding name=\"{0}{suffix}\" type=\"tns:{0}PortType\">", service.name));
    page.line(2, &format!("<{prefix}:binding style=\"{style}\" transport=\"{HTTP}\"/>"));
    for operation in &service.operations {
        let name = flavour.name_of(operation);
        let action = format!("{}#{}", escaped(&service.namespace), operation.name);
        page.line(2, &format!("<operation name=\"{name}\">"));
        page.line(3, &format!("<{prefix}:operation soapAction=\"{action}\" style=\"{style}\"/>"));
        page.line(3, &format!("<input><{prefix}:body use=\"literal\"{ns}/></input>"));
        page.line(3, &format!("<output><{prefix}:body use=\"literal\"{ns}/></output>"));
        if let (Some(fault), true) = (&service.fault, operation.has_fault) {
            page.line(
                3,
                &format!("<fault name=\"{0}\"><{prefix}:fault name=\"{0}\" use=\"literal\"/></fault>", fault.name),
            );
        }
        page.line(2, "</operation>");
    }
    page.line(1, "</binding>");
}

fn end(page: &mut Page, service: &Service, flavour: Flavour) {
    let name = &service.name;
    page.line(1, &format!("<service name=\"{name}\">"));
    if !service.documentation.is_empty() {
        page.line(2, &format!("<documentation>{}</documentation>", escaped(&service.documentation)));
    }
    page.port(name, "", "soap");
    if flavour == Flavour::Both {
        page.port(name, "12", "soap12");
    }
    page.line(1, "</service>");
    page.line(0, "</definitions>");
}

struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 2);
    }

    fn annotation(&mut self, depth: usize, text: &str) {
        if !text.is_empty() {
            let text = escaped(text);
            self.line(
                depth,
                &format!("<xsd:annotation><xsd:documentation>{text}</xsd:documentation></xsd:annotation>"),
            );
        }
    }

    fn element(&mut self, depth: usize, name: &str, type_name: &str, occurs: &str, documentation: &str) {
        let head = format!("<xsd:element name=\"{name}\" type=\"{type_name}\"{occurs}");
        if documentation.is_empty() {
            self.line(depth, &format!("{head}/>"));
        } else {
            self.line(depth, &format!("{head}>"));
            self.annotation(depth + 1, documentation);
            self.line(depth, "</xsd:element>");
        }
    }

    fn port(&mut self, name: &str, suffix: &str, prefix: &str) {
        self.line(2, &format!("<port name=\"{name}Port{suffix}\" binding=\"tns:{name}Binding{suffix}\">"));
        self.line(3, &format!("<{prefix}:address location=\"{ADDRESS}\"/>"));
        self.line(2, "</port>");
    }
}

/// Text for XML, in elements and attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
