//! Texts with tags: which are read, what is put in where.

use super::*;

fn value_of(tag: &Tag) -> Option<String> {
    match tag {
        Tag::Contact(name) if name == "f_City" => Some("<Åbo> & [[=Contact.f_City;]]\r\nBcc: x".to_owned()),
        Tag::Parameter(name) => Some(format!("({name})")),
        Tag::OperationalLink(id) => Some(format!("https://x.example/oplink/{id}?a=1&b=2")),
        Tag::ActivationLink => Some("https://x.example/activate".to_owned()),
        Tag::Merge { group, name } => match (group.as_str(), name.as_str()) {
            ("S", "V") => Some("v%S:V%".to_owned()),
            ("Subscriber", "EmailAddress") => Some("a&b@x.example".to_owned()),
            ("Subscriber", "Evil") => Some("%Subscriber:EmailAddress%\r\nBcc: x".to_owned()),
            ("Subscriber", "Empty") => Some(String::new()),
            _ => None,
        },
        _ => None,
    }
}

fn render(text: &str, place: Place) -> String {
    Template::new(text, place).render(value_of)
}

#[test]
fn tags_are_read_with_and_without_semicolon_blanks_and_case() {
    for (text, want) in [
        ("a[[=Message.Parameter(\"x\");]]b", "a(x)b"),
        ("[[=Message.Parameter('x y')]]", "(x y)"),
        ("[[= message.parameter( &quot;x&quot; ) ; ]]", "(x)"),
        ("[[=Message.Parameter(\"a]]b\")]]", "(a]]b)"),
        ("[[=Message.ActivationLink();]]", "https://x.example/activate"),
        ("[[=Message.ActivationLink]]", "https://x.example/activate"),
        ("[[=Message.OpLink(1460);]]", "https://x.example/oplink/1460?a=1&b=2"),
        ("x[[=Contact.f_Nothing;]]y", "xy"),
        ("x[[=Nonsense]]y", "xy"),
        ("x[[=Message.OpLink(a)]]y", "xy"),
        ("x[[=Message.Parameter(x)]]y", "xy"),
        ("[[=]]", ""),
    ] {
        assert_eq!(render(text, Place::Plain), want, "{text}");
    }
}

#[test]
fn known_tags_are_replaced_once_and_others_stay() {
    let cases = [
        ("Hi %Subscriber:EmailAddress%!", Place::Plain, "Hi a&b@x.example!"),
        ("Hi %Subscriber:EmailAddress%!", Place::Html, "Hi a&amp;b@x.example!"),
        ("%Subscriber:Evil%", Place::Header, "%Subscriber:EmailAddress%  Bcc: x"),
        ("100% of %Subscriber:Nothing% and 5%", Place::Plain, "100% of %Subscriber:Nothing% and 5%"),
        ("50%%Subscriber:Empty%%", Place::Plain, "50%%"),
        ("%%Subscriber:EmailAddress%", Place::Plain, "%a&b@x.example"),
        ("%é:x% %", Place::Plain, "%é:x% %"),
        ("50%%S:V%%", Place::Plain, "50%v%S:V%%"),
    ];
    for (text, place, want) in cases {
        assert_eq!(render(text, place), want, "{text}");
    }
}

#[test]
fn what_is_no_tag_stays() {
    let long = format!("[[={}]]", "x".repeat(MAX_TAG_BYTES));
    for text in [
        "",
        "[[",
        "[[=Contact.f_City",
        "[[=Contact\n.f_City;]]",
        "a]]b",
        "[[Contact.f_City;]]",
        "100% of 5%",
        "%G:N%",
        &long,
    ] {
        assert_eq!(render(text, Place::Plain), text, "{text}");
    }
    assert_eq!(render("[[=[[=Message.ActivationLink()]]", Place::Plain), "[[=https://x.example/activate");
}

#[test]
fn what_is_put_in_is_escaped_for_its_place_and_not_read_again() {
    let text = "[[=Contact.f_City;]]";
    assert_eq!(render(text, Place::Html), "&lt;Åbo&gt; &amp; [[=Contact.f_City;]]\r\nBcc: x");
    assert_eq!(render(text, Place::Header), "<Åbo> & [[=Contact.f_City;]]  Bcc: x");
    assert_eq!(render("a\r\nb", Place::Header), "a  b");
}

