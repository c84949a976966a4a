//! The consent log: what happened to a person's consent, with the proof.
