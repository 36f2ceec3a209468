//! `seseragi serve`: a server with a store of its own, or beside a running Misskey.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use companion::Companion;
use server::{Listener, Listeners, ServerConfig, Tls};
use standalone::{Data, Options, Standalone, SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, Layers, Listen};
use crate::{demo, log, page};

/// Serves until a signal ends it.
pub(super) fn run(layers: &Layers) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(layers)?;
    log::start(&config);
    let open_files = server::raise_open_files().context("cannot raise the limit of open files")?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        workers = config.workers,
        open_files,
        "starting"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(config))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let shutdown = shutdown()?;
    let listeners = listeners(&config)?;
    match config.companion.clone() {
        Some(settings) => beside(config, settings, listeners, shutdown).await,
        None => alone(config, listeners, shutdown).await,
    }
}

/// Serves beside a running Misskey.
async fn beside(
    config: Config,
    settings: companion::Settings,
    listeners: Listeners,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    tracing::info!(
        host = settings.host,
        database = %settings.database,
        redis = %settings.redis,
        events = %settings.events,
        channel = settings.channel(),
        "serving beside a Misskey"
    );
    let companion = Companion::open(settings).await?;
    announce(&listeners)?;
    server::run(
        server_config(&config),
        companion,
        Router::new(),
        listeners,
        shutdown,
    )
    .await?;
    Ok(())
}

/// Serves from a store of its own.
async fn alone(
    config: Config,
    listeners: Listeners,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    let url = config
        .url
        .clone()
        .unwrap_or_else(|| own_address(&listeners));
    let standalone = open(&config, url).await?;
    announce(&listeners)?;

    let due = tokio::spawn({
        let standalone = Arc::clone(&standalone);
        async move { standalone.run_due().await }
    });
    let api = standalone.api();
    let demo = if config.demo {
        Some(tokio::spawn(demo::start(
            Arc::clone(&standalone),
            api.clone(),
        )))
    } else {
        None
    };
    let pages = api
        .merge(standalone.well_known())
        .merge(standalone.pages())
        .merge(standalone.files())
        .merge(page::router());
    let ended = server::run(
        server_config(&config),
        standalone,
        pages,
        listeners,
        shutdown,
    )
    .await;
    due.abort();
    if let Some(demo) = demo {
        demo.abort();
    }
    Ok(ended?)
}

fn server_config(config: &Config) -> ServerConfig {
    ServerConfig {
        workers: config.workers,
        compression: config.compression,
        limits: config.limits.clone(),
    }
}

/// Opens the store. A thread that may block does it: a large one may be migrated.
async fn open(config: &Config, url: String) -> anyhow::Result<Arc<Standalone>> {
    let data = config.data.as_deref();
    let place = data.map_or_else(|| ":memory:".to_owned(), |path| path.display().to_string());
    let options = Options {
        data: data.map_or(Data::Memory, |path| Data::Dir(path.to_owned())),
        url,
        dev: config.dev,
        clock: Arc::new(SystemClock),
        features: config.features.clone(),
    };
    tokio::task::spawn_blocking(move || Standalone::open(options))
        .await?
        .with_context(|| format!("cannot open the store at `{place}` (`--data` names another)"))
}

fn listeners(config: &Config) -> anyhow::Result<Listeners> {
    let tls = config.tls.as_ref().map(|files| {
        Tls::load(&files.certificate, &files.key)
            .context("cannot serve TLS (`--tls-cert` and `--tls-key` name its files)")
    });
    let tls = tls.transpose()?;
    let public = config.listen.iter().map(|listen| match listen {
        Listen::Tcp(address) => {
            let listener = bind(*address, "listen")?;
            Ok(match &tls {
                Some(tls) => listener.with_tls(tls),
                None => listener,
            })
        }
        Listen::Unix(path) => Listener::unix(path)
            .with_context(|| format!("cannot listen on `unix:{}`", path.display())),
    });
    let admin = config
        .admin_listen
        .map(|address| bind(address, "admin-listen"));
    Ok(Listeners {
        public: public.collect::<anyhow::Result<_>>()?,
        admin: admin.transpose()?,
    })
}

fn bind(address: SocketAddr, option: &str) -> anyhow::Result<Listener> {
    Listener::tcp(address)
        .with_context(|| format!("cannot listen on `{address}` (`--{option}` names another)"))
}

/// The address that a server is known by when nobody gives it one.
fn own_address(listeners: &Listeners) -> String {
    let addresses = listeners.public.iter().map(Listener::address);
    addresses
        .filter(|address| address.starts_with("http"))
        .map(str::to_owned)
        .next()
        .unwrap_or_else(|| "http://localhost".to_owned())
}

/// Names each real address on standard output, for people and scripts.
fn announce(listeners: &Listeners) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for listener in &listeners.public {
        writeln!(out, "listening on {}", listener.address())?;
    }
    if let Some(admin) = &listeners.admin {
        writeln!(out, "admin on {}", admin.address())?;
    }
    out.flush()
}

/// Resolves at the first `SIGTERM` or `SIGINT`; a second one ends the process at once.
fn shutdown() -> std::io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (first, seen) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut first = Some(first);
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let Some(first) = first.take() else {
                tracing::warn!("ending at once");
                std::process::exit(1);
            };
            // The server may have ended by itself.
            let _ = first.send(());
        }
    });
    Ok(async move {
        // The task above lives as long as the runtime.
        drop(seen.await);
    })
}
