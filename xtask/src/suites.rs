//! The suites of `cargo xtask test`, in the order they run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;

use crate::console;
use crate::count::{Count, Runner};
use crate::run::{Outcome, Run, Workspace};
use crate::setup::Need;

/// One thing that a change must pass.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) run: fn(&Workspace) -> Result<Report>,
}

/// What became of a suite.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) count: Count,
    /// What is wrong apart from failed tests.
    fault: Option<String>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        about: "the code is formatted",
        needs: &[],
        run: |workspace| check(workspace.cargo(&["fmt", "--all", "--check"])),
    },
    Suite {
        name: "clippy",
        about: "no lint complains",
        needs: &[],
        run: |workspace| {
            let args = ["clippy", "--workspace", "--all-targets", "--locked"];
            check(workspace.cargo(&args).args(["--", "-D", "warnings"]))
        },
    },
    Suite {
        name: "doc",
        about: "the documentation builds",
        needs: &[],
        run: |workspace| {
            let args = ["doc", "--workspace", "--no-deps", "--locked"];
            check(workspace.cargo(&args).env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Suite {
        name: "unit",
        about: "the tests of the crates, the corpus of the fuzzers and the tidy rules",
        needs: &[Need::Postgres, Need::Redis],
        run: unit,
    },
    Suite {
        name: "examples",
        about: "the examples in the documentation",
        needs: &[],
        run: |workspace| {
            let run = workspace.cargo(&["test", "--workspace", "--doc", "--locked"]);
            Ok(Report::counted_or_none(run.run()?, Runner::CargoTest))
        },
    },
    Suite {
        name: "build",
        about: "the programs that the suites below drive",
        needs: &[],
        run: |workspace| {
            let args = [
                "build",
                "--package",
                "seseragi",
                "--package",
                "reversi-player",
            ];
            check(workspace.cargo(&args).args(["--locked"]))
        },
    },
    Suite {
        name: "loadgen",
        about: "the load generator, the floor and the engine, a few deliveries of each kind",
        needs: &[Need::Postgres, Need::Redis],
        run: |workspace| {
            let args = ["run", "--package", "seseragi-loadgen", "--locked"];
            check(workspace.cargo(&args).args(["--", "bench", "--quick"]))
        },
    },
    Suite {
        name: "e2e",
        about: "a real server under the official client of Misskey, and Reversi by its engine",
        needs: &[Need::Node, Need::NodePackages],
        run: |workspace| node_tests(workspace, &["tests/e2e/cases", "tests/reversi"]),
    },
    Suite {
        name: "replay",
        about: "the recording of a real Misskey: its requests, and its events beside its database",
        needs: BESIDE_MISSKEY,
        run: |workspace| node_tests(workspace, &["tests/replay", "tests/companion/replay"]),
    },
    Suite {
        name: "companion",
        about: "a server beside a PostgreSQL and a Redis that fail",
        needs: BESIDE_MISSKEY,
        run: |workspace| node_tests(workspace, &["tests/companion/cases"]),
    },
    Suite {
        name: "deploy",
        about: "the proxies of `docs/OPERATIONS.md`, with the files of `deploy/`",
        needs: BEHIND_A_PROXY,
        run: |workspace| node_tests(workspace, &["tests/companion/deploy"]),
    },
    Suite {
        name: "python",
        about: "a real server under clients in Python",
        needs: &[Need::Python, Need::PythonPackages],
        run: python_tests,
    },
    Suite {
        name: "console",
        about: "the console's types, and that its committed build is current",
        needs: &[Need::Node],
        run: console::test,
    },
    Suite {
        name: "browser",
        about: "the console, in Chromium",
        needs: &[Need::Node, Need::NodePackages, Need::Chromium],
        run: |workspace| node_tests(workspace, &["tests/e2e/browser"]),
    },
];

/// What the suites need that start the parts of a Misskey themselves.
const BESIDE_MISSKEY: &[Need] = &[
    Need::Node,
    Need::NodePackages,
    Need::CompanionPackages,
    Need::Postgres,
    Need::Redis,
];

/// The same, and what stands in front of it.
const BEHIND_A_PROXY: &[Need] = &[
    Need::Node,
    Need::NodePackages,
    Need::CompanionPackages,
    Need::Postgres,
    Need::Redis,
    Need::Proxies,
];

/// The names of all suites, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(SUITES.iter().map(|suite| suite.name))
}

/// The suites of these names, or all where none is named.
pub(crate) fn chosen(only: &[String]) -> Vec<&'static Suite> {
    SUITES
        .iter()
        .filter(|suite| only.is_empty() || only.iter().any(|name| name == suite.name))
        .collect()
}

