//! The emitted reading and writing against yaserde's derives on the same types: both must agree on every value, both ways.
//!
//! yaserde trims texts, knows no `xsi:nil` and takes an unknown word of an enumeration for the first; the values here stay clear of that.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use xml::attribute::OwnedAttribute;
use xml::namespace::Namespace;
use xml::reader::XmlEvent as Seen;
use xml::writer::XmlEvent as Written;
use yaserde::de::Deserializer;
use yaserde::ser::Serializer;
use yaserde::{YaDeserialize, YaSerialize};

use super::decode::{Decode, Reading};
use super::encode::{Encode, Writer};
use super::gate;
use super::lexical::{Binary, DateTime, Decimal};
use super::limits::Limits;
use super::sample::{Colour, EverythingRequest, EverythingResult, Inner, Inners, Numbers};
use crate::dialects::kit::value::{Object, Value};

/// The text of the element that begins next; its end is left to the caller.
fn inner_text<R: Read>(reader: &mut Deserializer<R>) -> Result<String, yaserde::Error> {
    reader.next_event()?;
    match reader.peek()?.clone() {
        Seen::Characters(text) => {
            reader.next_event()?;
            Ok(text)
        }
        _ => Ok(String::new()),
    }
}

macro_rules! by_text {
    ($type:ty, $write:expr, $read:expr) => {
        impl YaSerialize for $type {
            fn serialize<W: Write>(&self, writer: &mut Serializer<W>) -> Result<(), yaserde::Error> {
                let name = writer.get_start_event_name().unwrap_or_default();
                writer.write(Written::start_element(name.as_str()))?;
                let text: String = $write(self);
                writer.write(Written::characters(&text))?;
                writer.write(Written::end_element())?;
                Ok(())
            }

            fn serialize_attributes(
                &self,
                attributes: Vec<OwnedAttribute>,
                namespace: Namespace,
            ) -> Result<(Vec<OwnedAttribute>, Namespace), yaserde::Error> {
                Ok((attributes, namespace))
            }
        }

        impl YaDeserialize for $type {
            fn deserialize<R: Read>(reader: &mut Deserializer<R>) -> Result<Self, yaserde::Error> {
                let text = inner_text(reader)?;
                let read: Option<Self> = $read(&text);
                read.ok_or_else(|| yaserde::Error::custom(format!("{text:?} cannot be read")))
            }
        }
    };
}

by_text!(DateTime, |time: &DateTime| time.to_string(), |text: &str| DateTime::parse(text));
by_text!(Decimal, |number: &Decimal| number.as_str().to_owned(), |text: &str| Decimal::parse(text));
by_text!(Binary, |bytes: &Binary| STANDARD.encode(&bytes.0), |text: &str| STANDARD.decode(text).ok().map(Binary));

impl YaSerialize for Value {
    fn serialize<W: Write>(&self, writer: &mut Serializer<W>) -> Result<(), yaserde::Error> {
        let name = writer.get_start_event_name().unwrap_or_default();
        write_value(self, &name, writer)
    }

    fn serialize_attributes(
        &self,
        attributes: Vec<OwnedAttribute>,
        namespace: Namespace,
    ) -> Result<(Vec<OwnedAttribute>, Namespace), yaserde::Error> {
        Ok((attributes, namespace))
    }
}

fn write_value<W: Write>(value: &Value, name: &str, writer: &mut Serializer<W>) -> Result<(), yaserde::Error> {
    writer.write(Written::start_element(name))?;
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter() {
                writer.write(Written::start_element("item"))?;
                write_value(&Value::Text(key.to_owned()), "key", writer)?;
                write_value(value, "value", writer)?;
                writer.write(Written::end_element())?;
            }
        }
        Value::List(items) => {
            for item in items {
                write_value(item, "item", writer)?;
            }
        }
        Value::Text(text) => writer.write(Written::characters(text))?,
        other => return Err(yaserde::Error::custom(format!("{other:?} is not generated"))),
    }
    writer.write(Written::end_element())?;
    Ok(())
}

