//! `seseragi`: the streaming server of the Misskey world.
//!
//! This crate is the outside: the command line, the settings and the choice of a backend. One
//! file per subcommand under [`commands`]; the settings are one table in [`config`].

mod cli;
mod commands;
mod config;
mod demo;
#[cfg(test)]
mod guide;
mod log;
mod page;

use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = cli::command().get_matches();
    match commands::run(&matches) {
        Ok(code) => code,
        Err(error) => {
            log::fatal(&error);
            ExitCode::FAILURE
        }
    }
}
