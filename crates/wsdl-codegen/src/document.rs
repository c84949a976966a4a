//! A WSDL 1.1 document as it stands in the file: what yaserde reads. `vocabulary` has seen to it that nothing else is in there.

use yaserde::YaDeserialize;

/// Namespace of WSDL 1.1.
pub const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// Namespace of WSDL's SOAP 1.1 binding.
pub const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
/// Namespace of XML Schema.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// `wsdl:definitions`, the root.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "definitions", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Definitions {
    /// The service's namespace.
    #[yaserde(attribute = true, rename = "targetNamespace")]
    pub target_namespace: Option<String>,
    /// What the service as a whole is for.
    #[yaserde(prefix = "w")]
    pub documentation: Option<String>,
    /// Schemas.
    #[yaserde(prefix = "w")]
    pub types: Vec<Types>,
    /// What goes over the wire, by name.
    #[yaserde(prefix = "w", rename = "message")]
    pub messages: Vec<Message>,
    /// Operations.
    #[yaserde(prefix = "w", rename = "portType")]
    pub port_types: Vec<PortType>,
    /// How they are written.
    #[yaserde(prefix = "w", rename = "binding")]
    pub bindings: Vec<Binding>,
    /// Where they are.
    #[yaserde(prefix = "w", rename = "service")]
    pub services: Vec<Service>,
}

/// `wsdl:types`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "types", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/", "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Types {
    /// Schemas; exactly one is wanted.
    #[yaserde(prefix = "x", rename = "schema")]
    pub schemas: Vec<Schema>,
}

/// `xsd:schema`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "schema", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Schema {
    /// Its namespace.
    #[yaserde(attribute = true, rename = "targetNamespace")]
    pub target_namespace: Option<String>,
    /// `unqualified` or absent.
    #[yaserde(attribute = true, rename = "elementFormDefault")]
    pub element_form: Option<String>,
    /// Global elements: only what faults carry.
    #[yaserde(prefix = "x", rename = "element")]
    pub elements: Vec<Element>,
    /// Structs.
    #[yaserde(prefix = "x", rename = "complexType")]
    pub complex_types: Vec<ComplexType>,
    /// Enumerations.
    #[yaserde(prefix = "x", rename = "simpleType")]
    pub simple_types: Vec<SimpleType>,
}

/// `xsd:element`
#[derive(Debug, Default, Clone, YaDeserialize)]
#[yaserde(rename = "element", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Element {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// Its type, with a prefix.
    #[yaserde(attribute = true, rename = "type")]
    pub type_name: Option<String>,
    /// 0 or 1.
    #[yaserde(attribute = true, rename = "minOccurs")]
    pub min_occurs: Option<String>,
    /// 1 or `unbounded`.
    #[yaserde(attribute = true, rename = "maxOccurs")]
    pub max_occurs: Option<String>,
    /// Whether `xsi:nil` may stand for it.
    #[yaserde(attribute = true)]
    pub nillable: Option<String>,
    /// What it is for.
    #[yaserde(prefix = "x")]
    pub annotation: Option<Annotation>,
}

/// `xsd:complexType`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "complexType", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct ComplexType {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// What it is for.
    #[yaserde(prefix = "x")]
    pub annotation: Option<Annotation>,
    /// Its members.
    #[yaserde(prefix = "x", rename = "sequence")]
    pub sequences: Vec<Sequence>,
}

/// `xsd:sequence`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "sequence", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Sequence {
    /// The members in order.
    #[yaserde(prefix = "x", rename = "element")]
    pub elements: Vec<Element>,
}

/// `xsd:simpleType`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "simpleType", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct SimpleType {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// What it is for.
    #[yaserde(prefix = "x")]
    pub annotation: Option<Annotation>,
    /// What it allows.
    #[yaserde(prefix = "x", rename = "restriction")]
    pub restrictions: Vec<Restriction>,
}

/// `xsd:restriction`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "restriction", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Restriction {
    /// The type restricted; `xsd:string` is wanted.
    #[yaserde(attribute = true)]
    pub base: Option<String>,
    /// The words allowed.
    #[yaserde(prefix = "x", rename = "enumeration")]
    pub words: Vec<Enumeration>,
}

/// `xsd:enumeration`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "enumeration", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Enumeration {
    /// One word.
    #[yaserde(attribute = true)]
    pub value: Option<String>,
    /// What it means.
    #[yaserde(prefix = "x")]
    pub annotation: Option<Annotation>,
}

/// `xsd:annotation`
#[derive(Debug, Default, Clone, YaDeserialize)]
#[yaserde(rename = "annotation", prefix = "x", namespaces = { "x" = "http://www.w3.org/2001/XMLSchema" })]
pub struct Annotation {
    /// The text.
    #[yaserde(prefix = "x")]
    pub documentation: Option<String>,
}

