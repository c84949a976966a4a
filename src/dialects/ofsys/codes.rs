//! The words of refusals, alike in JSON and SOAP (OF-3.4), and of records that were not merged (OF-6.9).

/// Declares an enum whose values are words on the wire.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the words say what they are")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it stands on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }
    };
}

words!(
    /// Why a call was refused: `ErrorCode`.
    Code {
        AuthenticationFailed, KeyExpired, KeyInactive, AddressNotAllowed, AccessDenied, QuotaExceeded, InvalidRequest, UnknownMethod,
        MissingParameter, InvalidParameter, ProjectNotFound, TableNotFound, MessageNotFound, ContactNotFound, UnknownField,
        TooManyRows, SendFailed, InternalError,
    }
);
words!(
    /// What became of one record: `ValidationResult`.
    Validation {
        OK, InvalidKey, MissingRequiredField, UnknownField, InvalidValue, InvalidEMail, DuplicateRecord, UnmatchedRecord,
        InsertNotAllowed, UpdateNotAllowed,
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_names() {
        assert_eq!(Code::InvalidParameter.word(), "InvalidParameter");
        assert_eq!((Code::ALL.len(), Validation::ALL.len()), (18, 10));
        assert_eq!(Validation::OK.word(), "OK");
    }
}
