//! The shell: sockets, workers, upgrade, lifecycle and metrics.

mod ws;
