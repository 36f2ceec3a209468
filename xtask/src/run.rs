//! Running a program: its output is shown as it comes and kept for counting.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::{env, thread};

use anyhow::{Context, Result};

/// Where things are.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this very tool belongs to.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest
            .parent()
            .context("xtask does not lie in a workspace")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The `seseragi` binary that the end-to-end suites drive.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("debug/seseragi")
    }

    /// The Python environment of the suites in Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.target.join("python/bin/python")
    }

    /// A program, run at the root.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Run {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        Run { command }
    }

    /// Cargo itself.
    pub(crate) fn cargo(&self, args: &[&str]) -> Run {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let run = self
            .program(cargo)
            .args(args)
            .env("CARGO_TERM_COLOR", "never");
        // Nothing is built twice on a CI machine, so what incremental builds keep is a waste.
        if env::var_os("CI").is_some() {
            return run.env("CARGO_INCREMENTAL", "0");
        }
        run
    }
}

/// A program about to run.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// All lines of both outputs, in the order they came.
    pub(crate) lines: Vec<String>,
}

impl Run {
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Shows the command, runs it to its end and shows what it prints.
    pub(crate) fn run(mut self) -> Result<Outcome> {
        println!("$ {}", self.shown());
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run `{}`", self.shown()))?;
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as _),
            child.stderr.take().map(|out| Box::new(out) as _),
        ];
        let lines = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for output in outputs.into_iter().flatten() {
                scope.spawn(|| relay(output, &lines));
            }
        });
        let status = child.wait().context("cannot wait for a program")?;
        let lines = lines.into_inner().context("a reader of output panicked")?;
        Ok(Outcome {
            success: status.success(),
            lines,
        })
    }

    fn shown(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str());
        let args = self.command.get_args();
        [name]
            .into_iter()
            .chain(args)
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Prints each line and keeps it. Bytes that are not UTF-8 are shown as replacement characters.
fn relay(output: impl Read, lines: &Mutex<Vec<String>>) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("{line}");
        if let Ok(mut lines) = lines.lock() {
            lines.push(line);
        }
    }
}
