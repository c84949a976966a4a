//! Forms for customers' own pages, as lines of HTML. They post to `subscribe.php` and `unsubscribe.php` (OE-13) and need no script.

use crate::domain::fields::{Choice, Field};
use crate::model::ids::ListId;
use crate::model::states::FieldKind;

/// A longer range of years is typed instead of chosen.
const MAX_YEARS: i32 = 200;

/// What a subscription form is made of.
pub struct Form<'a> {
    /// The server's public address, without a slash at its end.
    pub base: &'a str,
    /// The list.
    pub list: ListId,
    /// The fields with their choices, in order.
    pub fields: &'a [(Field, Vec<Choice>)],
    /// Label of the address.
    pub email_label: &'a str,
    /// Text of the button.
    pub button: &'a str,
}

/// The lines of a subscription form.
#[must_use]
pub fn subscription(form: &Form<'_>) -> Vec<String> {
    let list = form.list;
    let mut lines = vec![
        format!("<form action=\"{}/subscribe.php\" method=\"post\" accept-charset=\"utf-8\">", escape(form.base)),
        hidden("FormValue_ListID", &list.to_string()),
        hidden("FormValue_Command", "Subscriber.Add"),
    ];
    let id = format!("List{list}_EmailAddress");
    lines.push(format!("<p><label for=\"{id}\">{}</label><br>", escape(form.email_label)));
    lines.push(format!("<input type=\"text\" name=\"FormValue_Fields[EmailAddress]\" id=\"{id}\" value=\"\"></p>"));
    for (field, choices) in form.fields {
        push_field(&mut lines, list, field, choices);
    }
    lines.push(submit("FormButton_Subscribe", form.button));
    lines.push("</form>".to_owned());
    lines
}

/// The lines of an unsubscription form.
#[must_use]
pub fn unsubscription(base: &str, list: ListId, email_label: &str, button: &str) -> Vec<String> {
    let id = format!("List{list}_UnsubscribeEmailAddress");
    vec![
        format!("<form action=\"{}/unsubscribe.php\" method=\"post\" accept-charset=\"utf-8\">", escape(base)),
        hidden("FormValue_ListID", &list.to_string()),
        format!("<p><label for=\"{id}\">{}</label><br>", escape(email_label)),
        format!("<input type=\"text\" name=\"FormValue_EmailAddress\" id=\"{id}\" value=\"\"></p>"),
        submit("FormButton_Unsubscribe", button),
        "</form>".to_owned(),
    ]
}

/// Text made harmless inside HTML and inside quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            _ => out.push(c),
        }
    }
    out
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))
}

fn submit(name: &str, text: &str) -> String {
    format!("<p><input type=\"submit\" name=\"{name}\" value=\"{}\"></p>", escape(text))
}

fn push_field(lines: &mut Vec<String>, list: ListId, field: &Field, choices: &[Choice]) {
    let name = format!("FormValue_Fields[CustomField{}]", field.id);
    let id = format!("List{list}_CustomField{}", field.id);
    let default = escape(&field.default_value);
    let required = if field.is_required { " required" } else { "" };
    if field.kind == FieldKind::Hidden {
        lines.push(hidden(&name, &field.default_value));
        return;
    }
    match field.kind {
        FieldKind::MultipleChoice | FieldKind::Checkboxes => lines.push(format!("<p>{}<br>", escape(&field.name))),
        _ => lines.push(format!("<p><label for=\"{id}\">{}</label><br>", escape(&field.name))),
    }
    match field.kind {
        FieldKind::Hidden => {}
        FieldKind::SingleLine => {
            lines.push(format!("<input type=\"text\" name=\"{name}\" id=\"{id}\" value=\"{default}\"{required}>"));
        }
        FieldKind::Paragraph => {
            // An HTML reader drops one line end after the tag; this one is for it.
            lines.push(format!(
                "<textarea name=\"{name}\" id=\"{id}\" rows=\"5\" cols=\"40\"{required}>\n{default}</textarea>"
            ));
        }
        FieldKind::MultipleChoice => push_buttons(lines, "radio", &name, required, field, choices),
        // A browser can only ask for one particular box, not for any of them.
        FieldKind::Checkboxes => push_buttons(lines, "checkbox", &format!("{name}[]"), "", field, choices),
        FieldKind::DropDown => {
            lines.push(format!("<select name=\"{name}\" id=\"{id}\"{required}>"));
            lines.push("<option value=\"\"></option>".to_owned());
            for choice in choices {
                let mark = if is_chosen(field, choice) { " selected" } else { "" };
                let (value, label) = (escape(&choice.value), escape(&choice.label));
                lines.push(format!("<option value=\"{value}\"{mark}>{label}</option>"));
            }
            lines.push("</select>".to_owned());
        }
        FieldKind::Date => push_date(lines, &name, &id, required, field),
        FieldKind::Time => push_time(lines, &name, &id, required, field),
    }
    lines.push("</p>".to_owned());
}

