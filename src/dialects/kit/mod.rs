//! Bytes that several dialects share: reading what PHP sites send, writing what they expect. Knows no domain and no store.

pub mod caller;
pub mod form;
pub mod jsonp;
pub mod legacy_time;
pub mod page;
pub mod php_json;
pub mod soap;
pub mod value;
pub mod xml;
pub mod zone_labels;
