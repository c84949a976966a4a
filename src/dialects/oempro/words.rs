//! Words of this wire read into what they mean; `None` for a word that is none. Case counts, as for every value (OE-2).

use crate::model::states::{FieldKind, HookEvent, OptInMode, OptOutScope, SyncPeriod, Validation, Visibility};

/// `Single`, `Double`.
#[must_use]
pub fn opt_in_mode(word: &str) -> Option<OptInMode> {
    match word {
        "Single" => Some(OptInMode::Single),
        "Double" => Some(OptInMode::Double),
        _ => None,
    }
}

/// `This list`, `All lists`.
#[must_use]
pub fn opt_out_scope(word: &str) -> Option<OptOutScope> {
    match word {
        "This list" => Some(OptOutScope::ThisList),
        "All lists" => Some(OptOutScope::AllLists),
        _ => None,
    }
}

/// `Yes`, `No`; JSON clients send truths, which arrive as `1` and `0`.
#[must_use]
pub fn yes_no(word: &str) -> Option<bool> {
    match word {
        "Yes" | "1" | "true" => Some(true),
        "No" | "0" | "false" => Some(false),
        _ => None,
    }
}

/// `true`, `false`; JSON clients send truths, which arrive as `1` and `0`.
#[must_use]
pub fn true_false(word: &str) -> Option<bool> {
    match word {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `Enabled`, `Disabled`.
#[must_use]
pub fn enabled(word: &str) -> Option<bool> {
    match word {
        "Enabled" => Some(true),
        "Disabled" => Some(false),
        _ => None,
    }
}

/// `Every Hour`, `Every Day`, `Every Week`, `Every Month`.
#[must_use]
pub fn sync_period(word: &str) -> Option<SyncPeriod> {
    match word {
        "Every Hour" => Some(SyncPeriod::Hour),
        "Every Day" => Some(SyncPeriod::Day),
        "Every Week" => Some(SyncPeriod::Week),
        "Every Month" => Some(SyncPeriod::Month),
        _ => None,
    }
}

/// `subscription`, `unsubscription`; newer pages write `Subscribe`, `Unsubscribe`.
#[must_use]
pub fn hook_event(word: &str) -> Option<HookEvent> {
    match word.to_ascii_lowercase().as_str() {
        "subscription" | "subscribe" => Some(HookEvent::Subscription),
        "unsubscription" | "unsubscribe" => Some(HookEvent::Unsubscription),
        _ => None,
    }
}

/// The word of an event in answers.
#[must_use]
pub fn hook_event_word(event: HookEvent) -> &'static str {
    match event {
        HookEvent::Subscription => "subscription",
        HookEvent::Unsubscription => "unsubscription",
    }
}

const KINDS: &[(&str, FieldKind)] = &[
    ("Single line", FieldKind::SingleLine),
    ("Paragraph text", FieldKind::Paragraph),
    ("Multiple choice", FieldKind::MultipleChoice),
    ("Drop down", FieldKind::DropDown),
    ("Checkboxes", FieldKind::Checkboxes),
    ("Hidden field", FieldKind::Hidden),
    ("Date field", FieldKind::Date),
    ("Time field", FieldKind::Time),
];

/// The kind of a field.
#[must_use]
pub fn field_kind(word: &str) -> Option<FieldKind> {
    KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

/// The word of a field's kind.
#[must_use]
pub fn field_kind_word(kind: FieldKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(word, _)| word)
}

const VALIDATIONS: &[(&str, Validation)] = &[
    ("Disabled", Validation::Disabled),
    ("Numbers", Validation::Numbers),
    ("Letters", Validation::Letters),
    ("Numbers and letters", Validation::NumbersAndLetters),
    ("Email address", Validation::EmailAddress),
    ("URL", Validation::Url),
    ("Date", Validation::Date),
    ("Time", Validation::Time),
    ("Custom", Validation::Custom),
    ("Enum", Validation::Options),
];

/// What a field's value must look like.
#[must_use]
pub fn validation(word: &str) -> Option<Validation> {
    VALIDATIONS.iter().find(|(known, _)| *known == word).map(|(_, validation)| *validation)
}

/// The word of a validation.
#[must_use]
pub fn validation_word(validation: Validation) -> &'static str {
    VALIDATIONS.iter().find(|(_, known)| *known == validation).map_or("", |(word, _)| word)
}

/// Who sees a field.
#[must_use]
pub fn visibility(word: &str) -> Option<Visibility> {
    match word {
        "Public" => Some(Visibility::Public),
        "User Only" => Some(Visibility::UserOnly),
        "Hidden" => Some(Visibility::Hidden),
        _ => None,
    }
}

/// The word of a visibility.
#[must_use]
pub fn visibility_word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Public",
        Visibility::UserOnly => "User Only",
        Visibility::Hidden => "Hidden",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_validation_has_a_word_that_reads_back() {
        for kind in FieldKind::ALL {
            assert_eq!(field_kind(field_kind_word(*kind)), Some(*kind));
        }
        for known in Validation::ALL {
            assert_eq!(validation(validation_word(*known)), Some(*known));
        }
        for known in Visibility::ALL {
            assert_eq!(visibility(visibility_word(*known)), Some(*known));
        }
        for event in HookEvent::ALL {
            assert_eq!(hook_event(hook_event_word(*event)), Some(*event));
        }
        assert_eq!(field_kind("single line"), None);
        assert_eq!(hook_event("Subscribe"), Some(HookEvent::Subscription));
    }
}
