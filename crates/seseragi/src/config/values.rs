//! How single values are read. Each reader says in its error what it expected.

use std::net::SocketAddr;
use std::path::PathBuf;

/// An address that clients connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listen {
    /// A TCP address.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines, an object a line.
    Json,
}

pub(super) fn listen(text: &str) -> Result<Listen, String> {
    match text.strip_prefix("unix:") {
        Some("") => Err("expected a path after `unix:`".to_owned()),
        Some(path) => Ok(Listen::Unix(path.into())),
        None => text
            .parse()
            .map(Listen::Tcp)
            .map_err(|_| "expected `IP:PORT` or `unix:PATH`".to_owned()),
    }
}

pub(super) fn origin(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or("expected an address that starts with `https://` or `http://`")?;
    if rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
        return Err("expected only a host and perhaps a port after the scheme".to_owned());
    }
    Ok(text.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers have one shape")]
pub(super) fn data(text: &str) -> Result<Option<PathBuf>, String> {
    Ok((text != ":memory:").then(|| text.into()))
}

pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("expected something".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("expected a file".to_owned());
    }
    Ok(text.into())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "on" => Ok(true),
        "false" | "0" | "off" | "" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

pub(super) fn compat(text: &str) -> Result<bool, String> {
    match text {
        "none" => Ok(false),
        "legacy" => Ok(true),
        _ => Err("expected `none` or `legacy`".to_owned()),
    }
}

pub(super) fn network(text: &str) -> Result<standalone::IpNet, String> {
    text.parse()
        .map_err(|_| "expected a network such as `10.1.0.0/16`".to_owned())
}

pub(super) fn admin_listen(text: &str) -> Result<Option<SocketAddr>, String> {
    if text == "off" {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| "expected `IP:PORT` or `off`".to_owned())
}

pub(super) fn workers(text: &str) -> Result<usize, String> {
    const WORKERS_MAX: usize = 256;
    let count: usize = text
        .parse()
        .map_err(|_| "expected a whole number".to_owned())?;
    match count {
        0 => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
        1..=WORKERS_MAX => Ok(count),
        _ => Err(format!("expected at most {WORKERS_MAX}")),
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("expected `text` or `json`".to_owned()),
    }
}

pub(super) fn limit(text: &str) -> Result<u64, String> {
    text.replace('_', "")
        .parse()
        .map_err(|_| "expected a whole number".to_owned())
}
