//! Names of the wire as names of Rust, and the rule that tells names apart.

/// A name without case and without `. - _`: two names equal under it are one name to some client (R19, W11).
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '.' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// `USER.CREATE` → `UserCreate`: a name that generators can turn into a class. A name without separators stays as it is.
pub fn safe(name: &str) -> String {
    if !name.contains(['.', '-', '_']) {
        return name.to_owned();
    }
    name.split(['.', '-', '_']).map(capitalised).collect()
}

/// A word with a capital first letter; a word all in capitals gets small ones.
fn capitalised(word: &str) -> String {
    let shouting = word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    let mut letters = word.chars();
    let first: String = letters.next().map_or_else(String::new, |c| c.to_uppercase().collect());
    let rest = letters.as_str();
    if shouting { first + &rest.to_lowercase() } else { first + rest }
}

/// A name of a type or variant in Rust.
pub fn pascal(name: &str) -> String {
    let words = words(name);
    let joined: String = words.iter().map(|word| capitalised(word)).collect();
    if joined.starts_with(|c: char| c.is_ascii_digit()) || joined.is_empty() { format!("N{joined}") } else { joined }
}

/// A name of a field or method in Rust: `idProject` → `id_project`, `HTMLBody` → `html_body`, `type` → `type_`.
pub fn snake(name: &str) -> String {
    let joined = words(name).join("_").to_lowercase();
    if joined.starts_with(|c: char| c.is_ascii_digit()) || joined.is_empty() {
        return format!("n{joined}");
    }
    if KEYWORDS.contains(&joined.as_str()) { joined + "_" } else { joined }
}

/// The words in a name: split at separators, before a capital after a small letter or digit, and before the last of several capitals.
fn words(name: &str) -> Vec<String> {
    let signs: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (i, sign) in signs.iter().enumerate() {
        if !sign.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| signs.get(i));
        let after = signs.get(i + 1);
        let begins = sign.is_uppercase()
            && (before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
                || before.is_some_and(|c| c.is_uppercase()) && after.is_some_and(|c| c.is_lowercase()));
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(*sign);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Strict and reserved words of Rust, and the names generated code uses itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rust() {
        let cases = [
            ("idProject", "id_project", "IdProject"),
            ("USER.CREATE", "user_create", "UserCreate"),
            ("EMail", "e_mail", "EMail"),
            ("HTMLBody", "html_body", "HtmlBody"),
            ("type", "type_", "Type"),
            ("f_EMail", "f_e_mail", "FEMail"),
            ("2nd", "n2nd", "N2nd"),
            ("echoStruct", "echo_struct", "EchoStruct"),
            ("utf8Text", "utf8_text", "Utf8Text"),
        ];
        for (name, snaked, pascaled) in cases {
            assert_eq!(snake(name), snaked, "{name}");
            assert_eq!(pascal(name), pascaled, "{name}");
        }
    }

    #[test]
    fn names_lose_their_dots() {
        let cases = [
            ("USER.CREATE", "UserCreate"),
            ("MESSAGE.SENDSINGLE", "MessageSendsingle"),
            ("echoString", "echoString"),
            ("get-it_all", "GetItAll"),
        ];
        for (name, want) in cases {
            assert_eq!(safe(name), want);
            assert_eq!(fold(&safe(name)), fold(name), "clients that use either mean the same operation");
        }
    }
}
