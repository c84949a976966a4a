//! The `[letters]` section: what the mails look like that people get. Every field's comment is its manual.

use serde::{Deserialize, Serialize};

/// What the mails look like that people get.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LetterSettings {
    /// Domain of the lists' names in `List-Id` (`<7.lists.domain>`). It should not change while people filter by it. Empty: the host of
    /// `server.public_url`.
    pub list_domain: String,
    /// Mark mail to many with `Precedence: bulk`, which keeps vacation notices from answering.
    pub precedence_bulk: bool,
    /// The sender that Google counts complaints under (the last field of `Feedback-ID`): 5 to 15 letters and digits. Empty: no such header.
    pub feedback_sender: String,
    /// Where providers may send complaints to (`CFBL-Address`, RFC 9477). DKIM has to cover its domain. Empty: no such header.
    pub complaints_address: String,
    /// Also write the header `X-MessageID` of the Oempro platform, for tools that read it.
    pub legacy_message_id: bool,
    /// Also count clicks on links in the text part. Links are then replaced by longer ones that readers see.
    pub tracks_text: bool,
    /// Count opens and clicks only of people who said yes to tracking. Otherwise those who said no are not counted.
    pub tracking_needs_consent: bool,
    /// Put the postal address of the list's sender under every mail to many that does not name it by a tag, as US law asks.
    pub postal_address: bool,
}

impl Default for LetterSettings {
    fn default() -> Self {
        Self {
            list_domain: String::new(),
            precedence_bulk: true,
            feedback_sender: String::new(),
            complaints_address: String::new(),
            legacy_message_id: false,
            tracks_text: false,
            tracking_needs_consent: false,
            postal_address: false,
        }
    }
}
