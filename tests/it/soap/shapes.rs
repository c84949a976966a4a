//! The shapes in which clients send parameters, and what they mean (SO-2.8 to SO-2.14).

use super::{TestEcho, envelope, envelope_12, fault, returned};

const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
const APACHE: &str = "xmlns:m=\"http://xml.apache.org/xml-soap\"";
const XSD: &str = "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";
const ENC: &str = "xmlns:c=\"http://schemas.xmlsoap.org/soap/encoding/\"";

#[test]
fn scalars_are_read_as_clients_write_them() {
    let echo = TestEcho::start();
    let cases = [
        ("<vText>é &lt; &amp;</vText>", "<vText>é &lt; &amp;</vText>"),
        ("<vText><![CDATA[<a>]]>b&#x263A;</vText>", "<vText>&lt;a&gt;b☺</vText>"),
        ("<vBoolean> TRUE </vBoolean>", "<vBoolean>true</vBoolean>"),
        ("<vBoolean>0</vBoolean>", "<vBoolean>false</vBoolean>"),
        ("<vInt> +7 </vInt>", "<vInt>7</vInt>"),
        ("<vInt>-2147483648</vInt>", "<vInt>-2147483648</vInt>"),
        ("<vLong>9223372036854775807</vLong>", "<vLong>9223372036854775807</vLong>"),
        ("<vDouble>1.0E+2</vDouble>", "<vDouble>100</vDouble>"),
        ("<vDouble>-INF</vDouble>", "<vDouble>-INF</vDouble>"),
        ("<vFloat>NaN</vFloat>", "<vFloat>NaN</vFloat>"),
        ("<vDecimal>1.50</vDecimal>", "<vDecimal>1.50</vDecimal>"),
        ("<vDateTime>2026-01-31T10:00:00.5+01:00</vDateTime>", "<vDateTime>2026-01-31T09:00:00Z</vDateTime>"),
        ("<vBinary> aGVs\n bG8= </vBinary>", "<vBinary>aGVsbG8=</vBinary>"),
        ("<Colour>dark-green</Colour>", "<Colour>dark-green</Colour>"),
    ];
    for (members, want) in cases {
        assert_eq!(echo.echo(members), want, "{members}");
    }
}

#[test]
fn bad_scalars_are_refused_by_name() {
    let echo = TestEcho::start();
    let cases = [
        ("<vBoolean>yes</vBoolean>", "vBoolean"),
        ("<vInt>2147483648</vInt>", "vInt"),
        ("<vInt>1.0</vInt>", "vInt"),
        ("<vLong>9223372036854775808</vLong>", "vLong"),
        ("<vDouble>one</vDouble>", "vDouble"),
        ("<vDecimal>1e5</vDecimal>", "vDecimal"),
        ("<vDateTime>yesterday</vDateTime>", "vDateTime"),
        ("<vBinary>!</vBinary>", "vBinary"),
        ("<Colour>pink</Colour>", "Colour"),
        ("<vInt><a>1</a></vInt>", "vInt"),
        ("<vInt>1</vInt><vInt>1</vInt>", "vInt"),
        ("<Inner>text</Inner>", "Inner"),
        ("<Numbers>5</Numbers>", "Numbers"),
        ("<Numbers><item/></Numbers>", "item"),
        ("<vAny>Array</vAny>", "vAny"),
        ("<vAny><a>1</a><b>2</b><a>3</a></vAny>", "a "),
        ("<vAny>text<a>1</a></vAny>", "vAny"),
    ];
    for (members, name) in cases {
        let message = echo.refuse(members);
        assert!(message.contains(name), "{members}: {message}");
    }
}

#[test]
fn absent_empty_and_nil_are_one() {
    let echo = TestEcho::start();
    for members in [
        "",
        "<vText/>",
        "<vText></vText><vInt></vInt><vBoolean/>",
        "<vInt> </vInt>",
        &format!("<vInt {XSI} xsi:nil=\"true\"/><vText {XSI} xsi:nil=\"1\">x</vText>"),
        &format!("<Inner {XSI} xsi:nil=\"true\"/>"),
        "<vAny/>",
    ] {
        assert_eq!(echo.echo(members), "", "{members}");
    }
}

#[test]
fn the_element_of_the_call_may_stand_twice() {
    let echo = TestEcho::start();
    let inside = "<vText>a</vText><vInt>1</vInt>";
    for inner in [inside.to_owned(), format!("<Request>{inside}</Request>")] {
        let twice = format!("<t:echo.everything><echo.everything>{inner}</echo.everything></t:echo.everything>");
        assert_eq!(returned(&echo.send(&envelope(&twice))), inside, "{inner}");
    }
    // Not beside others, and not again inside.
    let beside =
        "<t:echo.everything><echo.everything><vInt>1</vInt></echo.everything><vText>a</vText></t:echo.everything>";
    assert_eq!(returned(&echo.send(&envelope(beside))), "<vText>a</vText>");
    let thrice = beside
        .replace("<vInt>1</vInt>", "<echo.everything><vInt>1</vInt></echo.everything>")
        .replace("<vText>a</vText>", "");
    assert_eq!(returned(&echo.send(&envelope(&thrice))), "");
}

