//! Faults: what went wrong with a message, and its shape in both versions (SO-3).
//!
//! Refusals of the business are results and do not come here. A fault means that nothing was done.

use std::fmt::Write;

use super::encode::push_text;
use super::envelope::Version;

/// The error code of the protocol a fault stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The envelope is of no version we know.
    VersionMismatch,
    /// A mandatory header block is not understood.
    MustUnderstand,
    /// The message is at fault.
    Client,
    /// There is no such operation.
    UnknownOperation,
    /// A parameter is missing or unreadable.
    BadArguments,
    /// The call is written by encoding rules that we do not know.
    DataEncoding,
    /// We are at fault.
    Server,
}

/// Why a message was not processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The protocol's code.
    pub cause: Cause,
    /// Our word for it, in the detail; `None` for faults that are about headers, which have no detail.
    pub code: Option<&'static str>,
    /// A sentence for people, without anything of ours inside.
    pub message: String,
    /// An HTTP status other than the cause's.
    pub status: Option<u16>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
    /// Whether the connection must not be used again, because the request was not read to its end.
    pub close: bool,
    /// Namespace and name of the header blocks that were not understood.
    pub not_understood: Vec<(String, String)>,
}

impl Fault {
    fn new(cause: Cause, code: Option<&'static str>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { cause, code, message, status: None, retry_after: None, close: false, not_understood: Vec::new() }
    }

    /// The message cannot be read, or is not what it should be.
    pub fn client(message: impl Into<String>) -> Self {
        Self::new(Cause::Client, Some("InvalidRequest"), message)
    }

