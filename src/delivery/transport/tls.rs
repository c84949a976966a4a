//! TLS towards mail servers, by rustls with ring and the roots that come with the program.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::model::time::UtcTime;

/// Whose certificate is good.
#[derive(Debug, Clone, Copy)]
pub(in crate::delivery) enum Trust<'a> {
    /// Signed by one of the roots that come with the program.
    Roots,
    /// Signed by a certificate of this PEM file.
    File(&'a Path),
    /// Anybody's: the text is hidden from who listens, not from who stands between (RFC 7435).
    Anybody,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file with certificates cannot be read or holds none.
    #[error("cannot read certificates from {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The library refused.
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// A client's side of TLS.
pub(in crate::delivery) fn client(trust: Trust<'_>) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let config = match trust {
        Trust::Roots => builder
            .with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
            .with_no_client_auth(),
        Trust::File(path) => builder.with_root_certificates(roots(path)?).with_no_client_auth(),
        Trust::Anybody => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(TakesAny { provider })).with_no_client_auth()
        }
    };
    Ok(Arc::new(config))
}

/// Until when a certificate in DER is good.
pub(in crate::delivery) fn end_of(certificate: &[u8]) -> Option<UtcTime> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let end = certificate.tbs_certificate.validity.not_after.to_unix_duration();
    i64::try_from(end.as_micros()).ok().map(UtcTime)
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let bad = |reason: String| TlsError::File { path: path.display().to_string(), reason };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))? {
        store.add(certificate.map_err(|error| bad(error.to_string()))?).map_err(|error| bad(error.to_string()))?;
    }
    if store.is_empty() { Err(bad("there is no certificate in it".to_owned())) } else { Ok(store) }
}

/// Takes any certificate, but only from who holds its key.
#[derive(Debug)]
struct TakesAny {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for TakesAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
