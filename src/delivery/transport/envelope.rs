//! A mail's envelope as commands: addresses that can stand in one, MAIL and RCPT with the parameters that a server offers to take.

use super::smtp::Offers;

/// Longer addresses have no place in a command (RFC 5321 4.5.3.1.3), in bytes.
const MAX_PATH: usize = 254;
/// Longer local parts neither (RFC 5321 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// What goes to a server.
#[derive(Debug, Clone, Copy)]
pub(in crate::delivery) struct Consignment<'a> {
    /// The envelope sender; empty for `<>`.
    pub sender: &'a str,
    pub recipient: &'a str,
    /// What a report about it is to name (ENVID, RFC 3461 4.4).
    pub envelope_id: &'a str,
    /// Header fields of the way, each with its line end: the signature.
    pub head: &'a [u8],
    /// The message.
    pub message: &'a [u8],
}

/// MAIL and RCPT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commands {
    pub mail: String,
    pub rcpt: String,
}

impl Consignment<'_> {
    /// Its size, in bytes.
    pub fn n_bytes(&self) -> usize {
        self.head.len() + self.message.len()
    }

    /// The commands for a server that offers this, or why it can take the mail on no account.
    pub(super) fn commands(&self, offers: &Offers) -> Result<Commands, String> {
        let sender = if self.sender.is_empty() { String::new() } else { wire_address(self.sender)? };
        let recipient = wire_address(self.recipient)?;
        let mut mail = format!("MAIL FROM:<{sender}>");
        let mut rcpt = format!("RCPT TO:<{recipient}>");
        if let Some(most) = offers.size {
            let n_bytes = self.n_bytes();
            if most > 0 && u64::try_from(n_bytes).unwrap_or(u64::MAX) > most {
                return Err(format!("the message has {n_bytes} bytes, the server takes {most}"));
            }
            mail.push_str(&format!(" SIZE={n_bytes}"));
        }
        if !self.message.is_ascii() {
            if !offers.eight_bit {
                return Err("the message has 8-bit text, the server takes none".to_owned());
            }
            mail.push_str(" BODY=8BITMIME");
        }
        if !sender.is_ascii() || !recipient.is_ascii() {
            if !offers.smtputf8 {
                return Err("the server takes no address with other than ASCII letters".to_owned());
            }
            mail.push_str(" SMTPUTF8");
        }
        if offers.dsn {
            mail.push_str(" RET=HDRS");
            if !self.envelope_id.is_empty() {
                mail.push_str(&format!(" ENVID={}", xtext(self.envelope_id)));
            }
            rcpt.push_str(" NOTIFY=FAILURE");
            if recipient.is_ascii() {
                rcpt.push_str(&format!(" ORCPT=rfc822;{}", xtext(&recipient)));
            }
        }
        mail.push_str("\r\n");
        rcpt.push_str("\r\n");
        Ok(Commands { mail, rcpt })
    }
}

/// An address as it stands in a command: the domain in A-labels and lower case, nothing that could end the command.
pub(in crate::delivery) fn wire_address(address: &str) -> Result<String, String> {
    let (local, domain) = address.rsplit_once('@').ok_or_else(|| "an address without @".to_owned())?;
    let is_sign = |c: char| !c.is_control() && !c.is_whitespace() && !"<>".contains(c);
    if local.is_empty() || local.len() > MAX_LOCAL || !local.chars().all(is_sign) {
        return Err("an address that no mail server could take".to_owned());
    }
    let wire = format!("{local}@{}", wire_domain(domain)?);
    if wire.len() > MAX_PATH { Err("an address that is too long".to_owned()) } else { Ok(wire) }
}

/// A domain in A-labels and lower case, or an address in brackets.
pub(in crate::delivery) fn wire_domain(domain: &str) -> Result<String, String> {
    let is_literal = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:".contains(&byte));
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return if is_literal(literal) && !literal.is_empty() {
            Ok(domain.to_owned())
        } else {
            Err("an address whose domain is none".to_owned())
        };
    }
    match url::Host::parse(domain.trim_end_matches('.')) {
        Ok(url::Host::Domain(name)) => Ok(name),
        _ => Err("an address whose domain is none".to_owned()),
    }
}

/// RFC 3461 4: `+`, `=` and what is no visible ASCII sign as `+` and two digits.
fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'+' && byte != b'=' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("+{byte:02X}")),
        }
    }
    encoded
}

