//! A service after reading: names resolved, rules checked, nothing of XML left.

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Name of the WSDL service.
    pub name: String,
    /// Target namespace.
    pub namespace: String,
    /// What it is for; may be empty.
    pub documentation: String,
    /// Structs in the order of the schema.
    pub structs: Vec<Struct>,
    /// Enumerations in the order of the schema.
    pub enums: Vec<Enum>,
    /// The element every fault's detail may carry, if the WSDL declares one.
    pub fault: Option<FaultElement>,
    /// Operations in the order of the port type.
    pub operations: Vec<Operation>,
}

/// A global element of the schema that faults carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultElement {
    /// Its name.
    pub element: String,
    /// Index in `structs`.
    pub type_index: usize,
    /// Name of the fault in each operation.
    pub name: String,
}

/// A complex type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struct {
    /// Name in the schema.
    pub name: String,
    /// Name in Rust.
    pub rust: String,
    /// What it is; may be empty.
    pub documentation: String,
    /// Its members in order.
    pub members: Vec<Member>,
}

impl Struct {
    /// Whether it stands for a list: its only member repeats.
    pub fn is_list(&self) -> bool {
        matches!(self.members.as_slice(), [only] if only.occurs == Occurs::Many)
    }
}

/// An element in a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name on the wire.
    pub name: String,
    /// Name in Rust.
    pub rust: String,
    /// What it is; may be empty.
    pub documentation: String,
    /// Its type.
    pub kind: Kind,
    /// How often.
    pub occurs: Occurs,
    /// Whether absence is written as `xsi:nil`.
    pub nillable: bool,
}

impl Member {
    /// Whether Rust needs an `Option`.
    pub fn is_optional(&self) -> bool {
        self.occurs == Occurs::Optional || (self.occurs == Occurs::One && self.nillable)
    }
}

/// How often a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Once.
    One,
    /// Once or not at all.
    Optional,
    /// Any number of times.
    Many,
}

/// The type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of XML Schema.
    Scalar(Scalar),
    /// Index in `structs`.
    Struct(usize),
    /// Index in `enums`.
    Enum(usize),
}

/// The simple types of XML Schema that are read and written, and `anyType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// `xsd:string`
    Text,
    /// `xsd:boolean`
    Boolean,
    /// `xsd:int`
    Int,
    /// `xsd:long`
    Long,
    /// `xsd:float`
    Float,
    /// `xsd:double`
    Double,
    /// `xsd:decimal`
    Decimal,
    /// `xsd:dateTime`
    DateTime,
    /// `xsd:base64Binary`
    Binary,
    /// `xsd:anyType`
    Any,
}

impl Scalar {
    /// All of them, with their names in XML Schema and in Rust.
    pub const ALL: &[(Scalar, &str, &str)] = &[
        (Scalar::Text, "string", "String"),
        (Scalar::Boolean, "boolean", "bool"),
        (Scalar::Int, "int", "i32"),
        (Scalar::Long, "long", "i64"),
        (Scalar::Float, "float", "f32"),
        (Scalar::Double, "double", "f64"),
        (Scalar::Decimal, "decimal", "soap::lexical::Decimal"),
        (Scalar::DateTime, "dateTime", "soap::lexical::DateTime"),
        (Scalar::Binary, "base64Binary", "soap::lexical::Binary"),
        (Scalar::Any, "anyType", "soap::lexical::Any"),
    ];

    /// By its name in XML Schema.
    pub fn of_schema(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word, _)| *word == name).map(|(scalar, _, _)| *scalar)
    }

    /// Its name in XML Schema.
    pub fn schema(self) -> &'static str {
        Self::ALL.iter().find(|(scalar, _, _)| *scalar == self).map_or("string", |(_, word, _)| word)
    }

    /// Its type in Rust.
    pub fn rust(self) -> &'static str {
        Self::ALL.iter().find(|(scalar, _, _)| *scalar == self).map_or("String", |(_, _, rust)| rust)
    }
}

/// A simple type that lists words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Name in the schema.
    pub name: String,
    /// Name in Rust.
    pub rust: String,
    /// What it is; may be empty.
    pub documentation: String,
    /// Words of the wire with their names in Rust and what they mean.
    pub words: Vec<Word>,
}

/// One word of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// On the wire.
    pub value: String,
    /// In Rust.
    pub rust: String,
    /// What it means; may be empty.
    pub documentation: String,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Name in the WSDL, such as `USER.CREATE`.
    pub name: String,
    /// Name without dots, such as `UserCreate`.
    pub safe_name: String,
    /// Name of the trait's method.
    pub rust: String,
    /// The text of its `documentation`; may be empty.
    pub documentation: String,
    /// Name of the input's part, such as `Request`.
    pub parameter: String,
    /// Type of that part.
    pub request: Kind,
    /// Name of the output's part, `return`.
    pub result: String,
    /// Type of that part.
    pub response: Kind,
    /// Whether it declares the service's fault.
    pub has_fault: bool,
}

impl Service {
    /// The type's name in Rust.
    pub fn rust_of(&self, kind: Kind) -> &str {
        match kind {
            Kind::Scalar(scalar) => scalar.rust(),
            Kind::Struct(i) => self.structs.get(i).map_or("", |one| &one.rust),
            Kind::Enum(i) => self.enums.get(i).map_or("", |one| &one.rust),
        }
    }

    /// The type's name in a WSDL, with prefix `xsd` or `tns`.
    pub fn qname_of(&self, kind: Kind) -> String {
        match kind {
            Kind::Scalar(scalar) => format!("xsd:{}", scalar.schema()),
            Kind::Struct(i) => format!("tns:{}", self.structs.get(i).map_or("", |one| &one.name)),
            Kind::Enum(i) => format!("tns:{}", self.enums.get(i).map_or("", |one| &one.name)),
        }
    }

    /// Marks in `seen` every struct and enumeration that a type needs.
    pub fn reach(&self, kind: Kind, seen: &mut Vec<Kind>) {
        if seen.contains(&kind) {
            return;
        }
        seen.push(kind);
        if let Kind::Struct(i) = kind {
            for member in self.structs.get(i).map_or(&[][..], |one| &one.members) {
                self.reach(member.kind, seen);
            }
        }
    }
}