#[test]
fn members_are_found_by_local_name_in_any_order() {
    let echo = TestEcho::start();
    let want = "<vText>a</vText><vInt>1</vInt>";
    for members in [
        "<vInt>1</vInt><vText>a</vText>",
        "<t:vInt>1</t:vInt><t:vText>a</t:vText>",
        "<vInt xmlns=\"\">1</vInt><x:vText xmlns:x=\"urn:understudy:echo\">a</x:vText>",
        "<vInt>1</vInt><Unknown><deep>x</deep></Unknown><vText>a</vText>",
        "<vInt>1</vInt><vText>a</vText><vBoolean xmlns=\"urn:other\">true</vBoolean>",
        "<!-- a --><vInt>1<!-- b --></vInt><?pi x?>\n<vText>a</vText>\n",
    ] {
        assert_eq!(echo.echo(members), want, "{members}");
    }
}

#[test]
fn structs_come_in_all_their_shapes() {
    let echo = TestEcho::start();
    let want = "<vText>a</vText><vInt>1</vInt>";
    let map = "<item><key>vText</key><value>a</value></item><item><key>vInt</key><value>1</value></item>";
    let pairs = "<Field><Name>vText</Name><Value>a</Value></Field><Field><name>vInt</name><value>1</value></Field>";
    for members in [map.to_owned(), pairs.to_owned()] {
        assert_eq!(echo.echo(&members), want, "{members}");
    }
    let call = |inside: &str| {
        let answer = echo.send(&envelope(&format!("<t:echo.everything>{inside}</t:echo.everything>")));
        assert_eq!(answer.status, 200, "{inside}: {}", answer.text());
        returned(&answer)
    };
    assert_eq!(call("<vInt>1</vInt><vText>a</vText>"), want, "directly under the wrapper");
    assert_eq!(call(&format!("<param0 {APACHE} {XSI} xsi:type=\"m:Map\">{map}</param0>")), want);
    assert_eq!(call("<param0><vInt>1</vInt><vText>a</vText></param0>"), want);
    assert_eq!(call("<c-gensym3><vInt>1</vInt><vText>a</vText></c-gensym3>"), want);
    assert_eq!(
        call("<param0>a</param0><param1>true</param1><param2>1</param2>"),
        "<vText>a</vText><vBoolean>true</vBoolean><vInt>1</vInt>"
    );
    assert_eq!(
        call("<c-gensym3>a</c-gensym3><c-gensym5>true</c-gensym5>"),
        "<vText>a</vText><vBoolean>true</vBoolean>"
    );
    assert_eq!(call(""), "");
    assert_eq!(call("<Request/>"), "");
    let nested = "<Inner><item><key>Name</key><value>n</value></item></Inner>";
    assert_eq!(echo.echo(nested), "<Inner><Name>n</Name></Inner>");
}

#[test]
fn lists_come_in_all_their_shapes() {
    let echo = TestEcho::start();
    let want = "<Numbers><item>1</item><item>2</item></Numbers>";
    for members in [
        "<Numbers><item>1</item><item>2</item></Numbers>".to_owned(),
        "<Numbers><int>1</int><other>2</other></Numbers>".to_owned(),
        format!("<Numbers {XSD}><xsd:string>1</xsd:string><xsd:string>2</xsd:string></Numbers>"),
        format!(
            "<Numbers {ENC} {XSI} {XSD} xsi:type=\"c:Array\" c:arrayType=\"xsd:int[2]\"><item xsi:type=\"xsd:int\">1</item><item>2</item></Numbers>"
        ),
        format!(
            "<Numbers {APACHE} {XSI} xsi:type=\"m:Map\"><item><key>3</key><value>1</value></item><item><key>9</key><value>2</value></item></Numbers>"
        ),
        // PHP's ["item" => [1, 2]] without a WSDL.
        format!(
            "<Numbers {APACHE} {ENC} {XSI} {XSD} xsi:type=\"m:Map\"><item><key>item</key>\
             <value xsi:type=\"c:Array\" c:arrayType=\"xsd:int[2]\"><item>1</item><item>2</item></value></item></Numbers>"
        ),
    ] {
        assert_eq!(echo.echo(&members), want, "{members}");
    }
    assert_eq!(echo.echo("<Numbers><item>1</item></Numbers>"), "<Numbers><item>1</item></Numbers>");
    let structs = "<Inners><a><Name>x</Name></a><b/></Inners>";
    assert_eq!(echo.echo(structs), "<Inners><item><Name>x</Name></item><item></item></Inners>");
}

