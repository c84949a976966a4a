//! Reads WSDL 1.1 files and writes Rust for them. Empty until the SOAP service is built.
