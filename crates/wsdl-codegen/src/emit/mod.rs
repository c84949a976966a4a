//! Writes the Rust of a service: types, reading and writing, the trait and what connects it with the kit.

mod codec;
mod contract;
mod types;

use crate::Oracle;
use crate::model::{Kind, Service};

/// The whole file, for `include!`.
pub fn file(service: &Service, oracle: Oracle) -> String {
    let mut code = Code::default();
    code.line(0, "// Written by wsdl-codegen from the service's WSDL; included by the module that keeps the contract.");
    let uses = Uses::of(service);
    for (i, one) in service.structs.iter().enumerate() {
        types::structure(&mut code, service, one, oracle);
        codec::structure(&mut code, service, i, &uses);
    }
    for (i, one) in service.enums.iter().enumerate() {
        types::enumeration(&mut code, one, oracle);
        codec::enumeration(&mut code, service, i, &uses);
    }
    contract::service_trait(&mut code, service);
    contract::adapter(&mut code, service);
    contract::metadata(&mut code, service);
    code.text
}

/// Which types come in and which go out. The other direction is written for tests only.
pub struct Uses {
    requests: Vec<Kind>,
    responses: Vec<Kind>,
}

impl Uses {
    fn of(service: &Service) -> Self {
        let (mut requests, mut responses) = (Vec::new(), Vec::new());
        for operation in &service.operations {
            service.reach(operation.request, &mut requests);
            service.reach(operation.response, &mut responses);
        }
        Self { requests, responses }
    }

    /// The attribute before the reading of a type.
    fn reading(&self, kind: Kind) -> &'static str {
        if self.requests.contains(&kind) { "" } else { "#[cfg(test)]" }
    }

    /// The attribute before the writing of a type.
    fn writing(&self, kind: Kind) -> &'static str {
        if self.responses.contains(&kind) { "" } else { "#[cfg(test)]" }
    }
}

/// Lines of Rust.
#[derive(Default)]
pub struct Code {
    text: String,
}

impl Code {
    /// Adds a line; an empty one is left out.
    pub fn line(&mut self, depth: usize, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(depth));
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Adds a comment on the item that follows.
    pub fn doc(&mut self, depth: usize, text: &str, otherwise: &str) {
        let text = if text.is_empty() { otherwise } else { text };
        self.line(depth, format!("#[doc = {}]", literal(text)));
    }
}

/// A text as a literal of Rust.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}
