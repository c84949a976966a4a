//! Settings fit to be shown: secrets are covered, everything else is as it is in force.

use toml::{Table, Value};

use super::Settings;

/// What stands in the place of a secret.
const COVER: &str = "********";
/// A key whose name contains one of these holds a secret.
const SECRET_WORDS: [&str; 5] = ["secret", "password", "salt", "token", "private_key"];

/// Every setting, as tables, with secrets covered. Empty secrets stay empty, so that one sees which are set.
#[must_use]
pub fn masked(settings: &Settings) -> Table {
    let mut table = Table::try_from(settings).expect("settings are tables of plain values");
    cover_table(&mut table);
    table
}

/// A URL without the password it may hold: before the host, or as the parameter `password`.
#[must_use]
pub fn masked_url(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else { return text.to_owned() };
    let names_password = |name: &str| name.eq_ignore_ascii_case("password");
    let has_parameter = url.query_pairs().any(|(name, _)| names_password(&name));
    if url.password().is_none() && !has_parameter {
        return text.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(COVER)).is_err() {
        return COVER.to_owned();
    }
    if has_parameter {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut query = url.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            query.append_pair(name, if names_password(name) { COVER } else { value });
        }
        drop(query);
    }
    url.to_string()
}

fn cover_table(table: &mut Table) {
    for (key, value) in table.iter_mut() {
        let is_secret = SECRET_WORDS.iter().any(|word| key.contains(word));
        match value {
            Value::String(text) if is_secret && !text.is_empty() => COVER.clone_into(text),
            Value::String(text) => *text = masked_url(text),
            Value::Table(inner) => cover_table(inner),
            Value::Array(values) => {
                for value in values {
                    match value {
                        Value::String(text) => *text = masked_url(text),
                        Value::Table(inner) => cover_table(inner),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RelaySettings;

    #[test]
    fn nothing_secret_is_left_readable() {
        let mut settings = Settings::default();
        settings.database.url = "postgres://me:opensesame@db.example/app?sslmode=require".to_owned();
        settings.security.link_secret = "opensesame".to_owned();
        settings.security.legacy_password_salt = "opensesame".to_owned();
        settings.mail.relays = vec![RelaySettings { password: "opensesame".to_owned(), ..RelaySettings::default() }];
        let shown = masked(&settings).to_string();
        assert!(!shown.contains("opensesame"), "{shown}");
        assert!(shown.contains("postgres://me:********@db.example/app?sslmode=require"), "{shown}");
    }

    #[test]
    fn passwords_are_covered_wherever_a_url_holds_them() {
        for (url, shown) in [
            ("sqlite:data/understudy.db", "sqlite:data/understudy.db"),
            ("postgres://db/app?user=me&password=x%20y", "postgres://db/app?user=me&password=********"),
            ("postgres://me@db/app", "postgres://me@db/app"),
            ("", ""),
        ] {
            assert_eq!(masked_url(url), shown);
        }
    }
}
