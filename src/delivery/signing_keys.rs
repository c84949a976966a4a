//! Makes the keys that sign mail (ML-2.1, ML-2.4).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};

use crate::domain::sender_domains::KeyPair;
use crate::model::states::SigningAlgorithm;

/// RFC 8301 3.2: what signers use; longer keys do not fit the answers of many name servers.
const RSA_BITS: usize = 2_048;

/// The random source or the arithmetic failed.
#[derive(Debug, thiserror::Error)]
#[error("no key could be made")]
pub struct NoKeyMade;

/// Makes a key. RSA takes up to some seconds, so it is done before the transaction that keeps it.
///
/// # Errors
/// [`NoKeyMade`].
pub fn make(algorithm: SigningAlgorithm) -> Result<KeyPair, NoKeyMade> {
    let halves = match algorithm {
        SigningAlgorithm::RsaSha256 => make_rsa(),
        SigningAlgorithm::Ed25519 => make_ed25519(),
    };
    let (private, public) = halves.ok_or(NoKeyMade)?;
    let encode = |bytes: Vec<u8>| BASE64_STANDARD.encode(bytes);
    Ok(KeyPair { algorithm, private_key: encode(private), public_key: encode(public) })
}

/// ring signs with RSA keys and makes none.
fn make_rsa() -> Option<(Vec<u8>, Vec<u8>)> {
    let key = rsa::PrivateKey::new(&mut Random(SystemRandom::new()), RSA_BITS).ok()?;
    let private = key.to_pkcs8_der().ok()?.as_bytes().to_vec();
    Some((private, key.to_public_key().to_public_key_der().ok()?.into_vec()))
}

fn make_ed25519() -> Option<(Vec<u8>, Vec<u8>)> {
    let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok()?;
    let public = Ed25519KeyPair::from_pkcs8(private.as_ref()).ok()?.public_key().as_ref().to_vec();
    Some((private.as_ref().to_vec(), public))
}

/// ring's random source in the form that `rsa` asks for.
struct Random(SystemRandom);

impl rsa::rand_core::TryRng for Random {
    type Error = std::io::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(bytes).map_err(|_| std::io::Error::other("no randomness"))
    }
}

impl rsa::rand_core::TryCryptoRng for Random {}
