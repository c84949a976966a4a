//! Turns the WSDL of a service into the Rust that serves it.
//!
//! # A service in five steps
//!
//! 1. Put `wsdl/<name>.wsdl` into the product: WSDL 1.1, rpc/literal, SOAP 1.1, one schema. `wsdl/ofsys.wsdl` shows everything there is.
//!    What is not provided for stops the build with its file and line.
//! 2. The root's `build.rs` writes `$OUT_DIR/wsdl/<name>.rs`. Include it where the dialect keeps its contract, with the SOAP kit in scope:
//!
//!    ```text
//!    use crate::dialects::kit::soap;
//!    include!(concat!(env!("OUT_DIR"), "/wsdl/<name>.rs"));
//!    ```
//! 3. In there are: a struct for each complex type, an enum for each simple type, `trait <Service>Service` with one async method for each
//!    operation, `struct <Service><S>` which makes whatever has the trait a service of the kit, and `CONTRACT` with names, actions and WSDL texts.
//! 4. Implement the trait: a method takes the call (who, from where, which version) and the request, and gives the result or a fault.
//!    A refusal of the business is a result, a fault is for the protocol.
//! 5. Make `soap::http::Endpoint::new(<Service>(implementation), settings)` once, and in the configuration of each server thread
//!    `soap::http::mount(config, "/webservices/soap", &endpoint)`.
//!
//! # What the rules are
//!
//! - One `targetNamespace` for definitions and schema; every type global, named, a sequence or a list of words.
//! - Members: `xsd:string boolean int long float double decimal dateTime base64Binary anyType` or a type of the file; `minOccurs="0"`, or `nillable="true"`, or neither.
//! - A list is a type whose only member has `minOccurs="0" maxOccurs="unbounded"`.
//! - A message has one part. That of an output is called `return`. Members of a request are all optional.
//! - A fault names a global element; all operations name the same one.
//! - `soapAction` is `namespace#operation`. Every operation has a `documentation`, which becomes the method's comment.
//! - Names stay apart without case and `. - _`.
//!
//! The address in the file does not matter: the served WSDL carries the one the server is reached by.
//!
//! # yaserde
//!
//! The files are read with yaserde. The emitted types carry its derives in unit tests, where they check the emitted reading and writing; the product
//! does without, because yaserde reads by a parser without limits, ten times as slowly.

pub mod document;
pub mod emit;
pub mod error;
pub mod flavour;
pub mod model;
pub mod naming;
pub mod resolve;
pub mod vocabulary;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use error::Error;
use model::Service;

/// Whether emitted types carry yaserde's derives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oracle {
    /// Under `cfg(test)`.
    InTests,
    /// Never: for code outside of the crate that has the kit.
    Never,
}

/// Writes `<name>.rs` into `out` for each `<name>.wsdl` in `folder`, and tells cargo when to do so again. A folder that is not there holds none.
///
/// # Errors
/// When a file cannot be read or written, or is not what the rules ask for.
pub fn generate(folder: &Path, out: &Path, oracle: Oracle) -> Result<(), Error> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    fs::create_dir_all(out).map_err(at(out))?;
    if !folder.is_dir() {
        return Ok(());
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        files.push(entry.map_err(at(folder))?.path());
    }
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "wsdl")) {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(file).map_err(at(file))?;
        let service = read(&file.display().to_string(), &text)?;
        let name = file.file_stem().unwrap_or_default();
        let target = out.join(name).with_extension("rs");
        fs::write(&target, emit::file(&service, oracle)).map_err(at(&target))?;
    }
    Ok(())
}

/// Reads one service; `file` is its name in errors.
///
/// # Errors
/// The first thing that is not well-formed, not provided for, or against the rules.
pub fn read(file: &str, text: &str) -> Result<Service, Error> {
    let prefixes = vocabulary::check(file, text)?;
    let document: document::Definitions =
        yaserde::de::from_str(text).map_err(|error| Error::Xml { file: file.to_owned(), reason: error.to_string() })?;
    resolve::resolve(file, &document, &prefixes)
}
