//! Small WSDL files: what is read, what is emitted, and what is refused with its place.

use crate::flavour::{ADDRESS, Flavour, write};
use crate::model::{Kind, Occurs, Scalar};
use crate::{Oracle, emit, read};

/// A service with one operation, one fault, a list and an enumeration.
const SMALL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions name="Small" targetNamespace="urn:small" xmlns="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="urn:small" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types>
    <xsd:schema targetNamespace="urn:small">
      <xsd:complexType name="AskRequest">
        <xsd:annotation><xsd:documentation>A
          question.</xsd:documentation></xsd:annotation>
        <xsd:sequence>
          <xsd:element name="Text" type="xsd:string" minOccurs="0"/>
          <xsd:element name="Kinds" type="tns:Kinds" minOccurs="0"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="Kinds">
        <xsd:sequence><xsd:element name="item" type="tns:Kind" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="AskResult">
        <xsd:sequence>
          <xsd:element name="n" type="xsd:int"/>
          <xsd:element name="type" type="xsd:anyType" nillable="true"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="Trouble"><xsd:sequence><xsd:element name="Word" type="xsd:string"/></xsd:sequence></xsd:complexType>
      <xsd:simpleType name="Kind">
        <xsd:restriction base="xsd:string"><xsd:enumeration value="one"/><xsd:enumeration value="two-half"/></xsd:restriction>
      </xsd:simpleType>
      <xsd:element name="Error" type="tns:Trouble"/>
    </xsd:schema>
  </types>
  <message name="AskInput"><part name="Request" type="tns:AskRequest"/></message>
  <message name="AskOutput"><part name="return" type="tns:AskResult"/></message>
  <message name="FaultMessage"><part name="fault" element="tns:Error"/></message>
  <portType name="SmallPortType">
    <operation name="ASK.NOW">
      <documentation>Asks &lt;now&gt;.</documentation>
      <input message="tns:AskInput"/>
      <output message="tns:AskOutput"/>
      <fault name="Fault" message="tns:FaultMessage"/>
    </operation>
  </portType>
  <binding name="SmallBinding" type="tns:SmallPortType">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="ASK.NOW">
      <soap:operation soapAction="urn:small#ASK.NOW"/>
      <input><soap:body use="literal" namespace="urn:small"/></input>
      <output><soap:body use="literal" namespace="urn:small"/></output>
      <fault name="Fault"><soap:fault name="Fault" use="literal"/></fault>
    </operation>
  </binding>
  <service name="Small"><port name="SmallPort" binding="tns:SmallBinding"><soap:address location="http://x/"/></port></service>
</definitions>
"#;

#[test]
fn a_service_is_read_with_its_names_resolved() {
    let service = read("small.wsdl", SMALL).unwrap();
    assert_eq!((service.name.as_str(), service.namespace.as_str()), ("Small", "urn:small"));
    let names: Vec<&str> = service.structs.iter().map(|one| one.rust.as_str()).collect();
    assert_eq!(names, ["AskRequest", "Kinds", "AskResult", "Trouble"]);
    let request = &service.structs[0];
    assert_eq!(request.documentation, "A question.");
    assert_eq!(request.members[0].kind, Kind::Scalar(Scalar::Text));
    assert_eq!(request.members[1].kind, Kind::Struct(1));
    assert!(service.structs[1].is_list());
    assert_eq!(service.structs[1].members[0].occurs, Occurs::Many);
    assert_eq!((service.structs[2].members[1].rust.as_str(), service.structs[2].members[1].nillable), ("type_", true));
    assert_eq!(service.enums[0].words[1].rust, "TwoHalf");
    let operation = &service.operations[0];
    assert_eq!(
        (operation.name.as_str(), operation.safe_name.as_str(), operation.rust.as_str(), operation.parameter.as_str()),
        ("ASK.NOW", "AskNow", "ask_now", "Request")
    );
    assert_eq!(operation.documentation, "Asks <now>.");
    assert_eq!(service.fault.as_ref().map(|fault| fault.element.as_str()), Some("Error"));
}

#[test]
fn the_main_flavour_reads_as_the_same_service() {
    let service = read("small.wsdl", SMALL).unwrap();
    let text = write(&service, Flavour::Main);
    assert_eq!(text.matches(ADDRESS).count(), 1);
    assert_eq!(read("again.wsdl", &text.replace(ADDRESS, "http://y/")).unwrap(), service);
    let both = write(&service, Flavour::Both);
    assert_eq!(both.matches(ADDRESS).count(), 2);
    assert!(both.contains("<soap12:operation soapAction=\"urn:small#ASK.NOW\" style=\"rpc\"/>"), "{both}");
}

