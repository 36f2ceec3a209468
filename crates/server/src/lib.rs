//! The shell: sockets, workers, upgrade, lifecycle and metrics.
//!
//! HTTP runs on tokio. A request for `/streaming` is checked, its user loaded, and then its
//! socket moves to a worker: a thread with its own loop, sockets, sessions and subscriptions.
//! One task, the source, turns the backend's events into publications for all workers. What is
//! pure lives elsewhere: who may see what in `rules`, routing in `hub`, one connection's state
//! in `session`.
//!
//! Invariants: no concrete backend is named here; a worker never waits for a client; tokens
//! reach no log; a panic of a part that the server can't do without ends the process.

mod admin;
mod bridge;
mod clock;
mod config;
mod http;
mod listener;
mod machine;
mod metrics;
mod open_files;
mod panic;
mod run;
mod seats;
mod source;
mod tls;
mod worker;
mod ws;

pub use config::ServerConfig;
pub use listener::Listener;
pub use metrics::{METRICS, MetricKind, MetricSpec};
pub use open_files::raise_open_files;
pub use run::{Listeners, RunError, run};
pub use tls::{Tls, TlsError};
