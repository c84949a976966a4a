//! Certificates that nobody signed but themselves.

use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, crypto};
use tokio_rustls::TlsAcceptor;

/// A certificate for `127.0.0.1` that signed itself: the server's side, and the PEM file to trust.
pub fn certificate() -> (TlsAcceptor, tempfile::NamedTempFile) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate");
    let file = tempfile::NamedTempFile::new().expect("a certificate");
    std::fs::write(file.path(), made.cert.pem()).expect("a certificate");
    (TlsAcceptor::from(Arc::new(config)), file)
}
