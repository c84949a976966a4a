//! Wrong passwords, counted so that guessing is slowed.