#[test]
fn the_document_flavours_wrap_and_rename() {
    let service = read("small.wsdl", SMALL).unwrap();
    let document = write(&service, Flavour::Document);
    for piece in [
        "<xsd:complexType name=\"ASK.NOW.Call\">",
        "<xsd:element name=\"Request\" type=\"tns:AskRequest\" minOccurs=\"0\"/>",
        "<xsd:element name=\"ASK.NOW\" type=\"tns:ASK.NOW.Call\"/>",
        "<xsd:element name=\"ASK.NOWResponse\" type=\"tns:ASK.NOW.Answer\"/>",
        "<part name=\"parameters\" element=\"tns:ASK.NOW\"/>",
        "<soap:binding style=\"document\"",
        "<input><soap:body use=\"literal\"/></input>",
    ] {
        assert!(document.contains(piece), "{piece}: {document}");
    }
    let safe = write(&service, Flavour::Safe);
    assert!(safe.contains("<xsd:element name=\"AskNow\" type=\"tns:AskNowCall\"/>"), "{safe}");
    assert!(
        safe.contains("<operation name=\"AskNow\">") && safe.contains("soapAction=\"urn:small#ASK.NOW\""),
        "{safe}"
    );
}

#[test]
fn the_code_has_types_trait_adapter_and_contract() {
    let service = read("small.wsdl", SMALL).unwrap();
    let code = emit::file(&service, Oracle::InTests);
    for piece in [
        "pub struct AskRequest {\n",
        "    pub text: Option<String>,\n",
        "    pub type_: Option<soap::lexical::Any>,\n",
        "    pub item: Vec<Kind>,\n",
        "    pub n: i32,\n",
        "            0 => value.set(&mut m_n),\n",
        "n: at.needed(m_n, \"n\")?",
        "pub trait SmallService: 'static {\n",
        "    fn ask_now(\n",
        "pub struct Small<S>(pub S);\n",
        "    folded: &[(\"asknow\", 0)],\n",
        "#[cfg_attr(test, derive(yaserde::YaSerialize, yaserde::YaDeserialize))]",
        // What comes in is never written by the product, what goes out never read.
        "#[cfg(test)]\nimpl soap::encode::Encode for AskRequest",
        "#[cfg(test)]\nimpl soap::decode::Decode for AskResult",
    ] {
        assert!(code.contains(piece), "{piece}\n{code}");
    }
    assert!(!emit::file(&service, Oracle::Never).contains("yaserde"));
}