/// A message as it goes behind DATA: dots at line starts doubled, every line ended by CRLF, the lone dot behind (RFC 5321 4.5.2).
///
/// A bare CR or LF never goes out, because servers that read it as a line end could be made to see a second mail (RFC 5321 2.3.8): it becomes a
/// line end. Messages are made without any; this is the last guard.
pub(super) fn put_data(out: &mut Vec<u8>, parts: &[&[u8]]) {
    out.clear();
    out.reserve(parts.iter().map(|part| part.len()).sum::<usize>() + 64);
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            if rest[0] == b'.' && (out.is_empty() || out.ends_with(b"\n")) {
                out.push(b'.');
            }
            out.extend_from_slice(&rest[..end]);
            rest = match &rest[end..] {
                [b'\r', b'\n', after @ ..] | [_, after @ ..] => {
                    out.extend_from_slice(b"\r\n");
                    after
                }
                [] => &[],
            };
        }
    }
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn consignment<'a>(sender: &'a str, recipient: &'a str) -> Consignment<'a> {
        Consignment { sender, recipient, envelope_id: "a+b", head: b"", message: b"0123456789" }
    }

    fn all() -> Offers {
        Offers { size: Some(100), eight_bit: true, smtputf8: true, dsn: true, ..Offers::default() }
    }

    #[test]
    fn parameters_follow_what_is_offered() {
        let plain = consignment("b+1@example.org", "Reader@Example.COM").commands(&Offers::default()).expect("good");
        assert_eq!(plain.mail, "MAIL FROM:<b+1@example.org>\r\n");
        assert_eq!(plain.rcpt, "RCPT TO:<Reader@example.com>\r\n");
        let full = consignment("", "jürgen@bücher.example").commands(&all()).expect("good");
        assert_eq!(full.mail, "MAIL FROM:<> SIZE=10 SMTPUTF8 RET=HDRS ENVID=a+2Bb\r\n");
        assert_eq!(full.rcpt, "RCPT TO:<jürgen@xn--bcher-kva.example> NOTIFY=FAILURE\r\n");
        let ascii = consignment("", "a+b@example.com").commands(&all()).expect("good");
        assert!(ascii.rcpt.ends_with(" ORCPT=rfc822;a+2Bb@example.com\r\n"), "{}", ascii.rcpt);
    }

    #[test]
    fn what_a_server_cannot_take_is_told() {
        let long = format!("{}@example.com", "a".repeat(65));
        for (recipient, offers) in [
            ("jürgen@example.com", Offers { smtputf8: false, ..all() }),
            ("a@example.com", Offers { size: Some(9), ..all() }),
            ("a@example.com>\r\nRCPT TO:<b@example.com", all()),
            ("a b@example.com", all()),
            ("a@", all()),
            ("@example.com", all()),
            ("nobody", all()),
            ("a@exam ple.com", all()),
            ("a@[1.2.3.4]\r\n]", all()),
            (&long, all()),
        ] {
            assert!(consignment("", recipient).commands(&offers).is_err(), "{recipient}");
        }
        assert!(consignment("a@example.org\n", "a@example.com").commands(&all()).is_err());
        let eight_bit = Consignment { message: "é".as_bytes(), ..consignment("", "a@example.com") };
        assert!(eight_bit.commands(&Offers::default()).is_err());
        assert!(eight_bit.commands(&all()).expect("good").mail.contains(" BODY=8BITMIME"));
    }

    #[test]
    fn dots_are_doubled_and_no_bare_line_break_goes_out() {
        for (message, wire) in [
            ("", ".\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".\r\n..\r\n", "..\r\n...\r\n.\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r.\r\r\nb\r\n", "a\r\n..\r\n\r\nb\r\n.\r\n"),
            ("a\r\n\r\nb.c\r\n", "a\r\n\r\nb.c\r\n.\r\n"),
        ] {
            let mut out = Vec::new();
            put_data(&mut out, &[message.as_bytes()]);
            assert_eq!(String::from_utf8(out).expect("text"), wire, "{message:?}");
        }
        let mut out = b"old".to_vec();
        put_data(&mut out, &[b"DKIM: x\r\n", b".a\r\n"]);
        assert_eq!(out, b"DKIM: x\r\n..a\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn whatever_a_message_holds_it_ends_once_and_comes_out_as_it_was(message in "(\\.|\\r|\\n|\\r\\n|a| |é){0,60}") {
            let mut out = Vec::new();
            put_data(&mut out, &[message.as_bytes()]);
            let wire = String::from_utf8(out).expect("text");
            prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']), "bare line break in {wire:?}");
            prop_assert!(wire.ends_with(".\r\n") && format!("\r\n{wire}").find("\r\n.\r\n") == Some(wire.len() - 3), "{wire:?}");
            let received: String = wire[..wire.len() - 3].split_inclusive('\n').map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            let mut sent = message.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            if !sent.is_empty() && !sent.ends_with('\n') {
                sent.push_str("\r\n");
            }
            prop_assert_eq!(received, sent);
        }
    }
}
