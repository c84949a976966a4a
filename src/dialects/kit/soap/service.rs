//! What a dialect has to do with: the call, and the service that answers it.

use actix_web::HttpRequest;
use chrono::Utc;

use super::contract::Contract;
use super::decode::{At, Decode};
use super::encode::Writer;
use super::envelope::Version;
use super::fault::Fault;
use super::security::{Login, Logins, Nonces};

/// A call beside its parameters.
#[derive(Debug)]
pub struct Call<'c> {
    /// The HTTP request, for the caller's address and program.
    pub http: &'c HttpRequest,
    /// Place of the operation in the contract.
    pub operation: usize,
    /// Its name there.
    pub name: &'static str,
    /// The version it came in.
    pub version: Version,
    /// What the caller showed beside the parameters: in the envelope, else by HTTP Basic. Nobody has checked it.
    pub login: Option<Login>,
    /// Nonces used before.
    pub nonces: &'c Nonces,
    /// The header blocks that are meant for the service and that it knows, in their order.
    pub blocks: Vec<Block<'c>>,
}

/// A header block that the service knows (SO-3.16).
#[derive(Debug)]
pub struct Block<'c> {
    /// Its namespace.
    pub namespace: &'c str,
    /// Its name.
    pub name: &'c str,
    pub(super) at: At<'c, 'c>,
}

impl Block<'_> {
    /// Reads what stands in it.
    ///
    /// # Errors
    /// A fault that names the member.
    pub fn decode<T: Decode>(&self) -> Result<T, Fault> {
        T::decode(self.at)
    }
}

impl Call<'_> {
    /// Whether the login proves that its owner knows `password`, when it is a digest. A digest counts once, and for five minutes.
    ///
    /// # Errors
    /// When it is right but not fresh, or was shown before.
    pub fn digest_proves(&self, password: &str) -> Result<bool, Fault> {
        match &self.login {
            Some(Login::Digest { user, proof }) => self.nonces.admit(user, proof, password, Utc::now()),
            _ => Ok(false),
        }
    }
}

/// The parameters of a call, not yet read.
#[derive(Debug)]
pub struct Argument<'r, 'x> {
    pub(super) at: At<'r, 'x>,
}

impl Argument<'_, '_> {
    /// Reads them.
    ///
    /// # Errors
    /// A fault that names the member.
    pub fn decode<T: Decode>(self) -> Result<T, Fault> {
        T::decode(self.at)
    }
}

/// A service; wsdl-codegen writes the implementation for whatever has the service's trait.
pub trait Service: 'static {
    /// Logins in the envelope that are taken.
    const LOGINS: Logins;
    /// A role that header blocks may name to mean this service, beside those of everybody who receives a message in the end.
    const ROLE: &'static str = "";

    /// Whether the service knows a header block, by namespace and name. It finds those it knows in [`Call::blocks`] and may answer by blocks.
    fn knows(&self, _namespace: &str, _name: &str) -> bool {
        false
    }

    /// What the WSDL says.
    fn contract(&self) -> &'static Contract;

    /// Reads the parameters, does the work, writes the result.
    ///
    /// # Errors
    /// A fault; nothing was done then.
    fn answer(
        &self,
        call: &Call<'_>,
        argument: Argument<'_, '_>,
        out: &mut Writer,
    ) -> impl Future<Output = Result<(), Fault>>;
}
