//! Where log lines go: standard error, as text or JSON.

use std::io::{IsTerminal, Write};

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging. Called once.
pub(crate) fn start(config: &Config) {
    let filter = EnvFilter::new(&config.log);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

/// Prints why the process ends, with the whole chain of causes.
pub(crate) fn fatal(error: &anyhow::Error) {
    // A closed standard error leaves nobody to tell.
    drop(writeln!(std::io::stderr(), "seseragi: {error:#}"));
}
