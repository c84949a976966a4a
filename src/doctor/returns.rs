//! Whether bounces find their way back: the domain of envelope senders, and a way in.

use super::{Finding, Round, domains, spf};

const CHECK: &str = "returns";

pub(super) async fn examine(round: &Round) -> Vec<Finding> {
    let returns = &round.settings.returns;
    if returns.domain.is_empty() {
        if !round.sends() {
            return Vec::new();
        }
        let says = "returns.domain is not set: bounces go to the senders' mailboxes, and nobody counts them";
        let advice = "set it and one way in (docs/operations.md, bounces); addresses that are gone are mailed for ever otherwise";
        return vec![Finding::warning(CHECK, says, advice)];
    }
    let (mx, spf) =
        tokio::join!(domains::takes_mail(&round.dns, &returns.domain), spf::examine(&round.dns, &returns.domain, true));
    let ways: Vec<&str> = [
        (!returns.listen.is_empty(), "LMTP or SMTP at returns.listen"),
        (!returns.mailbox_url.is_empty(), "a mailbox"),
        (!returns.hook_secret.is_empty(), "calls of a provider"),
    ]
    .into_iter()
    .filter_map(|(is_set, way)| is_set.then_some(way))
    .collect();
    let way = if ways.is_empty() {
        let says = "no way in is set: only `understudy intake` takes returned mail";
        Finding::warning(
            CHECK,
            says,
            "fine when your mail server pipes it there; otherwise set returns.listen or mailbox_url",
        )
    } else {
        Finding::ok(CHECK, format!("returned mail comes in by {}", ways.join(", ")))
    };
    vec![mx, spf, way]
}
