//! Argon2id whose working memory goes back to the system after every password.

use argon2::password_hash::{Decimal, Ident, Output, ParamsString, PasswordHash, PasswordHasher, Result, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// A block of up to 32 MiB that is freed teaches the system's allocator to keep blocks of its size from then on, one for each of its arenas; a
/// larger one goes back at once and teaches nothing. So the room asked for is larger; what is not used of it is never touched and costs nothing.
const ROOM_BYTES: usize = 33 * 1024 * 1024;

/// Argon2id with the costs of the settings.
pub(super) struct Argon(pub Argon2<'static>);

impl PasswordHasher for Argon {
    type Params = Params;

    fn hash_password<'a>(&self, password: &[u8], salt: impl Into<Salt<'a>>) -> Result<PasswordHash<'a>> {
        self.hash_password_customized(password, None, None, self.0.params().clone(), salt)
    }

    fn hash_password_customized<'a>(
        &self,
        password: &[u8],
        algorithm: Option<Ident<'a>>,
        version: Option<Decimal>,
        params: Params,
        salt: impl Into<Salt<'a>>,
    ) -> Result<PasswordHash<'a>> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or(Algorithm::Argon2id);
        let version = version.map(Version::try_from).transpose()?.unwrap_or(Version::V0x13);
        let argon = Argon2::new(algorithm, version, params);
        let salt = salt.into();
        let mut room = [0; 64];
        let salt_bytes = salt.decode_b64(&mut room)?;
        let length = argon.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let hash = Output::init_with(length, |out| Ok(fill(&argon, password, salt_bytes, out)?))?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(argon.params())?,
            salt: Some(salt),
            hash: Some(hash),
        })
    }
}

fn fill(argon: &Argon2<'_>, password: &[u8], salt: &[u8], out: &mut [u8]) -> argon2::Result<()> {
    let n_blocks = argon.params().block_count();
    let mut memory = Vec::with_capacity(n_blocks.max(ROOM_BYTES / size_of::<Block>()));
    memory.resize(n_blocks, Block::default());
    argon.hash_password_into_with_memory(password, salt, out, memory.as_mut_slice())
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordVerifier, SaltString};

    use super::*;

    #[test]
    fn hashes_are_those_of_the_library() {
        let library =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).expect("good costs"));
        let salt = SaltString::encode_b64(b"0123456789abcdef").expect("good salt");
        let theirs = library.hash_password(b"secret", &salt).expect("hash").to_string();
        let ours = Argon(library).hash_password(b"secret", &salt).expect("hash").to_string();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn hashes_of_other_costs_are_verified() {
        let costs =
            |kib| Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(kib, 2, 1, None).expect("costs"));
        let salt = SaltString::encode_b64(b"0123456789abcdef").expect("good salt");
        let stored = costs(128).hash_password(b"secret", &salt).expect("hash").to_string();
        let stored = PasswordHash::new(&stored).expect("hash");
        assert!(Argon(costs(64)).verify_password(b"secret", &stored).is_ok());
        assert!(Argon(costs(64)).verify_password(b"Secret", &stored).is_err());
    }
}
