//! What campaigns promise.
