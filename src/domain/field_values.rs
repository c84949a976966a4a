//! What subscribers' custom fields may hold, and how it is kept.
