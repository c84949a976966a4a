//! Every method this dialect answers. A method is one row: where it is called, what lets a caller in, which refusals are its own, what it does.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods;

/// What a method asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// An `AuthKey` (OF-3.1).
    Key,
    /// An `ApplicationId` (OF-12.1); pages of any origin may call.
    Application,
}

impl Auth {
    /// The word of the method list.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Application => "application",
        }
    }
}

/// How a method runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// On a connection that only reads.
    Read(fn(&mut Call<'_, '_>) -> Result<Reply, Fault>),
    /// In one transaction; a fault undoes it.
    Write(fn(&mut Call<'_, '_>) -> Result<Reply, Fault>),
}

/// A method.
pub struct Method {
    /// `Contacts`, of `contacts.ashx`.
    pub service: &'static str,
    /// `Merge`, of `?method=Merge`.
    pub name: &'static str,
    /// What it asks of its caller.
    pub auth: Auth,
    /// The refusals that are its own, beside those of the front door and of its credential.
    pub codes: &'static [Code],
    /// What it does.
    pub run: Run,
}

/// What the reach of a key is asked about, from a call's own members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// `idProject`.
    Project,
    /// `idTable`.
    Table,
    /// Neither: the method passes over what the key does not reach.
    Nothing,
}

impl Method {
    /// What it is about: tables and the list of projects take no `idProject` (OF-7.2, OF-9.4), and one that is sent means nothing.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match (self.service, self.name) {
            ("RelationalTables", _) => Subject::Table,
            ("Projects", "List") => Subject::Nothing,
            _ => Subject::Project,
        }
    }

    /// `Contacts.Merge`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.service, self.name)
    }
}

/// Every method, in the order of the services.
pub fn all() -> impl Iterator<Item = &'static Method> {
    methods::SERVICES.iter().flat_map(|service| service.iter().copied())
}

/// The methods of a service, named in any case; empty when there is no such service.
#[must_use]
pub fn of_service(service: &str) -> &'static [&'static Method] {
    let is_it =
        |methods: &&&[&Method]| methods.first().is_some_and(|method| method.service.eq_ignore_ascii_case(service));
    methods::SERVICES.iter().find(is_it).copied().unwrap_or_default()
}

/// A method of a service by its name in any case.
#[must_use]
pub fn find(methods: &[&'static Method], name: &str) -> Option<&'static Method> {
    methods.iter().find(|method| method.name.eq_ignore_ascii_case(name.trim())).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_found_in_any_case_and_stand_in_one_service_each() {
        let mut names: Vec<String> = all().map(|method| method.full_name().to_ascii_lowercase()).collect();
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n);
        for methods in methods::SERVICES {
            assert!(methods.iter().all(|method| method.service == methods[0].service));
        }
        let contacts = of_service("CONTACTS");
        assert_eq!(find(contacts, "merge").map(Method::full_name).as_deref(), Some("Contacts.Merge"));
        assert!(find(contacts, "Mergers").is_none() && of_service("Contact").is_empty());
    }

    #[test]
    fn no_code_stands_twice() {
        for method in all() {
            let mut words: Vec<&str> = method.codes.iter().map(|code| code.word()).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), method.codes.len(), "{}", method.full_name());
        }
    }
}
