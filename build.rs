//! Turns the WSDL files of `wsdl/` and `tests/wsdl/` into Rust (see `crates/wsdl-codegen`), and has the crate compiled anew when a migration is added:
//! they are embedded.

use std::path::Path;

use wsdl_codegen::{Oracle, generate};

fn main() {
    let Some(out) = std::env::var_os("OUT_DIR") else { return };
    let out = Path::new(&out);
    println!("cargo::rerun-if-changed=migrations");
    for (folder, target, oracle) in [
        ("wsdl", "wsdl", Oracle::InTests),
        ("tests/wsdl", "tests", Oracle::InTests),
        ("tests/wsdl", "tests_outside", Oracle::Never),
    ] {
        if let Err(error) = generate(Path::new(folder), &out.join(target), oracle) {
            println!("cargo::error={error}");
        }
    }
}
