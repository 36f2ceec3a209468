//! The command line, built from the table of settings.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::config::{self, Kind, Layers, Setting, Source, settings};

/// The name of the option that names the settings file.
const CONFIG_FILE: &str = "config";

/// The whole command line.
pub(crate) fn command() -> Command {
    Command::new("seseragi")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The streaming server of the Misskey world")
        .long_about(
            "The streaming server of the Misskey world.\n\nWithout a command it serves a demo: \
             `serve --demo --data :memory:`.",
        )
        .subcommand(
            Command::new("serve")
                .about("Serve the stream, the REST API and a page, from an embedded store")
                .args(setting_args()),
        )
        .subcommand(
            Command::new("check")
                .about("Try each part that `serve` needs; say what is wrong and what to do")
                .args(setting_args()),
        )
        .subcommand(
            Command::new("config")
                .about("Print the settings in force and where each came from")
                .arg(
                    Arg::new("default")
                        .long("default")
                        .action(ArgAction::SetTrue)
                        .help("Print the default settings file instead"),
                )
                .args(setting_args()),
        )
        .subcommand(watch())
        .subcommand(user())
}

/// The settings in force under these arguments.
///
/// # Errors
///
/// When the settings file can't be used.
pub(crate) fn layers(matches: &ArgMatches) -> anyhow::Result<Layers> {
    let mut layers = Layers::defaults();
    let path = matches.try_get_one::<String>(CONFIG_FILE).ok().flatten();
    config::read_file(&mut layers, path.map(String::as_str))?;
    for setting in settings() {
        let variable = setting.variable();
        if let Ok(value) = std::env::var(&variable) {
            let values = match setting.kind {
                Kind::List => value
                    .split(',')
                    .map(|item| item.trim().to_owned())
                    .collect(),
                Kind::Value | Kind::Flag => vec![value],
            };
            layers.set(setting.key, values, Source::Environment(variable));
        }
        // Not every command takes every setting.
        if let Ok(Some(values)) = matches.try_get_many::<String>(setting.key) {
            layers.set(setting.key, values.cloned().collect(), Source::CommandLine);
        }
    }
    Ok(layers)
}

fn config_file() -> Arg {
    Arg::new(CONFIG_FILE)
        .long(CONFIG_FILE)
        .value_name("FILE")
        .env("SESERAGI_CONFIG")
        .help("The settings file [default: `seseragi.toml`, if it is there]")
}

fn setting_args() -> Vec<Arg> {
    std::iter::once(config_file())
        .chain(settings().iter().map(setting_arg))
        .collect()
}

/// One setting as an option. Values stay texts: the layers below may be stronger on none of
/// them, and all are validated in one place.
fn setting_arg(setting: &Setting) -> Arg {
    let default = match (&setting.default, setting.kind) {
        (Some(default), Kind::Value | Kind::List) => format!(" [default: {default}]"),
        (None, _) | (Some(_), Kind::Flag) => String::new(),
    };
    let arg = Arg::new(setting.key)
        .long(setting.key)
        .help(format!("{}{default}", setting.about))
        .hide_short_help(setting.limit)
        .help_heading(setting.limit.then_some("Limits"));
    match setting.kind {
        Kind::Value => arg.value_name(setting.placeholder),
        Kind::List => arg
            .value_name(setting.placeholder)
            .action(ArgAction::Append),
        Kind::Flag => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
    }
}

fn watch() -> Command {
    Command::new("watch")
        .about("Join channels of a server and print their events")
        .arg(Arg::new("origin").value_name("ORIGIN").required(true)
            .help("The server, such as `http://127.0.0.1:3000`"))
        .arg(Arg::new("token").long("token").value_name("TOKEN").env("SESERAGI_TOKEN").hide_env_values(true)
            .help("The token of a user or an app"))
        .arg(Arg::new("channel").long("channel").short('c').value_name("NAME[={PARAMS}]").action(ArgAction::Append)
            .help("A channel to join, perhaps with params as JSON [default: localTimeline; with a token homeTimeline and main]"))
        .arg(Arg::new("capture").long("capture").value_name("NOTE").action(ArgAction::Append)
            .num_args(0..=1).require_equals(true).default_missing_value("")
            .help("Capture a note, or without an id each one that comes: show its reactions, votes and end"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue)
            .help("Print each message as it came, one a line"))
        .arg(Arg::new("count").long("count").value_name("COUNT").value_parser(value_parser!(u64))
            .help("Stop after this many messages"))
}

fn user() -> Command {
    let place = |command: Command| {
        let settings = settings().into_iter();
        let data = settings.filter(|setting| setting.key == "data");
        command
            .arg(config_file())
            .args(data.map(|setting| setting_arg(&setting)))
    };
    let name = || {
        Arg::new("name")
            .value_name("NAME")
            .required(true)
            .help("The user's name, without `@`")
    };
    Command::new("user")
        .about("The accounts of a standalone server")
        .subcommand_required(true)
        .subcommand(place(
            Command::new("add")
                .about(
                    "Add an account and print its token; the password is read from standard input",
                )
                .arg(name()),
        ))
        .subcommand(place(
            Command::new("token")
                .about("Print an account's token")
                .arg(name()),
        ))
        .subcommand(place(Command::new("list").about("List the accounts")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn options_are_stronger_than_defaults() {
        let matches =
            command().get_matches_from(["seseragi", "serve", "--demo", "--listen", "127.0.0.1:0"]);
        let (_, matches) = matches.subcommand().unwrap();
        let layers = layers(matches).unwrap();
        assert_eq!(
            layers.find("demo"),
            (&["true".to_owned()][..], Source::CommandLine)
        );
        assert_eq!(layers.find("listen").0, ["127.0.0.1:0"]);
        assert_eq!(layers.find("log").1, Source::Default);
    }
}