#[test]
fn open_containers_take_everything() {
    let echo = TestEcho::start();
    let object = "<vAny><item><key>a</key><value>1</value></item><item><key>b</key><value></value></item></vAny>";
    let list = "<vAny><item>1</item><item>2</item></vAny>";
    let cases = [
        (object.to_owned(), object),
        ("<vAny><a>1</a><b/></vAny>".to_owned(), object),
        (
            "<vAny><Field><Name>a</Name><Value>1</Value></Field><Field><Name>b</Name><Value/></Field></vAny>"
                .to_owned(),
            object,
        ),
        (
            format!(
                "<vAny {APACHE} {XSI} xsi:type=\"m:Map\"><item><key>a</key><value>1</value></item><item><key>b</key><value/></item></vAny>"
            ),
            object,
        ),
        (list.to_owned(), list),
        (format!("<vAny {XSD}><xsd:string>1</xsd:string><xsd:string>2</xsd:string></vAny>"), list),
        ("<vAny><Tag>1</Tag><Tag>2</Tag></vAny>".to_owned(), list),
        ("<vAny>x</vAny>".to_owned(), "<vAny>x</vAny>"),
        (
            format!("<vAny><a {APACHE} {XSI} xsi:type=\"m:Map\"><item><key>b</key><value>1</value></item></a></vAny>"),
            "<vAny><item><key>a</key><value><item><key>b</key><value>1</value></item></value></item></vAny>",
        ),
    ];
    for (members, want) in cases {
        assert_eq!(echo.echo(&members), want, "{members}");
    }
    let nil = format!("<vAny><a {XSI} xsi:nil=\"true\"/></vAny>");
    assert_eq!(echo.echo(&nil), "<vAny><item><key>a</key></item></vAny>", "nil inside");
}

#[test]
fn references_are_followed_in_both_versions() {
    let echo = TestEcho::start();
    let body = "<t:echo.everything><Request href=\"#r\"/></t:echo.everything>\
        <multiRef id=\"r\"><vInt href=\"#n\"/><Inner href=\"#i\"/><vText href=\"#s\"/></multiRef>\
        <multiRef id=\"n\">7</multiRef><t:Inner id=\"i\"><Name>x</Name></t:Inner><x id=\"s\">a</x>";
    let answer = echo.send(&envelope(body));
    assert_eq!(returned(&answer), "<vText>a</vText><vInt>7</vInt><Inner><Name>x</Name></Inner>");
    let body = "<t:echo.everything xmlns:c=\"http://www.w3.org/2003/05/soap-encoding\"><Request><Inner c:id=\"i\"><Name>x</Name></Inner>\
        <Inners><a c:ref=\"i\"/><a c:ref=\"i\"/></Inners></Request></t:echo.everything>";
    let answer = echo.post("application/soap+xml", &[], envelope_12(body).as_bytes());
    assert_eq!(
        returned(&answer),
        "<Inner><Name>x</Name></Inner><Inners><item><Name>x</Name></item><item><Name>x</Name></item></Inners>"
    );
    for members in [
        "<vInt href=\"#nowhere\"/>",
        "<vInt href=\"http://example.com/x\"/>",
        "<vInt href=\"#d\"/><vText id=\"d\">1</vText><vLong id=\"d\">1</vLong>",
    ] {
        assert!(echo.refuse(members).contains("reference"), "{members}");
    }
}

#[test]
fn types_given_with_values_change_nothing_but_must_be_bound() {
    let echo = TestEcho::start();
    let typed = format!("<vInt {XSI} {XSD} xsi:type=\"xsd:string\">7</vInt>");
    assert_eq!(echo.echo(&typed), "<vInt>7</vInt>");
    let unbound = format!("<vInt {XSI} xsi:type=\"nix:int\">7</vInt>");
    assert!(echo.refuse(&unbound).contains("xsi:type"));
}

#[test]
fn operations_are_found_by_any_spelling() {
    let echo = TestEcho::start();
    for name in ["echo.everything", "echo_everything", "ECHOEVERYTHING", "Echo-Everything", "echoeverything"] {
        let answer = echo.send(&envelope(&format!("<t:{name}><vInt>1</vInt></t:{name}>")));
        assert!(answer.text().contains("<ns1:echo.everythingResponse><return>"), "{name}: {}", answer.text());
    }
    let answer = echo.send(&envelope("<t:EchoEverything/>"));
    assert!(answer.text().contains("<ns1:EchoEverythingResponse><return>"), "as ?wsdl=safe has it: {}", answer.text());
    let seen = fault("unknown", &echo.send(&envelope("<t:echo.nothing/>")));
    assert_eq!((seen.code.as_str(), seen.detail.as_deref()), ("SOAP-ENV:Client", Some("UnknownMethod")));
    let seen = fault("foreign", &echo.send(&envelope("<x:nothing xmlns:x=\"urn:other\"/>")));
    assert!(seen.message.contains("namespace"), "{seen:?}");
    fault("without", &echo.send(&envelope("<nothing/>")));
}
