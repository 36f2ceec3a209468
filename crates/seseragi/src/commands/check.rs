//! `seseragi check`: the doctor. Tries what `serve` would need, under the same options.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use companion::{Finding, State};

use crate::config::{Config, Layers};

/// So many open files leave room for a thousand connections.
const OPEN_FILES_ENOUGH: u64 = 2_048;

/// Prints what was found. Fails if something is broken.
pub(super) fn run(layers: &Layers) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(layers)?;
    let mut findings = vec![open_files(&config)];
    match &config.companion {
        Some(settings) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            findings.extend(runtime.block_on(companion::check(settings)));
        }
        None => findings.push(data(&config)),
    }
    let broken = findings.iter().any(|it| it.state == State::Broken);
    std::io::stdout()
        .lock()
        .write_all(table(&findings).as_bytes())?;
    Ok(if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The findings, one or two lines each.
fn table(findings: &[Finding]) -> String {
    let width = findings.iter().map(|it| it.part.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Finding {
        part,
        state,
        what,
        remedy,
    } in findings
    {
        let state = match state {
            State::Fine => "fine",
            State::Off => "off",
            State::Broken => "broken",
        };
        // Writing to a string can't fail.
        let _ = writeln!(text, "{state:<6}  {part:<width$}  {what}");
        if !remedy.is_empty() {
            let _ = writeln!(text, "{:<6}  {:<width$}  -> {remedy}", "", "");
        }
    }
    text
}

fn open_files(config: &Config) -> Finding {
    let part = "open files".to_owned();
    let finding = |state, what, remedy: &str| Finding {
        part: part.clone(),
        state,
        what,
        remedy: remedy.to_owned(),
    };
    let wanted = u64::try_from(config.limits.connections_max).unwrap_or(u64::MAX);
    // No limit is more than enough.
    match server::raise_open_files().map(|limit| limit.unwrap_or(u64::MAX)) {
        Ok(u64::MAX) => finding(State::Fine, "no limit".to_owned(), ""),
        Ok(limit) if limit >= wanted.saturating_add(OPEN_FILES_ENOUGH) => {
            finding(State::Fine, format!("{limit}"), "")
        }
        Ok(limit) if limit >= OPEN_FILES_ENOUGH => finding(
            State::Off,
            format!("{limit}, fewer than `--connections-max` {wanted} needs"),
            "raise the hard limit (`LimitNOFILE` of systemd), or lower `--connections-max`",
        ),
        Ok(limit) => finding(
            State::Broken,
            format!("{limit}: too few to serve anyone for long"),
            "raise the hard limit (`LimitNOFILE` of systemd)",
        ),
        Err(error) => finding(
            State::Broken,
            format!("the limit can't be raised: {error}"),
            "see what limits the process",
        ),
    }
}

/// Whether the store of a standalone server can be written to.
fn data(config: &Config) -> Finding {
    let part = "data".to_owned();
    let Some(path) = &config.data else {
        return Finding {
            part,
            state: State::Fine,
            what: "in memory; nothing is kept".to_owned(),
            remedy: String::new(),
        };
    };
    let place = path.display();
    // A folder that is not there yet is made by `serve`.
    let existing = path.ancestors().find(|path| path.exists());
    let existing = existing.unwrap_or_else(|| std::path::Path::new("."));
    match rustix::fs::access(existing, rustix::fs::Access::WRITE_OK) {
        Ok(()) => Finding {
            part,
            state: State::Fine,
            what: format!("`{place}` can be written to"),
            remedy: String::new(),
        },
        Err(error) => Finding {
            part,
            state: State::Broken,
            what: format!("`{place}` can't be written to: {error}"),
            remedy: "give the folder to the user that `serve` runs as, or name another by `--data`"
                .to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_lines() {
        let finding = |part: &str, state, remedy: &str| Finding {
            part: part.to_owned(),
            state,
            what: "what".to_owned(),
            remedy: remedy.to_owned(),
        };
        let findings = [
            finding("a", State::Fine, ""),
            finding("long", State::Broken, "do it"),
        ];
        let expected = "fine    a     what\nbroken  long  what\n              -> do it\n";
        assert_eq!(table(&findings), expected);
    }
}
