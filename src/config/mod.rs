//! Settings: a TOML file, `UNDERSTUDY_…` variables and flags, in rising priority. One struct per section; a bad value stops the start and names its key.

mod campaigns;
mod letters;
pub mod load;
mod mail;
pub mod masked;
mod metrics;
pub mod private_files;
mod queue;
mod returns;
mod sections;
mod soap;

pub use campaigns::CampaignSettings;
pub use letters::LetterSettings;
pub use mail::{MailSettings, MxSettings, RelaySettings, Route, TlsMode};
pub use metrics::MetricsSettings;
pub use queue::QueueSettings;
pub use returns::ReturnsSettings;
pub use sections::{
    DatabaseSettings, ImportSettings, LogSettings, OemproSettings, OfsysSettings, OutgoingSettings, SecuritySettings,
    ServerSettings, Settings,
};
pub use soap::SoapSettings;
