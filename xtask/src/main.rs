//! The project's own chores, behind `cargo xtask`.
//!
//! `cargo xtask test` is everything a change must pass, with all of its set-up. It is the same
//! command on a developer's machine and in CI. `cargo xtask bench` measures, and judges nothing;
//! `cargo xtask soak` goes on for longer than a test may.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool speaks on standard output"
)]

mod console;
mod count;
mod run;
mod setup;
mod suites;
mod summary;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::run::Workspace;
use crate::setup::Need;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own chores")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs everything a change must pass, and installs what that needs
    Test {
        /// Run only these suites, by name
        #[arg(value_name = "SUITE", value_parser = suites::names())]
        only: Vec<String>,
    },
    /// Replays the recording that `SESERAGI_TRACES` names (`../shared/traces` if it names none)
    Replay,
    /// Writes `docs/COMPATIBILITY.md` from a running server
    Compatibility,
    /// Builds the console, to be committed with its sources
    Console,
    /// Measures the engine against the floor, and writes `docs/PERFORMANCE.md`
    Bench {
        /// Measure only this part and write no page: see `loadgen bench --help`
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
    },
    /// Samples the engine's fan-out with `perf`, and draws `docs/performance/profile-*.svg`
    Profile,
    /// Runs the console in Chromium over 10,000 notes, and measures what it holds and how smooth it is
    Soak,
    /// Checks licences, sources and advisories of the dependencies with `cargo-deny`
    Deny,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let workspace = Workspace::find()?;
    match args.command {
        Command::Test { only } => test(&workspace, &only),
        Command::Replay => test(&workspace, &["build", "replay"].map(str::to_owned)),
        Command::Compatibility => compatibility(&workspace),
        Command::Console => console(&workspace),
        Command::Bench { only } => bench(&workspace, &only),
        Command::Profile => profile(&workspace),
        Command::Soak => soak(&workspace),
        Command::Deny => deny(&workspace),
    }
}

/// Runs the suites one after the other, all of them even where one fails.
fn test(workspace: &Workspace, only: &[String]) -> Result<ExitCode> {
    let chosen = suites::chosen(only);
    setup::provide(workspace, &suites::needs(&chosen))?;
    let results = chosen
        .iter()
        .map(|suite| summary::timed(suite, workspace))
        .collect::<Vec<_>>();
    Ok(summary::print(&results))
}

/// Lets the test that compares the page write it instead.
fn compatibility(workspace: &Workspace) -> Result<ExitCode> {
    setup::provide(workspace, &[Need::Node, Need::NodePackages])?;
    let build = workspace.cargo(&["build", "--package", "seseragi", "--locked"]);
    if !build.run()?.success {
        return Ok(ExitCode::FAILURE);
    }
    let run = workspace
        .program("node")
        .args(["--test", "tests/e2e/cases/coverage.test.js"])
        .env("SESERAGI_BIN", workspace.binary())
        .env("SESERAGI_WRITE_PAGE", "1");
    Ok(code(run.run()?.success))
}

fn console(workspace: &Workspace) -> Result<ExitCode> {
    setup::provide(workspace, &[Need::Node])?;
    setup::node_packages(workspace, console::FOLDER)?;
    Ok(code(console::build(workspace)?))
}

/// Runs every benchmark. It wants the machine for itself.
fn bench(workspace: &Workspace, only: &[String]) -> Result<ExitCode> {
    setup::provide(workspace, &[Need::Postgres, Need::Redis])?;
    let args = [
        "run",
        "--release",
        "--package",
        "seseragi-loadgen",
        "--locked",
    ];
    let figures = workspace.target.join("bench.json");
    let run = workspace
        .cargo(&args)
        .args(["--", "bench", "--json"])
        .args([&figures]);
    // The page shows figures of one run: all of them, or none.
    let run = if only.is_empty() {
        run.args(["--report", "docs/PERFORMANCE.md"])
    } else {
        run.args(only.iter().map(|name| format!("--only={name}")))
    };
    Ok(code(run.run()?.success))
}

/// Draws profiles. It wants the machine for itself, and a build that says who called whom.
fn profile(workspace: &Workspace) -> Result<ExitCode> {
    setup::provide(workspace, &[Need::Perf])?;
    let args = [
        "run",
        "--release",
        "--package",
        "seseragi-loadgen",
        "--locked",
    ];
    let run = workspace
        .cargo(&args)
        .args(["--", "profile", "docs/performance"])
        .env("RUSTFLAGS", "-Cforce-frame-pointers=yes");
    Ok(code(run.run()?.success))
}

/// Fails where the console's page grows. It wants the machine for itself.
fn soak(workspace: &Workspace) -> Result<ExitCode> {
    setup::provide(workspace, &[Need::Node, Need::NodePackages, Need::Chromium])?;
    let args = ["build", "--release", "--package", "seseragi", "--locked"];
    if !workspace.cargo(&args).run()?.success {
        return Ok(ExitCode::FAILURE);
    }
    let binary = workspace.target.join("release/seseragi");
    let run = workspace
        .program("node")
        .args(["tests/e2e/soak/console.js"])
        .env("SESERAGI_BIN", binary);
    Ok(code(run.run()?.success))
}

fn deny(workspace: &Workspace) -> Result<ExitCode> {
    setup::require_cargo_deny()?;
    let outcome = workspace.cargo(&["deny", "check"]).run()?;
    Ok(code(outcome.success))
}

fn code(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
