//! What the workers take from the queues and how they report back.
