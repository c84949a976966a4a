//! Addresses not to mail: on a list, an account or the whole server.
