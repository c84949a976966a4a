//! spine
fn main() {}
