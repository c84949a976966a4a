//! What an empty database gets at the first start: an operator, a user group, an account with a key.
