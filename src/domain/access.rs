//! Who may do what. Permissions are the words of the old platform's user groups, so that imported groups keep their meaning.

/// Declares the permissions with their words.
macro_rules! permissions {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// Something an account may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the words say what they are")]
        pub enum Permission { $($variant),+ }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands in a user group's comma list.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

permissions! {
    ListCreate = "List.Create",
    ListGet = "List.Get",
    ListsGet = "Lists.Get",
    ListUpdate = "List.Update",
    ListDelete = "List.Delete",
    CustomFieldCreate = "CustomField.Create",
    CustomFieldUpdate = "CustomField.Update",
    CustomFieldsGet = "CustomFields.Get",
    CustomFieldsDelete = "CustomFields.Delete",
    SubscriberGet = "Subscriber.Get",
    SubscriberUpdate = "Subscriber.Update",
    SubscribersGet = "Subscribers.Get",
    SubscribersImport = "Subscribers.Import",
    SubscribersDelete = "Subscribers.Delete",
    UserUpdate = "User.Update",
    EmailCreate = "Email.Create",
    EmailUpdate = "Email.Update",
    EmailGet = "Email.Get",
    CampaignCreate = "Campaign.Create",
    CampaignsGet = "Campaigns.Get",
}

/// Why somebody may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is logged in, or the login is of the wrong kind.
    #[error("not logged in")]
    NotLoggedIn,
    /// Logged in, but the user group lacks the permission.
    #[error("permission {0:?} is missing")]
    NotPermitted(Permission),
}

/// Whether a user group's list of words covers a permission. `*` covers all; blanks and case do not matter.
#[must_use]
pub fn covers(words: &str, permission: Permission) -> bool {
    words.split(',').map(str::trim).any(|word| word == "*" || word.eq_ignore_ascii_case(permission.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_or_the_word_itself_covers_a_permission() {
        assert!(covers("*", Permission::ListCreate));
        assert!(covers("Lists.Get, list.create", Permission::ListCreate));
        assert!(!covers("List.CreateX,List", Permission::ListCreate));
        assert!(!covers("", Permission::ListCreate));
    }
}
