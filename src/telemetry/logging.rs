//! Log lines on standard error, as text or JSON.

use tracing_subscriber::EnvFilter;

use crate::config::LogSettings;

/// Starts logging; a second call in one process keeps the first.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if settings.format == "json" { builder.json().try_init() } else { builder.try_init() };
    // Tests start several servers in one process; the first one's log serves all.
    drop(started);
}
