//! Log lines on standard error, as text or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogSettings;

/// Starts logging, in colour for a terminal only (and not when `NO_COLOR` is set); a second call in one process keeps the first.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let wants_colour =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(wants_colour);
    let started = if settings.format == "json" { builder.json().try_init() } else { builder.try_init() };
    // Tests start several servers in one process; the first one's log serves all.
    drop(started);
}