impl YaDeserialize for Value {
    fn deserialize<R: Read>(reader: &mut Deserializer<R>) -> Result<Self, yaserde::Error> {
        reader.next_event()?;
        read_inside(reader)
    }
}

/// What stands up to the end of the open element, which is left to the caller.
fn read_inside<R: Read>(reader: &mut Deserializer<R>) -> Result<Value, yaserde::Error> {
    let mut text = String::new();
    let mut members: Vec<(String, Value)> = Vec::new();
    loop {
        match reader.peek()?.clone() {
            Seen::StartElement { name, .. } => {
                reader.next_event()?;
                members.push((name.local_name, read_inside(reader)?));
                reader.next_event()?;
            }
            Seen::Characters(piece) => {
                reader.next_event()?;
                text.push_str(&piece);
            }
            Seen::EndElement { .. } | Seen::EndDocument => break,
            _ => {
                reader.next_event()?;
            }
        }
    }
    let of_pair = |value: &Value| match value {
        Value::Object(pair) => match (pair.get("key"), pair.get("value")) {
            (Some(Value::Text(key)), Some(value)) => Some((key.clone(), value.clone())),
            _ => None,
        },
        _ => None,
    };
    if members.is_empty() {
        return Ok(Value::Text(text));
    }
    if members.iter().all(|(name, _)| name == "item") {
        let pairs: Option<Vec<_>> = members.iter().map(|(_, value)| of_pair(value)).collect();
        return Ok(match pairs {
            Some(pairs) => {
                let mut object = Object::new();
                pairs.into_iter().for_each(|(key, value)| object.insert(key, value));
                Value::Object(object)
            }
            None => Value::List(members.into_iter().map(|(_, value)| value).collect()),
        });
    }
    let mut object = Object::new();
    members.into_iter().for_each(|(name, value)| object.insert(name, value));
    Ok(Value::Object(object))
}

fn ours_written<T: Encode>(value: &T, root: &str) -> String {
    let mut out = Writer::fragment();
    out.member(root, value);
    out.into_text()
}

/// Reads a message's element by itself.
fn ours_read<T: Decode>(text: &str) -> T {
    let limits = Limits::default();
    let tree = gate::read(text, "urn:understudy:echo", &limits).unwrap();
    let reading = Reading::new(tree, &limits);
    T::decode(reading.at(reading.tree.root()).unwrap()).unwrap()
}

/// Both codecs on one value, in all directions.
pub fn agree<T>(value: &T, root: &str) -> Result<(), TestCaseError>
where
    T: Encode + Decode + YaSerialize + YaDeserialize + PartialEq + std::fmt::Debug,
{
    let ours = ours_written(value, root);
    let theirs: T = yaserde::de::from_str(&ours).map_err(|error| TestCaseError::fail(format!("{error}: {ours}")))?;
    prop_assert_eq!(&theirs, value, "written by us, read by yaserde: {}", ours);
    let written = yaserde::ser::to_string(value).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&ours_read::<T>(&written), value, "written by yaserde, read by us: {}", written);
    prop_assert_eq!(&ours_read::<T>(&ours), value, "written and read by us: {}", ours);
    Ok(())
}

/// Texts that begin and end with something: yaserde trims.
pub fn text() -> impl Strategy<Value = String> {
    "[a-z<>&\"'é😀\\]]([ -~é\n]{0,12}[a-z<>&\"'é😀\\]])?".prop_filter("broken clients write it", |text| text != "Array")
}

/// What may stand in an open container.
pub fn any_value() -> impl Strategy<Value = Value> {
    text().prop_map(Value::Text).prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Value::List),
            vec((text(), inner), 1..4).prop_map(|pairs| {
                let mut object = Object::new();
                pairs.into_iter().for_each(|(key, value)| object.insert(key, value));
                Value::Object(object)
            }),
        ]
    })
}

