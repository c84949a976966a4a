//! Forgotten passwords on this wire: what `User.…` and `Admin.…` share.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::params::Params;
use crate::domain::password_reset::{self, Kind, ResetError, Wishes};
use crate::domain::secrets::new_password;

/// Base64 with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How the mail is to look: `CustomResetLink`, and for administrators (5.x) `ResetEmailSubject` and `ResetEmailContent`. `ReturnParams` has no published
/// meaning and is passed over.
#[must_use]
pub fn wishes(params: &Params) -> Wishes {
    Wishes {
        link: params.text("CustomResetLink").and_then(decoded_link),
        subject: params.text("ResetEmailSubject").map(str::to_owned),
        content: params.text("ResetEmailContent").map(str::to_owned),
    }
}

/// `CustomResetLink` is base64 of an address with `%s` (OE-7). Its `+` may have become blanks on the way, and some send the address as it is.
fn decoded_link(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with("http://") || text.starts_with("https://") {
        return Some(text.to_owned());
    }
    let base64 = text.replace(' ', "+").replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let bytes = LENIENT.decode(&base64).or_else(|_| general_purpose::URL_SAFE_NO_PAD.decode(&base64)).ok()?;
    String::from_utf8(bytes).ok()
}

/// Resets a password: the one given as `NewPassword` (5.x), or a random one. `ShowPassword` answers it, `DontSendNewPasswordEmail` mails nothing; all
/// three only with the token of a link that went to the owner.
///
/// # Errors
/// `missing` without a reference, `unknown` when no open request fits, an internal fault.
pub async fn reset(stage: &Stage, kind: Kind, parameter: &str, missing: i64, unknown: i64) -> Result<Reply, Fault> {
    let mut need = stage.params.need();
    let reference = need.text(parameter, missing).to_owned();
    need.done()?;
    let asked = reference.clone();
    let found =
        stage.read(move |call| password_reset::find(call.cx, kind, &asked).map_err(|error| fault(error, unknown)));
    let request = found.await?;
    let chosen = stage.params.text("NewPassword");
    if chosen.is_some() && !request.may_choose {
        return Err(Fault::code(unknown));
    }
    let password = chosen.map_or_else(new_password, str::to_owned);
    let hash = login::hash(stage, &password).await?;
    let wants = |name: &str| request.may_choose && stage.params.truth(name) == Some(true);
    let (shows, is_quiet) = (wants("ShowPassword"), wants("DontSendNewPasswordEmail"));
    stage
        .write(move |call| {
            let to_mail = (!is_quiet).then_some(password.as_str());
            password_reset::finish(call.cx, kind, &reference, &hash, to_mail).map_err(|error| fault(error, unknown))?;
            // Unproven: the key's name; the parameter is documented, the answer is not.
            Ok(if shows { Reply::new().put("NewPassword", password) } else { Reply::new() })
        })
        .await
}

fn fault(error: ResetError, unknown: i64) -> Fault {
    match error {
        ResetError::Unknown => Fault::code(unknown),
        ResetError::Store(error) => Fault::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_links_are_read_in_all_their_spellings() {
        let link = "https://example.org/reset?x=1&id=%s";
        let base64 = general_purpose::STANDARD.encode(link);
        for text in [link, &base64, base64.trim_end_matches('='), &base64.replace('+', " ").replace('=', "%3D")] {
            assert_eq!(decoded_link(text).as_deref(), Some(link), "{text}");
        }
        assert_eq!(decoded_link("???"), None);
    }
}
