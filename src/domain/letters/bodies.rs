//! What stands around a message's bodies: the user group's headers and footers, the link to unsubscribe where one is forced, the postal address, the
//! line that mail programs show beside the subject; and the text made of HTML where there is none.

use crate::domain::cx::Ctx;
use crate::domain::letters::prepare::{Reading, Wanted};
use crate::domain::letters::{LetterKind, text_part};
use crate::domain::messages::versions::Versioned;
use crate::domain::projects::Project;
use crate::store::StoreError;
use crate::store::rows::accounts::{AccountProfile, AccountRow};

/// What is put around bodies.
#[derive(Debug, Clone, Default)]
pub(super) struct Extras {
    plain_header: String,
    plain_footer: String,
    html_header: String,
    html_footer: String,
    forces_unsubscribe: bool,
    /// The tags of the sender's company and address, in lines; empty for none.
    postal: String,
    pre_header: String,
    /// Name behind the address that answers go to.
    pub reply_to_name: String,
}

/// The bodies with everything around them.
pub(super) struct Bodies {
    pub plain: String,
    pub html: String,
    /// Where in the HTML the picture that tells of an opening goes.
    pub picture_at: usize,
}

impl Extras {
    pub fn of(
        cx: &mut Ctx<'_>,
        wanted: &Wanted<'_>,
        project: &Project,
        owner: Option<&(AccountRow, AccountProfile)>,
        message: &Versioned,
    ) -> Result<Self, StoreError> {
        let mut extras = Self::default();
        if let Some(row) = cx.tx.find_message(project.account(), message.id)? {
            extras.reply_to_name = row.reply_to_name.chars().filter(|c| !c.is_control()).collect();
            if wanted.reading == Reading::Mail {
                extras.pre_header = row.pre_header;
            }
        }
        if wanted.kind == LetterKind::Transactional {
            return Ok(extras);
        }
        if let Some((owner, _)) = owner
            && let Some(group) = cx.tx.find_user_group(owner.user_group_id)?
        {
            extras.plain_header = group.plain_header;
            extras.plain_footer = group.plain_footer;
            extras.html_header = group.html_header;
            extras.html_footer = group.html_footer;
            extras.forces_unsubscribe = group.force_unsubscribe_link;
        }
        if cx.settings.letters.postal_address {
            let list = &project.list;
            let lines = [
                (list.sender_company.trim(), "%List:SenderCompany%"),
                (list.sender_address.trim(), "%List:SenderAddress%"),
            ];
            let tags = lines.iter().filter(|(value, _)| !value.is_empty()).map(|(_, tag)| *tag);
            extras.postal = tags.collect::<Vec<_>>().join("\n");
        }
        Ok(extras)
    }

    pub fn bodies(&self, plain: &str, html: &str) -> Bodies {
        let text =
            if plain.trim().is_empty() && !html.is_empty() { text_part::of_html(html) } else { plain.to_owned() };
        let plain = if text.is_empty() && html.is_empty() { text } else { self.around_plain(&text) };
        let (html, picture_at) = if html.is_empty() { (String::new(), 0) } else { self.around_html(html) };
        Bodies { plain, html, picture_at }
    }

    fn around_plain(&self, text: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.push(self.plain_header.clone());
        parts.push(text.to_owned());
        parts.push(self.plain_footer.clone());
        let said = parts.concat().to_ascii_lowercase();
        if self.forces_unsubscribe && !can_leave(&said) {
            parts.push("Unsubscribe: %Link:Unsubscribe%".to_owned());
        }
        if !self.postal.is_empty() && !said.contains("%list:senderaddress%") {
            parts.push(self.postal.clone());
        }
        let filled: Vec<&str> = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
        if filled.len() == 1 && filled[0] == text.trim_end() { text.to_owned() } else { filled.join("\n\n") + "\n" }
    }

