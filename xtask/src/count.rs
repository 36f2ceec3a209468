//! Reading how many tests passed and failed from what a test runner printed.

use std::fmt;
use std::ops::Add;

/// How many tests passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// The test runners whose closing lines are understood.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runner {
    /// `cargo test`, a `test result: ok. 3 passed; 0 failed; ...` for each binary.
    CargoTest,
    /// `cargo nextest`, one `Summary [...] 7 tests run: 6 passed, 1 failed, 0 skipped`.
    Nextest,
    /// `node --test`, lines such as `# pass 4` and `# fail 0`.
    Node,
    /// Python's `unittest`: `Ran 3 tests in ...`, then `OK` or `FAILED (failures=1, errors=1)`.
    Unittest,
}

impl Runner {
    /// Adds up what the runner reported.
    pub(crate) fn count(self, lines: &[String]) -> Count {
        match self {
            Self::CargoTest => add_up(lines, "test result:", |line| Count {
                passed: number_before(line, "passed"),
                failed: number_before(line, "failed"),
                skipped: number_before(line, "ignored"),
            }),
            Self::Nextest => add_up(lines, "Summary [", |line| Count {
                passed: number_before(line, "passed"),
                failed: number_before(line, "failed")
                    + number_before(line, "timed out")
                    + number_before(line, "exec failed"),
                skipped: number_before(line, "skipped"),
            }),
            Self::Node => Count {
                passed: number_after(lines, "# pass "),
                failed: number_after(lines, "# fail ") + number_after(lines, "# cancelled "),
                skipped: number_after(lines, "# skipped "),
            },
            Self::Unittest => {
                let failed = add_up(lines, "FAILED (", |line| Count {
                    failed: number_behind(line, "failures=") + number_behind(line, "errors="),
                    ..Count::default()
                })
                .failed;
                let ran = number_after(lines, "Ran ");
                Count {
                    passed: ran.saturating_sub(failed),
                    failed,
                    skipped: 0,
                }
            }
        }
    }
}

fn add_up(lines: &[String], mark: &str, read: impl Fn(&str) -> Count) -> Count {
    lines
        .iter()
        .filter(|line| line.trim_start().starts_with(mark))
        .map(|line| read(line))
        .fold(Count::default(), Add::add)
}

/// The number that stands right before `word`, 0 if none does.
fn number_before(line: &str, word: &str) -> u32 {
    let Some(at) = line.find(word) else { return 0 };
    line[..at]
        .split_whitespace()
        .next_back()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The number that `mark` runs into, 0 if there is none.
fn number_behind(line: &str, mark: &str) -> u32 {
    let Some(at) = line.find(mark) else { return 0 };
    let digits = line[at + mark.len()..].split(|c: char| !c.is_ascii_digit());
    digits
        .take(1)
        .find_map(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The sum of the numbers of all lines that start with `mark`.
fn number_after(lines: &[String], mark: &str) -> u32 {
    lines
        .iter()
        .filter(|line| line.starts_with(mark))
        .map(|line| number_behind(line, mark))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::Runner;

    fn check(runner: Runner, output: &str, expected: &str) {
        let lines = output.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(runner.count(&lines).to_string(), expected);
    }

    #[test]
    fn cargo_test_is_added_up_over_its_binaries() {
        let output = "\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured";
        check(Runner::CargoTest, output, "4 passed, 2 failed");
    }

    #[test]
    fn nextest_has_one_summary() {
        let all = "     Summary [   0.021s] 7 tests run: 7 passed, 0 skipped";
        check(Runner::Nextest, all, "7 passed, 0 failed");
        let some = "     Summary [   0.021s] 7 tests run: 5 passed (1 slow), 2 failed, 1 skipped";
        check(Runner::Nextest, some, "5 passed, 2 failed, 1 skipped");
        let one = "     Summary [   1.0s] 2 tests run: 1 passed, 1 timed out, 1 skipped";
        check(Runner::Nextest, one, "1 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn node_counts_tests_that_were_cut_off_as_failed() {
        let output = "# tests 7\n# pass 4\n# fail 1\n# cancelled 1\n# skipped 1";
        check(Runner::Node, output, "4 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn unittest_says_only_how_many_ran() {
        check(
            Runner::Unittest,
            "Ran 3 tests in 0.1s\n\nOK",
            "3 passed, 0 failed",
        );
        let output = "Ran 3 tests in 0.1s\n\nFAILED (failures=1, errors=1)";
        check(Runner::Unittest, output, "1 passed, 2 failed");
    }

    #[test]
    fn no_closing_line_is_no_test() {
        check(
            Runner::Node,
            "Error: cannot find module",
            "0 passed, 0 failed",
        );
    }
}
