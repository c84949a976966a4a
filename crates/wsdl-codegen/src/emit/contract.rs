//! The trait a dialect implements, the adapter that makes it a service of the kit, and the contract that is served.

use super::{Code, literal};
use crate::flavour::{self, ADDRESS, FLAVOURS};
use crate::model::Service;
use crate::naming::{fold, pascal};

/// `trait <Service>Service`
pub fn service_trait(code: &mut Code, service: &Service) {
    let name = pascal(&service.name);
    code.doc(0, &service.documentation, &format!("Service `{}` of the WSDL.", service.name));
    code.line(0, "///");
    code.line(0, "/// Each method takes the call and the request. A refusal of the business is a result; an error is a SOAP fault and means that");
    code.line(0, "/// nothing was done.");
    code.line(0, format!("pub trait {name}Service: 'static {{"));
    code.doc(1, "Logins in the envelope that are taken; a mandatory one of another kind is refused.", "");
    code.line(1, "const LOGINS: soap::security::Logins = soap::security::Logins::NONE;");
    code.doc(1, "A role that header blocks may name to mean this service.", "");
    code.line(1, "const ROLE: &'static str = \"\";");
    code.doc(1, "Whether a header block is known, by namespace and name; known ones stand in the call.", "");
    code.line(1, "fn knows(&self, _namespace: &str, _name: &str) -> bool {");
    code.line(2, "false");
    code.line(1, "}");
    for operation in &service.operations {
        code.doc(1, &format!("`{}`: {}", operation.name, operation.documentation), "");
        code.line(1, format!("fn {}(", operation.rust));
        code.line(2, "&self,");
        code.line(2, "call: &soap::service::Call<'_>,");
        code.line(2, format!("request: {},", service.rust_of(operation.request)));
        let result = service.rust_of(operation.response);
        code.line(1, format!(") -> impl Future<Output = Result<{result}, soap::fault::Fault>>;"));
    }
    code.line(0, "}");
}

/// `struct <Service>`
pub fn adapter(code: &mut Code, service: &Service) {
    let name = pascal(&service.name);
    code.doc(0, &format!("Makes an implementation of [`{name}Service`] a service that the kit can mount."), "");
    code.line(0, format!("pub struct {name}<S>(pub S);"));
    code.line(0, format!("impl<S: {name}Service> soap::service::Service for {name}<S> {{"));
    code.line(1, "const LOGINS: soap::security::Logins = S::LOGINS;");
    code.line(1, "const ROLE: &'static str = S::ROLE;");
    code.line(1, "fn knows(&self, namespace: &str, name: &str) -> bool {");
    code.line(2, "self.0.knows(namespace, name)");
    code.line(1, "}");
    code.line(1, "fn contract(&self) -> &'static soap::contract::Contract {");
    code.line(2, "&CONTRACT");
    code.line(1, "}");
    code.line(1, "async fn answer(");
    code.line(2, "&self,");
    code.line(2, "call: &soap::service::Call<'_>,");
    code.line(2, "argument: soap::service::Argument<'_, '_>,");
    code.line(2, "out: &mut soap::encode::Writer,");
    code.line(1, ") -> Result<(), soap::fault::Fault> {");
    code.line(2, "match call.operation {");
    for (i, operation) in service.operations.iter().enumerate() {
        code.line(3, format!("{i} => {{"));
        code.line(4, "let request = argument.decode()?;");
        code.line(4, format!("let result = self.0.{}(call, request).await?;", operation.rust));
        code.line(4, format!("out.result({}, &result);", literal(&operation.result)));
        code.line(4, "Ok(())");
        code.line(3, "}");
    }
    code.line(3, "_ => Err(soap::fault::Fault::unknown_operation()),");
    code.line(2, "}");
    code.line(1, "}");
    code.line(0, "}");
}

/// `CONTRACT`
pub fn metadata(code: &mut Code, service: &Service) {
    code.doc(0, &format!("Names, actions and WSDL texts of service `{}`.", service.name), "");
    code.line(0, "pub static CONTRACT: soap::contract::Contract = soap::contract::Contract {");
    code.line(1, format!("service: {},", literal(&service.name)));
    code.line(1, format!("namespace: {},", literal(&service.namespace)));
    let element = service.fault.as_ref().map_or("Error", |fault| &fault.element);
    code.line(1, format!("fault_element: {},", literal(element)));
    code.line(1, "operations: &[");
    for operation in &service.operations {
        code.line(2, "soap::contract::Operation {");
        code.line(3, format!("name: {},", literal(&operation.name)));
        code.line(3, format!("safe_name: {},", literal(&operation.safe_name)));
        code.line(3, format!("action: {},", literal(&format!("{}#{}", service.namespace, operation.name))));
        code.line(3, format!("parameter: {},", literal(&operation.parameter)));
        code.line(2, "},");
    }
    code.line(1, "],");
    let mut folded: Vec<(String, usize)> =
        service.operations.iter().enumerate().map(|(i, operation)| (fold(&operation.name), i)).collect();
    folded.sort();
    let folded: Vec<String> = folded.iter().map(|(name, i)| format!("({}, {i})", literal(name))).collect();
    code.line(1, format!("folded: &[{}],", folded.join(", ")));
    code.line(1, "wsdl: [");
    for flavour in FLAVOURS {
        let text = flavour::write(service, flavour);
        let pieces: Vec<String> = text.split(ADDRESS).map(literal).collect();
        code.line(2, format!("&[{}],", pieces.join(", ")));
    }
    code.line(1, "],");
    code.line(0, "};");
}