fn is_chosen(field: &Field, choice: &Choice) -> bool {
    choice.is_selected || (!field.default_value.is_empty() && field.default_value == choice.value)
}

fn push_buttons(lines: &mut Vec<String>, kind: &str, name: &str, required: &str, field: &Field, choices: &[Choice]) {
    for choice in choices {
        let mark = if is_chosen(field, choice) { " checked" } else { "" };
        let (value, label) = (escape(&choice.value), escape(&choice.label));
        lines.push(format!(
            "<label><input type=\"{kind}\" name=\"{name}\" value=\"{value}\"{mark}{required}> {label}</label><br>"
        ));
    }
}

/// Day, month and year in this order, which `subscribe.php` goes by.
fn push_date(lines: &mut Vec<String>, name: &str, id: &str, required: &str, field: &Field) {
    let mut parts = field.default_value.splitn(3, '-').map(|part| part.trim().parse::<i32>().ok());
    let (year, month, day) = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
    push_numbers(lines, &format!("name=\"{name}[]\" id=\"{id}\" title=\"DD\"{required}"), 1..=31, day);
    push_numbers(lines, &format!("name=\"{name}[]\" title=\"MM\"{required}"), 1..=12, month);
    let year_attributes = format!("name=\"{name}[]\" title=\"YYYY\"{required}");
    match years(&field.years) {
        Some(range) => push_numbers(lines, &year_attributes, range, year),
        None => {
            let value = year.map(|year| year.to_string()).unwrap_or_default();
            lines.push(format!("<input type=\"text\" {year_attributes} size=\"4\" maxlength=\"4\" value=\"{value}\">"));
        }
    }
}

/// `2010-2030` as a range that is not too long to choose from.
fn years(text: &str) -> Option<std::ops::RangeInclusive<i32>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (i32, i32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last && last - first <= MAX_YEARS).then_some(first..=last)
}

/// Hour and minute in this order, which `subscribe.php` goes by.
fn push_time(lines: &mut Vec<String>, name: &str, id: &str, required: &str, field: &Field) {
    let mut parts = field.default_value.splitn(3, ':').map(|part| part.trim().parse::<i32>().ok());
    let (hour, minute) = (parts.next().flatten(), parts.next().flatten());
    push_numbers(lines, &format!("name=\"{name}[]\" id=\"{id}\" title=\"HH\"{required}"), 0..=23, hour);
    push_numbers(lines, &format!("name=\"{name}[]\" title=\"MM\"{required}"), 0..=59, minute);
}