    /// The HTML, and where what comes behind its text begins to end.
    fn around_html(&self, html: &str) -> (String, usize) {
        let (top, bottom) = body_range(html);
        let mut out = String::with_capacity(html.len() + 1_024);
        out.push_str(&html[..top]);
        if !self.pre_header.trim().is_empty() {
            out.push_str("<div style=\"display:none;max-height:0;overflow:hidden\">");
            out.push_str(&escaped(self.pre_header.trim()));
            out.push_str("</div>");
        }
        out.push_str(&self.html_header);
        out.push_str(&html[top..bottom]);
        out.push_str(&self.html_footer);
        let said = out.to_ascii_lowercase();
        if self.forces_unsubscribe && !can_leave(&said) {
            out.push_str("<p><a href=\"%Link:Unsubscribe%\">Unsubscribe</a></p>");
        }
        if !self.postal.is_empty() && !said.contains("%list:senderaddress%") {
            out.push_str(&format!("<p style=\"white-space:pre-line\">{}</p>", self.postal));
        }
        let picture_at = out.len();
        out.push_str(&html[bottom..]);
        (out, picture_at)
    }
}

/// Whether a body in lower case has a link that unsubscribes.
fn can_leave(said: &str) -> bool {
    said.contains("%link:unsubscribe%") || said.contains("message.unsubscribelink")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Where the content of `body` begins and ends; the whole text where there is none.
fn body_range(html: &str) -> (usize, usize) {
    let lower = html.to_ascii_lowercase();
    let top = match lower.find("<body") {
        Some(start) => lower[start..].find('>').map_or(0, |end| start + end + 1),
        None => 0,
    };
    let bottom = lower.rfind("</body").or_else(|| lower.rfind("</html")).filter(|bottom| *bottom >= top);
    (top, bottom.unwrap_or(html.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extras() -> Extras {
        Extras {
            plain_header: "Header".to_owned(),
            plain_footer: "Footer".to_owned(),
            html_header: "<i>Header</i>".to_owned(),
            html_footer: "<i>Footer</i>".to_owned(),
            forces_unsubscribe: true,
            postal: "%List:SenderCompany%".to_owned(),
            pre_header: "Look <here>".to_owned(),
            reply_to_name: String::new(),
        }
    }

    #[test]
    fn headers_footers_and_forced_links_stand_around_the_bodies() {
        let Bodies { plain, html, picture_at } = extras().bodies("Hi\n", "<html><BODY class=x>Hi</BODY></html>");
        assert_eq!(plain, "Header\n\nHi\n\nFooter\n\nUnsubscribe: %Link:Unsubscribe%\n\n%List:SenderCompany%\n");
        assert_eq!(
            html,
            "<html><BODY class=x><div style=\"display:none;max-height:0;overflow:hidden\">Look &lt;here&gt;</div><i>Header</i>Hi\
             <i>Footer</i><p><a href=\"%Link:Unsubscribe%\">Unsubscribe</a></p><p style=\"white-space:pre-line\">%List:SenderCompany%</p></BODY></html>"
        );
        assert!(html[picture_at..].starts_with("</BODY>"));
    }

    #[test]
    fn a_link_that_is_there_is_not_forced_again_and_nothing_is_added_to_nothing() {
        let own = "<a href='%link:unsubscribe%'>bye</a>";
        let Bodies { plain, html, .. } = extras().bodies("", own);
        assert!(!html.contains("%Link:Unsubscribe%") && !plain.contains("Unsubscribe:"), "{html} {plain}");
        let Bodies { plain, html, picture_at } = Extras::default().bodies("", "");
        assert_eq!((plain.as_str(), html.as_str(), picture_at), ("", "", 0));
        assert_eq!(Extras::default().bodies("a\n\n", "").plain, "a\n\n");
        assert_eq!(Extras::default().bodies("", "<p>a</p>").plain, "a\n");
        assert_eq!(body_range("</body>x<body>"), (14, 14));
    }
}
