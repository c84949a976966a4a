//! Predicates of message versions: `f_City = 'Oslo' and f_Age >= 18`. Own decision, since the old platform's language is not public (OF-16.4).
//!
//! Comparisons of a contact's column with a text or number, joined by `and` and `or` (`and` binds closer), no brackets. Columns as in
//! [`Column::parse`], with or without `Contact.` before them; operators `=`, `==`, `!=`, `<>`, `<`, `<=`, `>`, `>=`; texts in single or double quotes,
//! compared without case. One that cannot be read holds for nobody.

use crate::domain::contacts::columns::Column;
use crate::domain::contacts::{Contact, dates};
use crate::domain::projects::Project;

/// Whether a predicate holds for a contact. An empty one holds for all.
#[must_use]
pub fn holds(predicate: &str, project: &Project, contact: &Contact) -> bool {
    if predicate.trim().is_empty() {
        return true;
    }
    match read(predicate) {
        Some(alternatives) => alternatives.iter().any(|all| all.iter().all(|test| test.holds(project, contact))),
        None => {
            tracing::debug!(predicate, "a predicate of a message cannot be read and holds for nobody");
            false
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    name: String,
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn admits(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Test {
    fn holds(&self, project: &Project, contact: &Contact) -> bool {
        let Some(actual) = column_text(&self.name, project, contact) else { return false };
        let (actual, wanted) = (actual.trim().to_lowercase(), self.value.trim().to_lowercase());
        let order = match (actual.parse::<f64>(), wanted.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal),
            _ => match dates::read(&wanted) {
                // Dates are kept hyphened, and written either way.
                Some(_) => dates::dotted_value(&actual).cmp(&dates::dotted_value(&wanted)),
                None => actual.cmp(&wanted),
            },
        };
        self.operator.admits(order)
    }
}

/// A column as text; `None` when the project does not have it.
fn column_text(name: &str, project: &Project, contact: &Contact) -> Option<String> {
    let state = |said: Option<bool>| said.map_or(String::new(), |yes| u8::from(yes).to_string());
    Some(match Column::parse(name) {
        Column::Number => contact.number().to_string(),
        Column::Address => contact.subscriber.email.clone(),
        Column::Field(code) => contact.value(project.field(&code)?.field.id).to_owned(),
        Column::OptIn(code) => {
            let id = project.opt_in(&code)?.id;
            state(contact.opt_ins.get(&id).map(|said| said.is_given))
        }
        Column::OptInDate(code) => {
            let id = project.opt_in(&code)?.id;
            contact.opt_ins.get(&id).map(|said| dates::dotted(said.at, project.time_zone)).unwrap_or_default()
        }
        Column::IsActive => state(Some(contact.is_active())),
        Column::Tracking => state(contact.tracking.map(|said| said.is_given)),
        Column::TrackingDate => {
            contact.tracking.map(|said| dates::dotted(said.at, project.time_zone)).unwrap_or_default()
        }
        Column::CreatedAt => dates::dotted(contact.subscriber.subscribed_at, project.time_zone),
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Operator(Operator),
}

/// Alternatives of tests that must all hold.
fn read(predicate: &str) -> Option<Vec<Vec<Test>>> {
    let mut tokens = tokens(predicate)?.into_iter().peekable();
    let mut alternatives = vec![Vec::new()];
    loop {
        let Token::Word(name) = tokens.next()? else { return None };
        let Token::Operator(operator) = tokens.next()? else { return None };
        let (Token::Word(value) | Token::Text(value)) = tokens.next()? else { return None };
        let name = name.strip_prefix("Contact.").unwrap_or(&name).to_owned();
        alternatives.last_mut()?.push(Test { name, operator, value });
        match tokens.next() {
            None => return Some(alternatives),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("and") => {}
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("or") => alternatives.push(Vec::new()),
            Some(_) => return None,
        }
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let end = rest[1..].find(first)?;
                tokens.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            '=' | '!' | '<' | '>' => {
                let length = rest.bytes().take_while(|byte| b"=!<>".contains(byte)).count();
                tokens.push(Token::Operator(match &rest[..length] {
                    "=" | "==" => Operator::Equal,
                    "!=" | "<>" => Operator::NotEqual,
                    "<" => Operator::Less,
                    "<=" => Operator::LessOrEqual,
                    ">" => Operator::Greater,
                    ">=" => Operator::GreaterOrEqual,
                    _ => return None,
                }));
                length
            }
            _ => {
                let is_end = |c: char| c.is_whitespace() || "=!<>'\"".contains(c);
                let length = rest.find(is_end).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_are_comparisons_joined_by_words() {
        let shapes = |text: &str| read(text).map(|all| all.iter().map(Vec::len).collect::<Vec<_>>());
        assert_eq!(shapes("f_City = 'Oslo'"), Some(vec![1]));
        assert_eq!(shapes("f_City='Os lo' AND f_Age>=18 or optin_News == 1"), Some(vec![2, 1]));
        let read = read("Contact.f_Name <> \"O'Neil é\"").expect("good");
        let test = Test { name: "f_Name".to_owned(), operator: Operator::NotEqual, value: "O'Neil é".to_owned() };
        assert_eq!(read, [[test]]);
        for bad in
            ["f_City", "f_City =", "= 1", "f_City 'x'", "a = 1 and", "a = 1 b = 2", "a = 'x", "a === 1", "a => 1"]
        {
            assert_eq!(shapes(bad), None, "{bad}");
        }
    }
}
