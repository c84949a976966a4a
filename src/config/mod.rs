//! Settings: a TOML file, `UNDERSTUDY_…` variables and flags, in rising priority. One struct per section; a bad value stops the start and names its key.

mod campaigns;
pub mod load;
pub mod masked;
pub mod private_files;
mod returns;
mod sections;
mod soap;

pub use campaigns::CampaignSettings;
pub use returns::ReturnsSettings;
pub use sections::{
    DatabaseSettings, ImportSettings, LogSettings, MailSettings, OemproSettings, OfsysSettings, OutgoingSettings,
    SecuritySettings, ServerSettings, Settings,
};
pub use soap::SoapSettings;