/// What these suites need of the machine.
pub(crate) fn needs(suites: &[&Suite]) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in suites.iter().flat_map(|suite| suite.needs) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    needs
}

impl Report {
    /// A suite that could not even run.
    pub(crate) fn failed(fault: String) -> Self {
        Self {
            count: Count {
                failed: 1,
                ..Count::default()
            },
            fault: Some(fault),
        }
    }

    /// One check that passed.
    pub(crate) fn passed() -> Self {
        let count = Count {
            passed: 1,
            ..Count::default()
        };
        Self { count, fault: None }
    }

    /// One check that this machine can't make.
    pub(crate) fn skipped(reason: &str) -> Self {
        let count = Count {
            skipped: 1,
            ..Count::default()
        };
        Self {
            count,
            fault: Some(reason.to_owned()),
        }
    }

    /// A suite of tests. One without any test has failed: it is broken, not empty.
    fn counted(outcome: Outcome, runner: Runner) -> Self {
        if outcome.success && runner.count(&outcome.lines) == Count::default() {
            return Self::failed("no test ran".to_owned());
        }
        Self::counted_or_none(outcome, runner)
    }

    /// A suite of tests that may be empty.
    fn counted_or_none(outcome: Outcome, runner: Runner) -> Self {
        let mut count = runner.count(&outcome.lines);
        let mut fault = None;
        if !outcome.success && count.failed == 0 {
            count.failed = 1;
            fault = Some("the test runner failed".to_owned());
        }
        Self { count, fault }
    }

    pub(crate) fn success(&self) -> bool {
        self.count.failed == 0
    }

    pub(crate) fn word(&self) -> &'static str {
        if self.success() { "passed" } else { "FAILED" }
    }

    pub(crate) fn remark(&self) -> String {
        match &self.fault {
            Some(fault) => format!(" ({fault})"),
            None => String::new(),
        }
    }
}

/// A program that passes or fails as a whole.
fn check(run: Run) -> Result<Report> {
    let success = run.run()?.success;
    Ok(Report {
        count: Count {
            passed: u32::from(success),
            failed: u32::from(!success),
            skipped: 0,
        },
        fault: None,
    })
}

/// `nextest` where it is installed, since it isolates and times each test; else `cargo test`.
fn unit(workspace: &Workspace) -> Result<Report> {
    let nextest = workspace.cargo(&["nextest", "--version"]).run()?.success;
    let (run, runner) = if nextest {
        let args = [
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ];
        let quiet = ["--status-level", "fail", "--final-status-level", "fail"];
        let run = workspace
            .cargo(&args)
            .args(quiet)
            .args(["--color", "never"]);
        (run, Runner::Nextest)
    } else {
        let args = [
            "test",
            "--workspace",
            "--all-targets",
            "--locked",
            "--no-fail-fast",
        ];
        (workspace.cargo(&args), Runner::CargoTest)
    };
    Ok(Report::counted(run.run()?, runner))
}

/// Runs the test files of some folders under Node's own test runner.
fn node_tests(workspace: &Workspace, folders: &[&str]) -> Result<Report> {
    let mut files = Vec::new();
    for folder in folders {
        let names = test_files(&workspace.root.join(folder))?;
        files.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    files.sort();
    let run = workspace
        .program("node")
        .args(["--test", "--test-reporter=tap"])
        .args(files)
        .env("SESERAGI_BIN", workspace.binary());
    Ok(Report::counted(run.run()?, Runner::Node))
}

fn test_files(folder: &Path) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.js") {
            files.push(name);
        }
    }
    Ok(files)
}

fn python_tests(workspace: &Workspace) -> Result<Report> {
    let run = workspace
        .program(workspace.python())
        .args(["-m", "unittest", "discover", "--verbose"])
        .args(["--start-directory", "tests/python"])
        .env("SESERAGI_BIN", workspace.binary())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(Report::counted(run.run()?, Runner::Unittest))
}
