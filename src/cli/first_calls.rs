//! Calls to paste into a shell, made for the first account.

use serde_json::{Value, json};

use crate::domain::first_run::Services;

/// What the calls are made for.
pub struct Caller<'a> {
    /// The address of `api.php`.
    pub api: &'a str,
    /// The account's user name.
    pub username: &'a str,
    /// Its password.
    pub password: &'a str,
    /// Its key.
    pub api_key: &'a str,
    /// The folder of the Ofsys web services.
    pub services: &'a str,
    /// What they can be called with.
    pub with: &'a Services,
}

/// A call and what it does.
pub struct FirstCall {
    /// Its key in JSON.
    pub name: &'static str,
    /// What it does.
    pub purpose: &'static str,
    /// The line to paste.
    pub line: String,
}

/// Log in, make a list, subscribe somebody, all with curl, and a PHP script that logs in and lists the lists.
pub fn of_oempro(caller: &Caller<'_>) -> Vec<FirstCall> {
    let list = caller.with.project.to_string();
    vec![
        FirstCall {
            name: "login",
            purpose: "Oempro: log in",
            line: curl(
                caller.api,
                &[("Command", "User.Login"), ("Username", caller.username), ("Password", caller.password)],
            ),
        },
        FirstCall {
            name: "create_list",
            purpose: "Oempro: make a list, by API key",
            line: curl(
                caller.api,
                &[("Command", "List.Create"), ("APIKey", caller.api_key), ("SubscriberListName", "News")],
            ),
        },
        FirstCall {
            name: "subscribe",
            purpose: "Oempro: subscribe somebody to the first list, by API key",
            line: curl(
                caller.api,
                &[
                    ("Command", "Subscriber.Subscribe"),
                    ("APIKey", caller.api_key),
                    ("ListID", &list),
                    ("EmailAddress", "ann@example.com"),
                    ("IPAddress", "127.0.0.1"),
                ],
            ),
        },
        FirstCall { name: "php", purpose: "Oempro: log in and list the lists, in PHP", line: php(caller) },
    ]
}

/// Merge a contact by JSON with curl; create one by SOAP in PHP and send it the message that asks to confirm.
pub fn of_ofsys(caller: &Caller<'_>) -> Vec<FirstCall> {
    let Services { project, message, key } = caller.with;
    let record = json!({
        "AuthKey": { "idKey": key.id.0, "Key": key.secret },
        "idProject": project.0,
        "Records": [{ "ID": { "key_f_EMail": "bob@example.com" }, "Data": {} }],
    });
    let merge = format!(
        "curl -sS {} -d {}; echo",
        quoted(&format!("{}/ofc4/contacts.ashx?method=Merge", caller.services)),
        quoted(&record.to_string())
    );
    let script = format!(
        "$c = new SoapClient({}); $of = [\"AuthKey\" => [\"idKey\" => {}, \"Key\" => {}], \"idProject\" => {project}]; \
         print_r($u = $c->{{\"USER.CREATE\"}}($of + [\"Fields\" => [\"f_EMail\" => \"eve@example.com\"], \"isActive\" => false])); \
         print_r($c->{{\"MESSAGE.SENDSINGLE\"}}($of + [\"idMessage\" => {message}, \"idContact\" => $u->idContact])); \
         print_r($c->{{\"USER.ACTIVATE\"}}($of + [\"idContact\" => $u->idContact]));",
        php_text(&format!("{}/soap?wsdl", caller.services)),
        key.id,
        php_text(&key.secret),
    );
    vec![
        FirstCall { name: "merge", purpose: "Ofsys: merge a contact, by JSON", line: merge },
        FirstCall {
            name: "soap",
            purpose: "Ofsys: create, send and activate, by SOAP in PHP",
            line: format!("php -r {}", quoted(&script)),
        },
    ]
}

/// The calls as members of a JSON object.
pub fn as_json(calls: &[FirstCall]) -> Value {
    calls.iter().map(|call| (call.name.to_owned(), json!(call.line))).collect::<serde_json::Map<_, _>>().into()
}

fn curl(api: &str, parameters: &[(&str, &str)]) -> String {
    let mut line = format!("curl -sS {}", quoted(api));
    for (name, value) in [("ResponseFormat", "JSON")].iter().chain(parameters) {
        let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c));
        line.push_str(if is_plain { " -d " } else { " --data-urlencode " });
        line.push_str(&quoted(&format!("{name}={value}")));
    }
    // The answer is one line without an end; the shell's prompt should not stand behind it.
    line + "; echo"
}

fn php(caller: &Caller<'_>) -> String {
    let script = format!(
        "$call = function (array $p) {{ $http = [\"method\" => \"POST\", \
         \"header\" => \"Content-Type: application/x-www-form-urlencoded\", \
         \"content\" => http_build_query($p + [\"ResponseFormat\" => \"JSON\"])]; \
         return json_decode(file_get_contents({}, false, stream_context_create([\"http\" => $http])), true); }}; \
         $login = $call([\"Command\" => \"User.Login\", \"Username\" => {}, \"Password\" => {}]); \
         print_r($call([\"Command\" => \"Lists.Get\", \"SessionID\" => $login[\"SessionID\"], \
         \"OrderField\" => \"Name\", \"OrderType\" => \"ASC\"]));",
        php_text(caller.api),
        php_text(caller.username),
        php_text(caller.password),
    );
    format!("php -r {}", quoted(&script))
}

/// One word of a POSIX shell; plain words stay as they are.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A double-quoted PHP string, so that the script stands in single quotes of the shell.
fn php_text(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell_and_php() {
        assert_eq!(quoted("Command=User.Login"), "Command=User.Login");
        assert_eq!(quoted("a~b"), "'a~b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(php_text(r#"a"$b\"#), r#""a\"\$b\\""#);
    }
}
