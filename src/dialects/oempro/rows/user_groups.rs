//! User groups as this wire shows them (OE-11).

use crate::dialects::kit::value::Object;
use crate::dialects::oempro::rows::{true_false, yes_no};
use crate::dialects::oempro::wire::Wire;
use crate::domain::user_groups::{GroupBilling, GroupDelivery, UserGroup};
use crate::model::states::SendMethod;

/// What stands for a stored secret. A client that sends it back keeps the secret.
pub const MASK: &str = "********";

/// A group as an administrator sees it (OE-11.13). The SMTP password is masked: the old platform showed it.
#[must_use]
pub fn group(group: &UserGroup, billing: &GroupBilling, delivery: &GroupDelivery, wire: &Wire) -> Object {
    let mut row = group_of_account(group, billing, wire);
    row.extend(sending(delivery, wire));
    row
}

/// A group as its accounts see it: without the settings of the delivery, which are not theirs to know.
#[must_use]
pub fn group_of_account(group: &UserGroup, billing: &GroupBilling, wire: &Wire) -> Object {
    let row = Object::new()
        .put("UserGroupID", wire.id(group.id.0))
        .put("GroupName", &group.name)
        .put("RelThemeID", wire.id(group.theme_id))
        .put("SubscriberAreaLogoutURL", &group.logout_url)
        .put("ForceUnsubscriptionLink", enabled(group.force_unsubscribe_link))
        .put("ForceRejectOptLink", enabled(group.force_reject_link))
        .put("ForceOptInList", enabled(group.force_opt_in_list))
        .put("Permissions", &group.permissions);
    with_limits(with_prices(row, billing), group, wire)
}

fn with_prices(row: Object, billing: &GroupBilling) -> Object {
    row.put("PaymentSystem", enabled(billing.is_enabled))
        .put("PaymentPricingRange", &billing.pricing_range)
        .put("PaymentCampaignsPerRecipient", enabled(billing.campaigns_per_recipient))
        .put("PaymentCampaignsPerCampaignCost", &billing.campaigns_per_campaign_cost)
        .put("PaymentAutoRespondersChargeAmount", &billing.autoresponders_charge)
        .put("PaymentAutoRespondersPerRecipient", enabled(billing.autoresponders_per_recipient))
        .put("PaymentDesignPrevChargeAmount", &billing.preview_charge)
        .put("PaymentDesignPrevChargePerReq", &billing.preview_charge_per_request)
        .put("PaymentSystemChargeAmount", &billing.system_charge)
        .put("CreditSystem", enabled(billing.credits_enabled))
}

fn with_limits(row: Object, group: &UserGroup, wire: &Wire) -> Object {
    row.put("LimitSubscribers", wire.id(group.limit_subscribers))
        .put("LimitLists", wire.id(group.limit_lists))
        .put("LimitCampaignSendPerPeriod", wire.id(group.limit_campaigns_per_month))
        .put("LimitEmailSendPerPeriod", wire.id(group.limit_emails_per_month))
        .put("LimitEmailSendPerDay", wire.id(group.limit_emails_per_day))
        .put("ThresholdImport", wire.id(group.threshold_import))
        .put("ThresholdEmailSend", wire.id(group.threshold_send))
        .put("PlainEmailHeader", &group.plain_header)
        .put("PlainEmailFooter", &group.plain_footer)
        .put("HTMLEmailHeader", &group.html_header)
        .put("HTMLEmailFooter", &group.html_footer)
        // The column is Yes/No although the commands take Enabled/Disabled.
        .put("TrialGroup", yes_no(group.is_trial))
        .put("TrialExpireSeconds", wire.id(group.trial_seconds))
        .put("Options", &group.options)
}

fn sending(delivery: &GroupDelivery, wire: &Wire) -> Object {
    Object::new()
        .put("SendMethod", send_method(delivery.method))
        .put("SendMethodSaveToDiskDir", &delivery.save_to_disk_dir)
        .put("SendMethodPowerMTAVMTA", &delivery.powermta_vmta)
        .put("SendMethodPowerMTADir", &delivery.powermta_dir)
        .put("SendMethodLocalMTAPath", &delivery.local_mta_path)
        .put("SendMethodSMTPHost", &delivery.smtp_host)
        .put("SendMethodSMTPPort", wire.id(delivery.smtp_port))
        .put("SendMethodSMTPSecure", &delivery.smtp_security)
        .put("SendMethodSMTPTimeOut", wire.id(delivery.smtp_timeout_seconds))
        .put("SendMethodSMTPAuth", true_false(delivery.smtp_auth))
        .put("SendMethodSMTPUsername", &delivery.smtp_username)
        .put("SendMethodSMTPPassword", if delivery.smtp_password.is_empty() { "" } else { MASK })
        .put("XMailer", "")
}

/// The words of `SendMethod`.
#[must_use]
pub fn send_method(method: SendMethod) -> &'static str {
    match method {
        SendMethod::System => "System",
        SendMethod::Smtp => "SMTP",
        SendMethod::LocalMta => "LocalMTA",
        SendMethod::PhpMail => "PHPMail",
        SendMethod::PowerMta => "PowerMTA",
        SendMethod::SaveToDisk => "SaveToDisk",
    }
}

/// `Enabled` or `Disabled`.
#[must_use]
pub fn enabled(truth: bool) -> &'static str {
    if truth { "Enabled" } else { "Disabled" }
}
