//! Where a new password comes from: the command line, standard input, or chance.

use std::io::Read;

use anyhow::{Context, bail, ensure};

use crate::domain::secrets::new_password;

/// A longer password is refused, in bytes.
const LONGEST_BYTES: usize = 1024;

/// Flags that give a new password. Without one, a password is made and shown once.
#[derive(Debug, Clone, clap::Args)]
pub struct NewPassword {
    /// The password; other people on this machine may see it in the list of processes.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
}

/// A password, and whether its owner has to be told.
pub struct Chosen {
    /// The password.
    pub text: String,
    /// Made by chance: to be shown once.
    pub is_new: bool,
}

impl NewPassword {
    /// Takes the password from where the flags say.
    ///
    /// # Errors
    /// When it is empty, too long, or standard input cannot be read.
    pub fn choose(self) -> anyhow::Result<Chosen> {
        let text = match (self.password, self.password_stdin) {
            (None, false) => return Ok(Chosen { text: new_password(), is_new: true }),
            (Some(text), _) => text,
            (None, true) => first_line(std::io::stdin().lock())?,
        };
        ensure!(!text.is_empty(), "the password is empty");
        ensure!(text.len() <= LONGEST_BYTES, "the password has more than {LONGEST_BYTES} bytes");
        Ok(Chosen { text, is_new: false })
    }
}

fn first_line(input: impl Read) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    input.take(LONGEST_BYTES as u64 + 2).read_to_end(&mut bytes).context("cannot read standard input")?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(line) else { bail!("the password is not UTF-8") };
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// A user name as a flag: something, on one line, at most 100 characters.
///
/// # Errors
/// What is wrong with it.
pub fn parse_username(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err("must be 1 to 100 characters on one line".to_owned());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts_and_blanks_stay() {
        for (input, password) in [("a b \r\nrest", "a b "), ("x", "x"), ("", ""), ("\n", "")] {
            assert_eq!(first_line(input.as_bytes()).expect("readable"), password);
        }
        assert!(first_line(&[0xff, b'\n'][..]).is_err());
        assert!(parse_username(" ").is_err() && parse_username("a\nb").is_err());
        assert_eq!(parse_username(" ann ").as_deref(), Ok("ann"));
    }
}