/// `wsdl:message`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "message", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Message {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// Its parts; exactly one is wanted.
    #[yaserde(prefix = "w", rename = "part")]
    pub parts: Vec<Part>,
}

/// `wsdl:part`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "part", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Part {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// A type, for inputs and outputs.
    #[yaserde(attribute = true, rename = "type")]
    pub type_name: Option<String>,
    /// A global element, for faults.
    #[yaserde(attribute = true)]
    pub element: Option<String>,
}

/// `wsdl:portType`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "portType", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct PortType {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// The operations.
    #[yaserde(prefix = "w", rename = "operation")]
    pub operations: Vec<Operation>,
}

/// `wsdl:operation` of a port type.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "operation", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Operation {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// What it does.
    #[yaserde(prefix = "w")]
    pub documentation: Option<String>,
    /// The request.
    #[yaserde(prefix = "w")]
    pub input: Option<Direction>,
    /// The answer.
    #[yaserde(prefix = "w")]
    pub output: Option<Direction>,
    /// Faults declared.
    #[yaserde(prefix = "w", rename = "fault")]
    pub faults: Vec<Direction>,
}

/// `wsdl:input`, `wsdl:output` or `wsdl:fault` of a port type.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Direction {
    /// A fault's name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// The message, with a prefix.
    #[yaserde(attribute = true)]
    pub message: Option<String>,
}

/// `wsdl:binding`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "binding", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/", "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct Binding {
    /// The port type bound, with a prefix.
    #[yaserde(attribute = true, rename = "type")]
    pub port_type: Option<String>,
    /// `soap:binding`
    #[yaserde(prefix = "s", rename = "binding")]
    pub soap: Option<SoapBinding>,
    /// The operations bound.
    #[yaserde(prefix = "w", rename = "operation")]
    pub operations: Vec<BoundOperation>,
}

/// `soap:binding`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "binding", prefix = "s", namespaces = { "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct SoapBinding {
    /// `rpc`
    #[yaserde(attribute = true)]
    pub style: Option<String>,
    /// SOAP over HTTP.
    #[yaserde(attribute = true)]
    pub transport: Option<String>,
}

/// `wsdl:operation` of a binding.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "operation", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/", "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct BoundOperation {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// `soap:operation`
    #[yaserde(prefix = "s", rename = "operation")]
    pub soap: Option<SoapOperation>,
    /// The request.
    #[yaserde(prefix = "w")]
    pub input: Option<BoundDirection>,
    /// The answer.
    #[yaserde(prefix = "w")]
    pub output: Option<BoundDirection>,
    /// Faults.
    #[yaserde(prefix = "w", rename = "fault")]
    pub faults: Vec<BoundFault>,
}

/// `soap:operation`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "operation", prefix = "s", namespaces = { "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct SoapOperation {
    /// What clients put in the SOAPAction header.
    #[yaserde(attribute = true, rename = "soapAction")]
    pub action: Option<String>,
    /// `rpc` or absent.
    #[yaserde(attribute = true)]
    pub style: Option<String>,
}

/// `wsdl:input` or `wsdl:output` of a binding.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/", "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct BoundDirection {
    /// `soap:body`
    #[yaserde(prefix = "s")]
    pub body: Option<SoapBody>,
}

/// `soap:body`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "body", prefix = "s", namespaces = { "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct SoapBody {
    /// `literal`
    #[yaserde(attribute = true, rename = "use")]
    pub usage: Option<String>,
    /// The target namespace.
    #[yaserde(attribute = true)]
    pub namespace: Option<String>,
}

/// `wsdl:fault` of a binding.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "fault", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/", "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct BoundFault {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// `soap:fault`
    #[yaserde(prefix = "s", rename = "fault")]
    pub soap: Option<SoapFault>,
}

/// `soap:fault`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "fault", prefix = "s", namespaces = { "s" = "http://schemas.xmlsoap.org/wsdl/soap/" })]
pub struct SoapFault {
    /// The same name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// `literal`
    #[yaserde(attribute = true, rename = "use")]
    pub usage: Option<String>,
}

/// `wsdl:service`
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "service", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Service {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// What it is for.
    #[yaserde(prefix = "w")]
    pub documentation: Option<String>,
    /// Where it is.
    #[yaserde(prefix = "w", rename = "port")]
    pub ports: Vec<Port>,
}

/// `wsdl:port`; its address is put in when the WSDL is served.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "port", prefix = "w", namespaces = { "w" = "http://schemas.xmlsoap.org/wsdl/" })]
pub struct Port {
    /// Its name.
    #[yaserde(attribute = true)]
    pub name: Option<String>,
    /// Its binding, with a prefix.
    #[yaserde(attribute = true)]
    pub binding: Option<String>,
}
