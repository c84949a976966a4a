//! Oempro's `api.php?Command=…`: envelopes, sessions and commands as its clients know them. Facts: `docs/dialects/oempro.md`.

pub mod call;
pub mod commands;
pub mod envelope;
pub mod fault;
pub mod field_params;
pub mod forms;
pub mod front;
pub mod id_list;
pub mod login;
pub mod params;
pub mod registry;
pub mod reset;
pub mod rows;
pub mod wire;
pub mod words;
