//! Contents of `queries/server_secrets.rs`.

queries! { server_secrets {
    /// The secret of this name.
    fn find_server_secret(name: &str) -> Option<String>;
    /// Keeps `value` unless the name is taken, and answers what is kept.
    fn keep_server_secret(name: &str, value: &str) -> String;
} }