    /// More than a limit allows.
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(Cause::Client, Some("LimitExceeded"), message)
    }

    /// A parameter is missing or unreadable, and there is no result to say so in.
    pub fn bad_argument(message: impl Into<String>) -> Self {
        Self::new(Cause::BadArguments, Some("InvalidParameter"), message)
    }

    /// No operation of that name.
    pub fn unknown_operation() -> Self {
        Self::new(Cause::UnknownOperation, Some("UnknownMethod"), "there is no such operation")
    }

    /// A header block does not hold what it should. Has no detail.
    pub fn header(message: impl Into<String>) -> Self {
        Self::new(Cause::Client, None, message)
    }

    /// The envelope's namespace is of no version.
    pub fn version() -> Self {
        Self::new(Cause::VersionMismatch, None, "the envelope is neither of SOAP 1.1 nor of SOAP 1.2")
    }

    /// Header blocks that must be understood and are not.
    pub fn not_understood(blocks: Vec<(String, String)>) -> Self {
        let names: Vec<&str> = blocks.iter().map(|(_, name)| name.as_str()).collect();
        let message = format!("mandatory header block not understood: {}", names.join(", "));
        Self { not_understood: blocks, ..Self::new(Cause::MustUnderstand, None, message) }
    }

    /// Encoding rules that we do not know.
    pub fn encoding(style: &str) -> Self {
        let shown: String = style.chars().take(100).collect();
        Self::new(Cause::DataEncoding, Some("InvalidRequest"), format!("unknown encodingStyle {shown:?}"))
    }

    /// Something failed on our side. Log the reason before; nothing of it goes out.
    pub fn internal() -> Self {
        Self::new(Cause::Server, Some("InternalError"), "the server could not process the call")
    }

    /// Too much to do at the moment.
    pub fn busy(retry_after: u32) -> Self {
        let message = "the server is busy, please try again later";
        Self { retry_after: Some(retry_after), ..Self::new(Cause::Server, Some("Busy"), message) }
    }

    /// The same fault with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same fault, after which the connection ends.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// The HTTP status. In 1.1 it is always 500, because clients lose the fault otherwise (SO-3.2).
    pub fn status_in(&self, version: Version) -> u16 {
        if let Some(status) = self.status {
            return status;
        }
        match (version, self.cause) {
            (Version::V12, Cause::Client | Cause::UnknownOperation | Cause::BadArguments) => 400,
            _ => 500,
        }
    }

    /// The whole answer; `namespace` and `element` name what stands in the detail.
    pub fn write(&self, version: Version, namespace: &str, element: &str) -> String {
        // A wrong version is answered in 1.1, which everybody reads (SO-3.1).
        match (self.cause, version) {
            (Cause::VersionMismatch, _) | (_, Version::V11) => self.write_11(namespace, element),
            (_, Version::V12) => self.write_12(namespace, element),
        }
    }

    fn write_11(&self, namespace: &str, element: &str) -> String {
        let code = match self.cause {
            Cause::VersionMismatch => "VersionMismatch",
            Cause::MustUnderstand => "MustUnderstand",
            Cause::Client | Cause::UnknownOperation | Cause::BadArguments | Cause::DataEncoding => "Client",
            Cause::Server => "Server",
        };
        let mut out = String::with_capacity(640);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"");
        out.push_str(Version::V11.namespace());
        // Writing to a String cannot fail, here and below.
        let _ = write!(out, "\"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:{code}</faultcode><faultstring>");
        push_text(&mut out, &self.message);
        out.push_str("</faultstring>");
        self.push_detail(&mut out, "detail", namespace, element);
        out.push_str("</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>\n");
        out
    }

    fn write_12(&self, namespace: &str, element: &str) -> String {
        let (code, subcode) = match self.cause {
            Cause::VersionMismatch => ("VersionMismatch", None),
            Cause::MustUnderstand => ("MustUnderstand", None),
            Cause::Client => ("Sender", None),
            Cause::UnknownOperation => ("Sender", Some("ProcedureNotPresent")),
            Cause::BadArguments => ("Sender", Some("BadArguments")),
            Cause::DataEncoding => ("DataEncodingUnknown", None),
            Cause::Server => ("Receiver", None),
        };
        let mut out = String::with_capacity(768);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<env:Envelope xmlns:env=\"");
        out.push_str(Version::V12.namespace());
        out.push_str("\">");
        if !self.not_understood.is_empty() {
            out.push_str("<env:Header>");
            for (namespace, name) in &self.not_understood {
                out.push_str("<env:NotUnderstood qname=\"");
                out.push_str(if namespace.is_empty() { "" } else { "h:" });
                push_text(&mut out, name);
                if !namespace.is_empty() {
                    out.push_str("\" xmlns:h=\"");
                    push_text(&mut out, namespace);
                }
                out.push_str("\"/>");
            }
            out.push_str("</env:Header>");
        }
        let _ = write!(out, "<env:Body><env:Fault><env:Code><env:Value>env:{code}</env:Value>");
        if let Some(subcode) = subcode {
            let _ = write!(
                out,
                "<env:Subcode xmlns:rpc=\"http://www.w3.org/2003/05/soap-rpc\"><env:Value>rpc:{subcode}</env:Value></env:Subcode>"
            );
        }
        out.push_str("</env:Code><env:Reason><env:Text xml:lang=\"en\">");
        push_text(&mut out, &self.message);
        out.push_str("</env:Text></env:Reason>");
        self.push_detail(&mut out, "env:Detail", namespace, element);
        out.push_str("</env:Fault></env:Body></env:Envelope>\n");
        out
    }

    fn push_detail(&self, out: &mut String, name: &str, namespace: &str, element: &str) {
        let Some(code) = self.code else { return };
        let _ = write!(out, "<{name}><e:{element} xmlns:e=\"");
        push_text(out, namespace);
        let _ = write!(out, "\"><ErrorCode>{code}</ErrorCode><ErrorMessage>");
        push_text(out, &self.message);
        let _ = write!(out, "</ErrorMessage></e:{element}></{name}>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_1_1_has_unqualified_children_and_status_500() {
        let fault = Fault::client("a < b");
        assert_eq!(fault.status_in(Version::V11), 500);
        assert_eq!(
            fault.write(Version::V11, "urn:x", "Error"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\">\
             <SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>a &lt; b</faultstring><detail>\
             <e:Error xmlns:e=\"urn:x\"><ErrorCode>InvalidRequest</ErrorCode><ErrorMessage>a &lt; b</ErrorMessage></e:Error></detail>\
             </SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
        );
    }

    #[test]
    fn a_fault_of_1_2_has_one_reason_and_a_subcode() {
        let fault = Fault::bad_argument("no");
        assert_eq!(fault.status_in(Version::V12), 400);
        let text = fault.write(Version::V12, "urn:x", "Error");
        assert!(text.contains("<env:Value>env:Sender</env:Value><env:Subcode"), "{text}");
        assert!(text.contains("rpc:BadArguments"), "{text}");
        assert_eq!(text.matches("<env:Text xml:lang=\"en\">").count(), 1);
        assert!(text.contains("</env:Reason><env:Detail><e:Error"), "{text}");
    }

    #[test]
    fn statuses_follow_the_table() {
        let cases = [
            (Fault::version(), 500, 500),
            (Fault::not_understood(vec![("urn:a".into(), "b".into())]), 500, 500),
            (Fault::client(""), 500, 400),
            (Fault::unknown_operation(), 500, 400),
            (Fault::bad_argument(""), 500, 400),
            (Fault::encoding(""), 500, 500),
            (Fault::limit(""), 500, 400),
            (Fault::limit("").with_status(413), 413, 413),
            (Fault::busy(3), 500, 500),
            (Fault::internal(), 500, 500),
        ];
        for (fault, v11, v12) in cases {
            assert_eq!((fault.status_in(Version::V11), fault.status_in(Version::V12)), (v11, v12), "{fault:?}");
        }
    }

    #[test]
    fn header_faults_have_no_detail_and_name_the_blocks() {
        let fault = Fault::not_understood(vec![("urn:a&b".into(), "T".into())]);
        assert!(!fault.write(Version::V11, "urn:x", "Error").contains("detail"));
        let text = fault.write(Version::V12, "urn:x", "Error");
        assert!(text.contains("<env:NotUnderstood qname=\"h:T\" xmlns:h=\"urn:a&amp;b\"/>"), "{text}");
        assert!(!text.contains("Detail"));
    }

    #[test]
    fn a_wrong_version_is_answered_in_1_1() {
        assert!(Fault::version().write(Version::V12, "urn:x", "Error").contains("SOAP-ENV:VersionMismatch"));
    }
}