#[test]
fn inside_an_address_a_value_is_percent_encoded_and_at_its_start_only_escaped() {
    let encoded = "a%26b@x.example";
    for (text, want) in [
        ("<a href=\"[[=Message.OpLink(7);]]\">", "<a href=\"https://x.example/oplink/7?a=1&amp;b=2\">".to_owned()),
        ("<a href='x?e=%Subscriber:EmailAddress%'>", format!("<a href='x?e={encoded}'>")),
        ("<a title=x HREF = \"/%Subscriber:EmailAddress%/\">", format!("<a title=x HREF = \"/{encoded}/\">")),
        ("<img src=x?%Subscriber:EmailAddress% alt=a>", format!("<img src=x?{encoded} alt=a>")),
        ("<a href=\" %Subscriber:EmailAddress%\">", "<a href=\" a&amp;b@x.example\">".to_owned()),
        ("<a href=\"%Subscriber:Empty%%Subscriber:EmailAddress%\">", format!("<a href=\"{encoded}\">")),
        (
            "<a href=\"x\" title=\"x?%Subscriber:EmailAddress%\">",
            "<a href=\"x\" title=\"x?a&amp;b@x.example\">".to_owned(),
        ),
        ("<!-- <a href=\"x -->%Subscriber:EmailAddress%", "<!-- <a href=\"x -->a&amp;b@x.example".to_owned()),
        ("1 < 2 href=\"x?%Subscriber:EmailAddress%\"", "1 < 2 href=\"x?a&amp;b@x.example\"".to_owned()),
    ] {
        assert_eq!(render(text, Place::Html), want, "{text}");
    }
    for (text, want) in [
        ("https://x.example/?e=%Subscriber:EmailAddress%&n=1", "https://x.example/?e=a%26b@x.example&n=1"),
        ("see <https://x.example/?e=%Subscriber:EmailAddress%>", "see <https://x.example/?e=a%26b@x.example>"),
        ("https://x.example/? e=%Subscriber:EmailAddress%", "https://x.example/? e=a&b@x.example"),
        ("%Subscriber:Empty%https://x.example/?%Subscriber:EmailAddress%", "https://x.example/?a&b@x.example"),
    ] {
        assert_eq!(render(text, Place::Plain), want, "{text}");
    }
}

#[test]
fn a_bound_template_holds_what_is_the_same_for_all() {
    let template = Template::new("<b>%L:Name%</b> %S:V% %No:Body%", Place::Html);
    let bound = template.bind(|tag| match tag {
        Tag::Merge { group, .. } if group == "L" => Bound::Same("A & B".to_owned()),
        Tag::Merge { group, .. } if group == "S" => Bound::Value(7),
        _ => Bound::Nothing,
    });
    assert_eq!(bound.parts.len(), 3);
    assert_eq!(bound.fill(|n| Cow::Owned(format!("<{n}>"))), "<b>A &amp; B</b> &lt;7&gt; %No:Body%");
}

#[test]
fn ranges_can_stand_for_tags() {
    let text = "<a href=\"https://x.example/?e=%S:V%\">x</a>";
    let start = text.find("https").expect("start");
    let range = start..start + "https://x.example/?e=%S:V%".len();
    let template = Template::with(text, Place::Html, vec![(range, Tag::Click(LinkTargetId(3)))]);
    assert_eq!(template.tags().collect::<Vec<_>>(), [&Tag::Click(LinkTargetId(3))]);
    assert_eq!(template.render(|_| Some("/t/c/1".to_owned())), "<a href=\"/t/c/1\">x</a>");
}

#[test]
fn tags_can_be_listed() {
    let template = Template::new("[[=Message.OpLink(1);]] [[=Contact.f_City]] [[=x]]", Place::Plain);
    let tags: Vec<&Tag> = template.tags().collect();
    assert_eq!(tags, [&Tag::OperationalLink(1), &Tag::Contact("f_City".to_owned()), &Tag::Unknown("x".to_owned())]);
}
