//! `ListIntegration.…`: web services called on subscription, and form code for sites.

pub mod add_url;
pub mod delete_urls;
mod form;
pub mod generate_subscription_form;
pub mod generate_unsubscription_form;
pub mod get_urls;
mod html_code;
pub mod test_url;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[
    &add_url::COMMAND,
    &delete_urls::COMMAND,
    &generate_subscription_form::COMMAND,
    &generate_unsubscription_form::COMMAND,
    &get_urls::COMMAND,
    &test_url::COMMAND,
];
