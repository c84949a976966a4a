//! The `[returns]` section: where bounces and complaints come back to. Every field's comment is its manual.

use serde::{Deserialize, Serialize};

/// Where bounces and complaints come back to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnsSettings {
    /// Domain of the envelope senders (`b+TOKEN@domain`) that bounces are returned to. Its mail has to reach this server, see the manual.
    /// Empty: the sender's own address is the envelope sender, and its mailbox gets the bounces.
    pub domain: String,
}
