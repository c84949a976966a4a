//! Oempro's `api.php`: one address, a hundred commands, replies in JSON, XML or JSONP.

pub mod envelope;