/// Replaces the first occurrence and gives the error.
fn refused(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    match read("small.wsdl", &SMALL.replacen(from, to, 1)) {
        Ok(_) => panic!("{to} was taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_not_provided_for_is_refused_with_its_line() {
    let cases = [
        (
            "<types>",
            "<import namespace=\"urn:x\" location=\"x\"/><types>",
            "line 4: `w:import` cannot stand in `w:definitions`: one document",
        ),
        (
            "<xsd:sequence>\n          <xsd:element name=\"Text\"",
            "<xsd:choice/><xsd:sequence>\n          <xsd:element name=\"Text\"",
            "`x:choice` cannot stand in `x:complexType`",
        ),
        (
            "type=\"xsd:string\" minOccurs=\"0\"/>",
            "minOccurs=\"0\"><xsd:complexType/></xsd:element>",
            "line 10: `x:complexType` cannot stand in `x:element`: types are global",
        ),
        ("name=\"Text\" type", "ref=\"tns:x\" type", "cannot have the attribute `ref`"),
        (
            "<xsd:complexType name=\"Kinds\">",
            "<xsd:complexType name=\"Kinds\"><xsd:attribute name=\"a\"/>",
            "`x:attribute`",
        ),
        ("<xsd:complexType name=\"Kinds\">", "<xsd:complexType name=\"Kinds\"><xsd:complexContent/>", "do not extend"),
        (
            "<input><soap:body use=\"literal\" namespace=\"urn:small\"/>",
            "<input><soap:header use=\"literal\"/><soap:body use=\"literal\" namespace=\"urn:small\"/>",
            "`s:header`",
        ),
        (
            "<soap:address location=\"http://x/\"/>",
            "<x:address xmlns:x=\"urn:x\"/>",
            "`{urn:x}address` cannot stand in `w:port`",
        ),
        (
            "<xsd:complexType name=\"Kinds\">",
            "<xsd:complexType name=\"Kinds\" xmlns:tns=\"urn:other\">",
            "prefix \"tns\" changes its meaning",
        ),
        ("</definitions>", "", "not well-formed"),
    ];
    for (from, to, words) in cases {
        let error = refused(from, to);
        assert!(error.starts_with("small.wsdl") && error.contains(words), "{to}: {error}");
    }
}

#[test]
fn what_breaks_a_rule_is_refused_by_name() {
    let part = "<part name=\"Request\" type=\"tns:AskRequest\"/>";
    let two = format!("{part}<part name=\"More\" type=\"xsd:int\"/>");
    let cases = [
        ("targetNamespace=\"urn:small\" xmlns", "xmlns", "definitions: targetNamespace"),
        (
            "<xsd:schema targetNamespace=\"urn:small\"",
            "<xsd:schema targetNamespace=\"urn:x\"",
            "schema: its targetNamespace",
        ),
        (part, two.as_str(), "message AskInput: exactly one part is wanted (W7), 2"),
        (part, "<part name=\"Request\" element=\"tns:Error\"/>", "names an element"),
        ("part name=\"return\"", "part name=\"result\"", "called `return`"),
        ("type=\"xsd:string\" minOccurs=\"0\"", "type=\"xsd:string\"", "every member of a request is optional"),
        (
            "type=\"xsd:int\"",
            "type=\"xsd:duration\"",
            "element n of complexType AskResult: type \"xsd:duration\" is not known",
        ),
        ("type=\"xsd:int\"", "type=\"x:int\"", "prefix of \"x:int\" is not declared"),
        ("type=\"xsd:int\"", "type=\"tns:Nothing\"", "is not known"),
        ("nillable=\"true\"", "nillable=\"true\" minOccurs=\"0\"", "optional or nillable"),
        ("minOccurs=\"0\" maxOccurs=\"unbounded\"", "minOccurs=\"0\" maxOccurs=\"9\"", "maxOccurs 9"),
        (
            "type=\"tns:Kinds\" minOccurs=\"0\"",
            "type=\"xsd:int\" minOccurs=\"0\" maxOccurs=\"unbounded\"",
            "stands alone",
        ),
        ("name=\"Trouble\">", "name=\"ArrayOfTrouble\">", "ArrayOf"),
        ("<xsd:simpleType", "<xsd:complexType name=\"ASK_NOW\"/><xsd:simpleType", "are one to some clients (R19, W11)"),
        ("<xsd:simpleType", "<xsd:complexType name=\"AskNowResponse\"/><xsd:simpleType", "are one to some clients"),
        ("name=\"Kinds\" type", "name=\"t.ext\" type", "members Text and t.ext are one name"),
        ("value=\"two-half\"", "value=\"One\"", "word \"One\""),
        ("base=\"xsd:string\"", "base=\"xsd:int\"", "simpleType Kind"),
        ("soapAction=\"urn:small#ASK.NOW\"", "soapAction=\"\"", "soapAction is \"urn:small#ASK.NOW\" (W9)"),
        ("soapAction=\"urn:small#ASK.NOW\"", "style=\"document\" soapAction=\"urn:small#ASK.NOW\"", "style is rpc"),
        ("style=\"rpc\"", "style=\"document\"", "style=\"rpc\""),
        ("use=\"literal\" namespace=\"urn:small\"", "use=\"encoded\" namespace=\"urn:small\"", "use=\"literal\""),
        ("<soap:fault name=\"Fault\"", "<soap:fault name=\"Other\"", "the same name"),
        ("<documentation>Asks &lt;now&gt;.</documentation>", "", "no documentation"),
        ("<output message=\"tns:AskOutput\"/>\n      <fault", "<fault", "an input and an output (R11)"),
        ("message=\"tns:AskInput\"", "message=\"tns:Nothing\"", "message Nothing: exactly one is wanted, 0"),
        ("name=\"Word\" type=\"xsd:string\"", "name=\"Word\" type=\"tns:Trouble\"", "contains itself through Word"),
        ("<operation name=\"ASK.NOW\">\n      <doc", "<operation name=\"1:x\">\n      <doc", "is no name"),
    ];
    for (from, to, words) in cases {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
    }
    let qualified = SMALL.replace("<xsd:schema ", "<xsd:schema elementFormDefault=\"qualified\" ");
    assert!(read("small.wsdl", &qualified).unwrap_err().to_string().contains("unqualified"));
}

#[test]
fn every_file_of_a_folder_becomes_code() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("wsdl"), folder.path().join("out"));
    crate::generate(&input, &out, Oracle::Never).unwrap();
    std::fs::create_dir(&input).unwrap();
    std::fs::write(input.join("a.wsdl"), SMALL).unwrap();
    std::fs::write(input.join("b.wsdl"), SMALL.replace("urn:small", "urn:other")).unwrap();
    std::fs::write(input.join("notes.txt"), "no WSDL").unwrap();
    crate::generate(&input, &out, Oracle::Never).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.rs", "b.rs"]);
    std::fs::write(input.join("c.wsdl"), "<a/>").unwrap();
    assert!(crate::generate(&input, &out, Oracle::Never).unwrap_err().to_string().contains("c.wsdl"));
}
