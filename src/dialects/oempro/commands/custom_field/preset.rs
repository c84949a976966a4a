//! Ready-made fields: name, kind and choices (OE-9). The names are the old platform's, the choices our own.

use crate::domain::fields::Choice;
use crate::model::states::FieldKind;

/// A ready-made field.
pub struct Preset {
    /// Its name, also the field's.
    pub name: &'static str,
    /// How it is filled.
    pub kind: FieldKind,
    choices: &'static [&'static str],
}

impl Preset {
    /// Its choices; label and value are the same, none is chosen beforehand.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |text: &&str| Choice { label: (*text).to_owned(), value: (*text).to_owned(), is_selected: false };
        self.choices.iter().map(choice).collect()
    }
}

/// The preset of this name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name.eq_ignore_ascii_case(name.trim()))
}

const PRESETS: &[Preset] = &[
    Preset { name: "Gender", kind: FieldKind::MultipleChoice, choices: &["Female", "Male", "Other"] },
    Preset {
        name: "Age",
        kind: FieldKind::DropDown,
        choices: &["Under 18", "18 to 24", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 and over"],
    },
    Preset {
        name: "Employment",
        kind: FieldKind::DropDown,
        choices: &[
            "Employed full time",
            "Employed part time",
            "Self-employed",
            "Looking for work",
            "Student",
            "Homemaker",
            "Retired",
            "Unable to work",
        ],
    },
    Preset {
        name: "Income",
        kind: FieldKind::DropDown,
        choices: &[
            "Under 20000",
            "20000 to 39999",
            "40000 to 59999",
            "60000 to 79999",
            "80000 to 99999",
            "100000 and over",
            "No answer",
        ],
    },
    Preset {
        name: "Education",
        kind: FieldKind::DropDown,
        choices: &[
            "No degree",
            "Primary school",
            "Secondary school",
            "Vocational training",
            "Bachelor's degree",
            "Master's degree",
            "Doctorate",
        ],
    },
    Preset {
        name: "Days of the week",
        kind: FieldKind::DropDown,
        choices: &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    },
    Preset {
        name: "Months of the year",
        kind: FieldKind::DropDown,
        choices: &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    },
    Preset {
        name: "U.S. states",
        kind: FieldKind::DropDown,
        choices: &[
            "Alabama",
            "Alaska",
            "Arizona",
            "Arkansas",
            "California",
            "Colorado",
            "Connecticut",
            "Delaware",
            "District of Columbia",
            "Florida",
            "Georgia",
            "Hawaii",
            "Idaho",
            "Illinois",
            "Indiana",
            "Iowa",
            "Kansas",
            "Kentucky",
            "Louisiana",
            "Maine",
            "Maryland",
            "Massachusetts",
            "Michigan",
            "Minnesota",
            "Mississippi",
            "Missouri",
            "Montana",
            "Nebraska",
            "Nevada",
            "New Hampshire",
            "New Jersey",
            "New Mexico",
            "New York",
            "North Carolina",
            "North Dakota",
            "Ohio",
            "Oklahoma",
            "Oregon",
            "Pennsylvania",
            "Rhode Island",
            "South Carolina",
            "South Dakota",
            "Tennessee",
            "Texas",
            "Utah",
            "Vermont",
            "Virginia",
            "Washington",
            "West Virginia",
            "Wisconsin",
            "Wyoming",
        ],
    },
    Preset {
        name: "Continents",
        kind: FieldKind::DropDown,
        choices: &["Africa", "Antarctica", "Asia", "Europe", "North America", "Oceania", "South America"],
    },
    Preset {
        name: "Satisfaction",
        kind: FieldKind::MultipleChoice,
        choices: &["Very satisfied", "Satisfied", "Neither", "Dissatisfied", "Very dissatisfied"],
    },
    Preset {
        name: "Importance",
        kind: FieldKind::MultipleChoice,
        choices: &["Very important", "Important", "Neither", "Not very important", "Not at all important"],
    },
    Preset {
        name: "Agreement",
        kind: FieldKind::MultipleChoice,
        choices: &["Strongly agree", "Agree", "Neither", "Disagree", "Strongly disagree"],
    },
    Preset {
        name: "Comparison",
        kind: FieldKind::MultipleChoice,
        choices: &["Much better", "Better", "About the same", "Worse", "Much worse"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_preset_has_distinct_choices() {
        assert_eq!(PRESETS.len(), 13);
        for preset in PRESETS {
            let mut texts = preset.choices.to_vec();
            texts.sort_unstable();
            texts.dedup();
            assert!(texts.len() == preset.choices.len() && texts.len() > 1, "{}", preset.name);
        }
        assert_eq!(find("u.s. STATES").map(|preset| preset.choices().len()), Some(51));
        assert!(find("Country").is_none());
    }
}
