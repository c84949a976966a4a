//! Slows whoever guesses passwords, per name and per address.