fn moment() -> impl Strategy<Value = DateTime> {
    (0_i64..4_000_000_000, any::<bool>()).prop_filter_map("a time", |(seconds, is_utc)| {
        let utc = chrono::DateTime::from_timestamp(seconds, 0)?;
        Some(if is_utc { DateTime::Utc(utc) } else { DateTime::Local(utc.naive_utc()) })
    })
}

fn colour() -> impl Strategy<Value = Colour> {
    prop_oneof![Just(Colour::Red), Just(Colour::DarkGreen), Just(Colour::Blue)]
}

fn inner() -> impl Strategy<Value = Inner> {
    let leaf = of(text()).prop_map(|name| Inner { name, deeper: None });
    leaf.prop_recursive(3, 8, 3, |inner| {
        (of(text()), of(vec(inner, 1..3).prop_map(|item| Inners { item })))
            .prop_map(|(name, deeper)| Inner { name, deeper })
    })
}

fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("yaserde writes these in words of Rust", |number| number.is_finite())
}

fn request() -> impl Strategy<Value = EverythingRequest> {
    let simple = (
        of(text()),
        of(any::<bool>()),
        of(any::<i32>()),
        of(any::<i64>()),
        of(any::<f32>().prop_filter("finite", |number| number.is_finite())),
        of(number()),
        of("-?[0-9]{1,9}(\\.[0-9]{1,4})?".prop_filter_map("a decimal", |text| Decimal::parse(&text))),
        of(moment()),
    );
    let others = (
        of(vec(any::<u8>(), 1..20).prop_map(Binary)),
        of(any_value()),
        of(colour()),
        of((text(), inner()).prop_map(|(name, inner)| Inner { name: Some(name), ..inner })),
        of(vec(any::<i32>(), 1..5).prop_map(|item| Numbers { item })),
        of(vec((text(), inner()).prop_map(|(name, inner)| Inner { name: Some(name), ..inner }), 1..4)
            .prop_map(|item| Inners { item })),
    );
    (simple, others).prop_map(|(simple, others)| EverythingRequest {
        v_text: simple.0,
        v_boolean: simple.1,
        v_int: simple.2,
        v_long: simple.3,
        v_float: simple.4,
        v_double: simple.5,
        v_decimal: simple.6,
        v_date_time: simple.7,
        v_binary: others.0,
        v_any: others.1,
        colour: others.2,
        inner: others.3,
        numbers: others.4,
        inners: others.5,
    })
}

fn full() -> impl Strategy<Value = EverythingResult> {
    let fill = |request: EverythingRequest| EverythingResult {
        v_text: request.v_text.or(Some("x".to_owned())),
        v_boolean: request.v_boolean.or(Some(false)),
        v_int: request.v_int.or(Some(0)),
        v_long: request.v_long.or(Some(i64::MIN)),
        v_float: request.v_float.or(Some(0.5)),
        v_double: request.v_double.or(Some(-0.25)),
        v_decimal: request.v_decimal.or(Decimal::parse("1.10")),
        v_date_time: request.v_date_time.or(Some(DateTime::default())),
        v_binary: request.v_binary.or(Some(Binary(vec![0]))),
        v_any: request.v_any.or(Some(Value::Text("y".to_owned()))),
        colour: request.colour.or(Some(Colour::Blue)),
        inner: request.inner.or(Some(Inner { name: Some("z".to_owned()), deeper: None })),
        numbers: request.numbers.or(Some(Numbers { item: vec![1] })),
        inners: request.inners.or(Some(Inners { item: vec![Inner { name: Some("i".to_owned()), deeper: None }] })),
    };
    request().prop_map(fill)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn requests_mean_the_same_to_yaserde(value in request()) {
        agree(&value, "EverythingRequest")?;
    }

    #[test]
    fn results_mean_the_same_to_yaserde(value in full()) {
        agree(&value, "EverythingResult")?;
    }
}
