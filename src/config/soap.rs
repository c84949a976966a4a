//! The `[soap]` section: how much a SOAP message may hold and how long things may take (SO-4.1). Every field's comment is its manual.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bounds on SOAP messages. More than that is a fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoapSettings {
    /// Body of a request as received, in bytes.
    pub body_bytes: usize,
    /// Body once inflated, in bytes.
    pub inflated_bytes: usize,
    /// How many times larger than received an inflated body may be.
    pub inflated_ratio: usize,
    /// Elements inside of each other, the envelope included; also what is reached by references.
    pub depth: usize,
    /// Elements in a message; what is reached by references counts each time.
    pub elements: usize,
    /// Child elements of one element.
    pub children: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Attributes in a message, declarations, `xsi:type` and `xsi:nil` excepted.
    pub all_attributes: usize,
    /// Value of one attribute as written, in bytes.
    pub attribute_bytes: usize,
    /// Namespace declarations in scope at once.
    pub bindings: usize,
    /// Different namespaces in a message.
    pub namespaces: usize,
    /// Name with its prefix, in bytes.
    pub name_bytes: usize,
    /// Text of one element, in bytes.
    pub text_bytes: usize,
    /// Header blocks.
    pub header_blocks: usize,
    /// Elements that can be referred to.
    pub ids: usize,
    /// References in a row.
    pub hops: usize,
    /// Request line and header fields together, in bytes.
    pub head_bytes: usize,
    /// A body is there within this time, in seconds.
    #[serde(rename = "body_seconds", with = "seconds")]
    pub body_time: Duration,
    /// From this time on a body comes at `body_bytes_per_second` on average, in seconds.
    #[serde(rename = "body_grace_seconds", with = "seconds")]
    pub body_grace: Duration,
    /// How fast a body must come on average, in bytes a second.
    #[serde(rename = "body_bytes_per_second")]
    pub body_rate: usize,
    /// A call is answered within this time, in seconds. PHP gives up after 60.
    #[serde(rename = "call_seconds", with = "seconds")]
    pub call_time: Duration,
}

impl Default for SoapSettings {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            inflated_bytes: 4 * 1024 * 1024,
            inflated_ratio: 100,
            depth: 64,
            elements: 20_000,
            children: 5_000,
            attributes: 32,
            all_attributes: 20_000,
            attribute_bytes: 8 * 1024,
            bindings: 64,
            namespaces: 256,
            name_bytes: 256,
            text_bytes: 512 * 1024,
            header_blocks: 16,
            ids: 1_000,
            hops: 16,
            head_bytes: 16 * 1024,
            body_time: Duration::from_secs(30),
            body_grace: Duration::from_secs(5),
            body_rate: 1024,
            call_time: Duration::from_secs(55),
        }
    }
}

/// A time as a number of whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

/// A setting's key, its value, and from where to where it may go.
type Bounded = (&'static str, u64, RangeInclusive<u64>);

const KIB: u64 = 1024;
const MIB: u64 = 1024 * 1024;

impl SoapSettings {
    /// The first value that is out of its range: its key, and what it must be.
    ///
    /// The least values let a plain call of every known client through. The greatest keep a message from taking more than some hundred MiB or
    /// some seconds; where a search or a recursion grows with a value (attributes, bindings, namespaces, depth, hops), they keep that short.
    #[must_use]
    pub fn out_of_range(&self) -> Option<(&'static str, RangeInclusive<u64>)> {
        let is_outside = |(_, value, range): &Bounded| !range.contains(value);
        self.bounded().into_iter().find(is_outside).map(|(key, _, range)| (key, range))
    }

    fn bounded(&self) -> [Bounded; 21] {
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        [
            ("body_bytes", wide(self.body_bytes), 4 * KIB..=64 * MIB),
            ("inflated_bytes", wide(self.inflated_bytes), 4 * KIB..=256 * MIB),
            // A deflated stream cannot be smaller than a 1032nd.
            ("inflated_ratio", wide(self.inflated_ratio), 1..=1_032),
            ("depth", wide(self.depth), 16..=256),
            ("elements", wide(self.elements), 100..=1_000_000),
            ("children", wide(self.children), 50..=1_000_000),
            ("attributes", wide(self.attributes), 8..=256),
            ("all_attributes", wide(self.all_attributes), 50..=1_000_000),
            ("attribute_bytes", wide(self.attribute_bytes), 256..=MIB),
            ("bindings", wide(self.bindings), 16..=256),
            ("namespaces", wide(self.namespaces), 16..=1_024),
            ("name_bytes", wide(self.name_bytes), 64..=4 * KIB),
            ("text_bytes", wide(self.text_bytes), KIB..=64 * MIB),
            ("header_blocks", wide(self.header_blocks), 1..=1_000),
            ("ids", wide(self.ids), 10..=100_000),
            ("hops", wide(self.hops), 1..=64),
            // The web server's own buffer for a head has 128 KiB.
            ("head_bytes", wide(self.head_bytes), 2 * KIB..=128 * KIB),
            ("body_seconds", self.body_time.as_secs(), 1..=600),
            ("body_grace_seconds", self.body_grace.as_secs(), 1..=600),
            ("body_bytes_per_second", wide(self.body_rate), 1..=MIB),
            ("call_seconds", self.call_time.as_secs(), 1..=600),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_range_and_the_defaults_are_inside() {
        let settings = SoapSettings::default();
        assert_eq!(settings.out_of_range(), None);
        let table = toml::Table::try_from(&settings).expect("a table");
        let bounded: Vec<&str> = settings.bounded().iter().map(|(key, ..)| *key).collect();
        let keys: Vec<&str> = table.keys().map(String::as_str).collect();
        assert!(keys.iter().all(|key| bounded.contains(key)) && keys.len() == bounded.len(), "{keys:?} {bounded:?}");
        for (key, value, _) in settings.bounded() {
            assert_eq!(table[key].as_integer(), i64::try_from(value).ok(), "{key} has the range of another");
        }
    }

    #[test]
    fn each_end_of_each_range_is_the_last_that_is_taken() {
        for (key, _, range) in SoapSettings::default().bounded() {
            let with = |value: u64| -> SoapSettings {
                let mut table = toml::Table::new();
                table.insert(key.to_owned(), i64::try_from(value).expect("small").into());
                table.try_into().expect("settings")
            };
            for good in [*range.start(), *range.end()] {
                assert_eq!(with(good).out_of_range(), None, "{key} = {good}");
            }
            for bad in [*range.start() - 1, *range.end() + 1] {
                assert_eq!(with(bad).out_of_range(), Some((key, range.clone())), "{key} = {bad}");
            }
        }
    }
}
