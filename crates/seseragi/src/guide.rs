//! What `docs/OPERATIONS.md` and `deploy/` name exists: options, settings and metrics.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::{Config, Layers, Source, read_file};

/// Options of other programs.
const FOREIGN: &[&str] = &[
    "build", "detach", "file", "from", "interval", "locked", "now", "package", "release", "tag",
    "timeout",
];

fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
}

/// The guide and all files beside it, each with its path.
fn texts() -> Vec<(PathBuf, String)> {
    let mut left = vec![root().join("docs/OPERATIONS.md"), root().join("deploy")];
    let mut texts = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            texts.push((path, text));
        }
    }
    assert!(texts.len() > 1, "there is no `deploy/`");
    texts
}

/// All words of a text that begin so, without that beginning.
fn words<'a>(
    text: &'a str,
    beginning: &'a str,
    inside: fn(char) -> bool,
) -> impl Iterator<Item = &'a str> {
    text.match_indices(beginning).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + beginning.len()..];
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let starts = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let word = rest[..end].trim_end_matches('-');
        (starts && !word.is_empty()).then_some(word)
    })
}

#[track_caller]
fn check(beginning: &str, inside: fn(char) -> bool, known: &BTreeSet<String>) {
    let mut found = 0;
    let mut unknown = Vec::new();
    for (path, text) in texts() {
        for word in words(&text, beginning, inside) {
            found += 1;
            if !known.contains(word) {
                unknown.push(format!("{}: `{beginning}{word}`", path.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "these don't exist: {unknown:#?}");
    assert!(found > 0, "the search for `{beginning}` finds nothing");
}

#[test]
fn options_exist() {
    let command = cli::command();
    let commands = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments);
    let known = commands
        .filter_map(clap::Arg::get_long)
        .chain(FOREIGN.iter().copied())
        .map(str::to_owned)
        .collect();
    check("--", |c| c.is_ascii_lowercase() || c == '-', &known);
}

#[test]
fn metrics_exist() {
    let table = fs::read_to_string(root().join("docs/METRICS.md")).unwrap();
    let mut known = BTreeSet::new();
    for row in table.lines() {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let Some((name, kind)) = cells.next().zip(cells.next()) else {
            continue;
        };
        let Some(name) = name
            .strip_prefix("`seseragi_")
            .and_then(|it| it.strip_suffix('`'))
        else {
            continue;
        };
        if kind == "histogram" {
            known.extend(["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")));
        }
        known.insert(name.to_owned());
    }
    check("seseragi_", |c| c.is_ascii_lowercase() || c == '_', &known);
}

#[test]
fn log_lines_exist() {
    let guide = fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    let (_, table) = guide.split_once("| line | what it means |").unwrap();
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    // The first cell holds lines in backticks; every other piece is what stands between them.
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let lines: Vec<&str> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(lines.len() > 5, "the table of log lines is not found");
    let mut sources = String::new();
    let mut left = vec![root().join("crates")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    for line in lines {
        assert!(sources.contains(line), "nothing logs `{line}`");
    }
}

#[test]
fn the_settings_file_is_valid() {
    let path = root().join("deploy/seseragi.toml");
    let mut layers = Layers::defaults();
    read_file(&mut layers, path.to_str()).unwrap();
    // What Misskey's own file says.
    for (key, value) in [
        ("host", "misskey.example"),
        ("database-url", "postgres://localhost/misskey"),
        ("redis-url", "redis://localhost/"),
    ] {
        layers.set(key, vec![value.to_owned()], Source::CommandLine);
    }
    let config = Config::resolve(&layers).unwrap();
    assert!(config.companion.unwrap().upstream.is_some());
}

#[test]
fn the_unit_starts_a_server_and_lets_it_drain() {
    let path = root().join("deploy/systemd/seseragi@.service");
    let unit = fs::read_to_string(path).unwrap();
    let value = |key: &str| {
        let line = unit
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("the unit has no `{key}`"))
    };
    let settings = root().join("deploy/seseragi.toml");
    let command = value("ExecStart")
        .replace("/etc/seseragi/seseragi.toml", settings.to_str().unwrap())
        .replace("%i", "3100")
        .replace("%d", "credentials");
    let matches = cli::command()
        .try_get_matches_from(command.split(' '))
        .unwrap();
    let layers = cli::layers(matches.subcommand_matches("serve").unwrap()).unwrap();
    assert_eq!(layers.find("listen").0, ["127.0.0.1:3100"]);
    assert_eq!(layers.find("admin-listen").0, ["127.0.0.1:13100"]);
    let ms = |key: &str| layers.find(key).0[0].parse::<u64>().unwrap();
    let patience_ms = 1_000 * value("TimeoutStopSec").parse::<u64>().unwrap();
    assert!(patience_ms > ms("drain-ms") + 2 * ms("close-timeout-ms"));
    assert!(value("LimitNOFILE").parse::<u64>().unwrap() > ms("connections-max"));
}
