//! `seseragi config`: the settings in force, or the default file.

use std::io::Write;
use std::process::ExitCode;

use clap::ArgMatches;

use crate::cli;
use crate::config::{Config, Kind, Layers, Setting, settings};

/// Prints the settings in force and where each came from, and fails if one can't be used.
pub(super) fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    if matches.get_flag("default") {
        out.write_all(default_file().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let layers = cli::layers(matches)?;
    out.write_all(in_force(&layers).as_bytes())?;
    Config::resolve(&layers)?;
    Ok(ExitCode::SUCCESS)
}

fn in_force(layers: &Layers) -> String {
    let mut text = String::new();
    for setting in settings() {
        let (values, source) = layers.find(setting.key);
        let line = if values.is_empty() {
            format!("# {} is unset\n", setting.key)
        } else {
            let values: Vec<String> = values
                .iter()
                .map(|value| setting.shown(value).to_owned())
                .collect();
            format!("{}  # {source}\n", assignment(&setting, &values))
        };
        text.push_str(&line);
    }
    text
}

/// The default file: every setting with its meaning, commented out.
pub(crate) fn default_file() -> String {
    let mut text = String::from(
        "# Settings of Seseragi. The command line is stronger than the environment\n\
         # (`SESERAGI_<NAME>`), and that is stronger than this file.\n",
    );
    for setting in settings() {
        let values: Vec<String> = setting.default.iter().cloned().collect();
        let line = if values.is_empty() {
            format!("{} = \"\"", setting.key)
        } else {
            assignment(&setting, &values)
        };
        text.push_str(&format!("\n# {}.\n#{line}\n", setting.about));
    }
    text
}

/// A setting as a line of TOML.
fn assignment(setting: &Setting, values: &[String]) -> String {
    let quote = |value: &String| match (setting.kind, value.parse::<i64>()) {
        (Kind::Flag, _) | (_, Ok(_)) => value.clone(),
        (Kind::Value | Kind::List, Err(_)) => toml::Value::String(value.clone()).to_string(),
    };
    let quoted: Vec<String> = values.iter().map(quote).collect();
    match setting.kind {
        Kind::List => format!("{} = [{}]", setting.key, quoted.join(", ")),
        Kind::Value | Kind::Flag => format!("{} = {}", setting.key, quoted.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The printed default file, uncommented, is a valid file that changes nothing.
    #[test]
    fn the_default_file_holds_the_defaults() {
        let text: String = default_file()
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| !line.starts_with(' ') && !line.ends_with("\"\""))
            .map(|line| format!("{line}\n"))
            .collect();
        let table: toml::Table = text.parse().unwrap();
        let set = settings()
            .iter()
            .filter(|setting| setting.default.is_some())
            .count();
        assert_eq!(table.len(), set);
    }
}
