//! `seseragi user`: the accounts of a standalone server's store.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::ArgMatches;
use standalone::{Data, Options, Standalone, SystemClock};

use crate::cli;
use crate::config::Config;

/// Works on the store under `--data`, also while a server runs on it.
pub(super) fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let (command, matches) = matches.subcommand().context("a subcommand is missing")?;
    let config = Config::resolve(&cli::layers(matches)?)?;
    let directory = config
        .data
        .context("a store in memory has no accounts to work on: `--data` must name a directory")?;
    let place = directory.display().to_string();
    anyhow::ensure!(
        command == "add" || directory.is_dir(),
        "there is no store at `{place}`; `--data` or `seseragi.toml` names another"
    );
    let standalone = Standalone::open(Options {
        data: Data::Dir(directory),
        url: "http://localhost".to_owned(),
        dev: false,
        clock: Arc::new(SystemClock),
        features: standalone::Features::default(),
    })
    .with_context(|| format!("cannot open the store at `{place}`"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let name = matches.try_get_one::<String>("name").ok().flatten();
    match (command, name) {
        ("add", Some(name)) => runtime.block_on(add(&standalone, name)),
        ("token", Some(name)) => runtime.block_on(token(&standalone, name)),
        _ => runtime.block_on(list(&standalone)),
    }
}

/// Adds an account and prints its token.
async fn add(standalone: &Standalone, name: &str) -> anyhow::Result<ExitCode> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        write!(
            std::io::stderr(),
            "password for `{name}` (empty: none, only the token): "
        )?;
    }
    let mut password = String::new();
    stdin.lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    let password = (!password.is_empty()).then_some(password);
    let user = standalone.add_user(name, password, true).await?;
    writeln!(std::io::stdout(), "{}", user.token)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints an account's token.
async fn token(standalone: &Standalone, name: &str) -> anyhow::Result<ExitCode> {
    let token = standalone.user_token(name).await?;
    let token = token
        .with_context(|| format!("there is no account `{name}`; `seseragi user list` names all"))?;
    writeln!(std::io::stdout(), "{token}")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints all accounts, one a line.
async fn list(standalone: &Standalone) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for user in standalone.local_users().await? {
        let admin = if user.admin { " administrator" } else { "" };
        let suspended = if user.suspended { " suspended" } else { "" };
        writeln!(out, "{} {}{admin}{suspended}", user.id, user.name)?;
    }
    Ok(ExitCode::SUCCESS)
}
