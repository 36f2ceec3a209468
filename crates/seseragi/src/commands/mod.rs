//! One file per subcommand.

mod check;
mod config;
mod serve;
mod user;
mod watch;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::cli;
use crate::config::Source;

/// Runs the subcommand that was asked for.
///
/// # Errors
///
/// Whatever ended the subcommand early.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    match matches.subcommand() {
        Some(("serve", matches)) => serve::run(&cli::layers(matches)?),
        Some(("check", matches)) => check::run(&cli::layers(matches)?),
        Some(("config", matches)) => config::run(matches),
        Some(("watch", matches)) => watch::run(matches),
        Some(("user", matches)) => user::run(matches),
        Some((other, _)) => anyhow::bail!("unknown command `{other}`"),
        None => demo(),
    }
}

/// `cargo run --release`: a whole server with life in it.
fn demo() -> anyhow::Result<ExitCode> {
    let matches = cli::command().get_matches_from(["seseragi", "serve"]);
    let (_, matches) = matches.subcommand().expect("`serve` is a command");
    let mut layers = cli::layers(matches)?;
    layers.set("demo", vec!["true".to_owned()], Source::CommandLine);
    layers.set("data", vec![":memory:".to_owned()], Source::CommandLine);
    serve::run(&layers)
}
