//! The real server beside a throwaway Misskey.

use std::io;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use companion::{Companion, DatabaseSettings, RedisSettings, Settings};
use protocol::limits::Limits;
use server::{Listener, Listeners, ServerConfig};
use tokio::sync::oneshot;

use crate::misskey::HOST;
use crate::{process, serve};

/// Serves until standard input ends, from the database and the Redis at these addresses. With
/// `reread` it reads relations again as often as it does by default, else never.
pub(crate) fn run(database: &str, redis: &str, reread: bool) -> Result<()> {
    process::pin(0)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    let database = DatabaseSettings::parse(database)?;
    let settings = Settings::new(HOST, database, RedisSettings::parse(redis)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(serve(settings, reread))
}

async fn serve(settings: Settings, reread: bool) -> Result<()> {
    let companion = Companion::open(settings).await?;
    let public = Listener::tcp(([127, 0, 0, 1], 0).into())?;
    serve::announce(&public)?;
    let (end, ended) = oneshot::channel();
    std::thread::spawn(move || {
        // Without a receiver the server has ended before.
        drop(end.send(io::copy(&mut io::stdin().lock(), &mut io::sink())));
    });
    let mut limits = serve::limits();
    if !reread {
        limits.reread_interval_ms = serve::QUIET_MS;
    }
    let config = ServerConfig {
        workers: 1,
        limits: Limits {
            // As many as come at once wait for their relations.
            handshake_timeout_ms: 60_000,
            backend_timeout_ms: 60_000,
            ..limits
        },
        compression: false,
    };
    let listeners = Listeners {
        public: vec![public],
        admin: None,
    };
    let end = async {
        drop(ended.await);
    };
    server::run(
        config,
        Arc::clone(&companion) as _,
        Router::new(),
        listeners,
        end,
    )
    .await?;
    Ok(())
}
