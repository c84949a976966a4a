//! Reads a JSON object body into the same tree as a form, so that commands need not know how they were called.
//!
//! Every leaf becomes text: a number its shortest decimal form, `true` `"1"`, `false` `"0"` (both read as booleans by every command and store in a
//! number column as MySQL would), and `null` is as if the member were not there. Names are taken as they are: no brackets, no mangling.

use super::charset::{Charset, UTF8_MARK};
use super::collector::Collector;
use super::{Array, FormError, Node};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// serde_json itself gives up at 128 levels, with an error that cannot be told from bad syntax.
const MAX_DEPTH: usize = 100;

pub(super) fn read(body: &[u8], charset: Charset, into: &mut Collector<'_>) -> Result<(), FormError> {
    let body = body.strip_prefix(UTF8_MARK).unwrap_or(body);
    let text = charset.decode_keeping_nul(body);
    let mut parser = serde_json::Deserializer::from_str(&text);
    let mut stop = None;
    let top =
        Seed { into, depth: 0, stop: &mut stop }.deserialize(&mut parser).and_then(|top| parser.end().map(|()| top));
    match (top, stop) {
        (_, Some(error)) => Err(error),
        (Err(_), None) => Err(FormError::NotJson),
        (Ok(Some(Node::Array(variables))), None) => {
            into.set_variables(variables);
            Ok(())
        }
        (Ok(_), None) => Err(FormError::NotAnObject),
    }
}

/// Reads one value. Our own errors travel in `stop`, since serde's can only hold text.
struct Seed<'s, 'l> {
    into: &'s mut Collector<'l>,
    /// 0 at the top object.
    depth: usize,
    stop: &'s mut Option<FormError>,
}

impl<'l> Seed<'_, 'l> {
    /// Notes why reading ends here.
    fn end<E: serde::de::Error>(&mut self, error: FormError) -> E {
        *self.stop = Some(error);
        E::custom(error)
    }

    /// Counts a member or item.
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.into.count().map_err(|error| self.end(error))
    }

    /// Checks that an object or list may stand at this depth.
    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth > self.into.limits().depth.min(MAX_DEPTH) { Err(self.end(FormError::TooDeep)) } else { Ok(()) }
    }

    /// The reader of a value one level down.
    fn below(&mut self) -> Seed<'_, 'l> {
        Seed { into: &mut *self.into, depth: self.depth + 1, stop: &mut *self.stop }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Option<Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Option<Node>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Node::from(if flag { "1" } else { "0" })))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(number.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(without_nul(text.to_owned()))))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(without_nul(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self::Value, A::Error> {
        self.enter()?;
        if self.depth == 0 {
            return Err(self.end(FormError::NotAnObject));
        }
        let mut array = Array::new();
        let mut position = 0usize;
        while let Some(item) = items.next_element_seed(self.below())? {
            self.count()?;
            if let Some(node) = item {
                array.insert(position.to_string(), node);
            }
            position += 1;
        }
        Ok(Some(Node::Array(array)))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self::Value, A::Error> {
        self.enter()?;
        let mut array = Array::new();
        while let Some(key) = members.next_key::<String>()? {
            self.count()?;
            let value = members.next_value_seed(self.below())?;
            if let Some(node) = value
                && key.len() <= self.into.limits().key_bytes
            {
                array.insert(without_nul(key), node);
            }
        }
        Ok(Some(Node::Array(array)))
    }
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