fn push_numbers(lines: &mut Vec<String>, attributes: &str, range: std::ops::RangeInclusive<i32>, chosen: Option<i32>) {
    lines.push(format!("<select {attributes}>"));
    lines.push("<option value=\"\"></option>".to_owned());
    for number in range {
        let mark = if chosen == Some(number) { " selected" } else { "" };
        lines.push(format!("<option value=\"{number:02}\"{mark}>{number:02}</option>"));
    }
    lines.push("</select>".to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{AccountId, FieldId};
    use crate::model::states::{Validation, Visibility};
    use crate::model::time::UtcTime;

    fn field(kind: FieldKind, default_value: &str, is_required: bool) -> Field {
        Field {
            id: FieldId(5),
            account_id: AccountId(1),
            list_id: ListId(3),
            name: "A <b> & \"c\"".to_owned(),
            kind,
            default_value: default_value.to_owned(),
            options: String::new(),
            validation: Validation::Disabled,
            rule: String::new(),
            is_required,
            is_unique: false,
            is_global: false,
            visibility: Visibility::Public,
            alias: String::new(),
            years: "2010-2012".to_owned(),
            meta: String::new(),
            created_at: UtcTime(0),
            code: String::new(),
            data_type: crate::model::states::DataType::ByKind,
            labels: String::new(),
        }
    }

    fn html(kind: FieldKind, default_value: &str, is_required: bool) -> String {
        let choice =
            |value: &str, is_selected| Choice { label: value.to_uppercase(), value: value.to_owned(), is_selected };
        let fields = [(field(kind, default_value, is_required), vec![choice("x'", true), choice("y", false)])];
        let form = Form {
            base: "https://mail.example.com",
            list: ListId(3),
            fields: &fields,
            email_label: "E-mail",
            button: "Join <now>",
        };
        subscription(&form).join("\n")
    }

    #[test]
    fn a_subscription_form_says_where_and_what_it_posts() {
        let html = html(FieldKind::SingleLine, "\"d\"", true);
        assert!(html.starts_with("<form action=\"https://mail.example.com/subscribe.php\" method=\"post\""));
        for part in [
            "name=\"FormValue_ListID\" value=\"3\"",
            "name=\"FormValue_Command\" value=\"Subscriber.Add\"",
            "name=\"FormValue_Fields[EmailAddress]\"",
            "A &lt;b&gt; &amp; &quot;c&quot;",
            "name=\"FormValue_Fields[CustomField5]\" id=\"List3_CustomField5\" value=\"&quot;d&quot;\" required>",
            "name=\"FormButton_Subscribe\" value=\"Join &lt;now&gt;\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.ends_with("</form>"));
    }

    #[test]
    fn each_kind_of_field_posts_what_subscribing_reads() {
        let cases: &[(FieldKind, &str, &str)] = &[
            (FieldKind::Hidden, "h", "<input type=\"hidden\" name=\"FormValue_Fields[CustomField5]\" value=\"h\">"),
            (FieldKind::Paragraph, "p", ">\np</textarea>"),
            (
                FieldKind::MultipleChoice,
                "",
                "<input type=\"radio\" name=\"FormValue_Fields[CustomField5]\" value=\"x&#039;\" checked> X&#039;</label>",
            ),
            (
                FieldKind::Checkboxes,
                "y",
                "<input type=\"checkbox\" name=\"FormValue_Fields[CustomField5][]\" value=\"y\" checked> Y</label>",
            ),
            (FieldKind::DropDown, "", "<option value=\"x&#039;\" selected>X&#039;</option>"),
            (FieldKind::Date, "2011-02-03", "<option value=\"2011\" selected>2011</option>"),
            (FieldKind::Time, "07:30:00", "<option value=\"30\" selected>30</option>"),
        ];
        for (kind, default_value, part) in cases {
            let html = html(*kind, default_value, false);
            assert!(html.contains(part), "{kind:?}: {html}");
        }
        assert_eq!(html(FieldKind::Date, "", false).matches("FormValue_Fields[CustomField5][]").count(), 3);
        assert_eq!(html(FieldKind::Time, "", false).matches("FormValue_Fields[CustomField5][]").count(), 2);
        assert_eq!(years("1900-2300"), None);
        assert_eq!(years(""), None);
    }

    #[test]
    fn an_unsubscription_form_needs_the_address_only() {
        let html = unsubscription("https://m.example", ListId(9), "E-mail", "Leave").join("");
        for part in [
            "action=\"https://m.example/unsubscribe.php\"",
            "name=\"FormValue_ListID\" value=\"9\"",
            "name=\"FormValue_EmailAddress\"",
            "name=\"FormButton_Unsubscribe\" value=\"Leave\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
