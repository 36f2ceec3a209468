//! What is shown of a run: a heading for each suite, and all results at the end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::count::Count;
use crate::run::Workspace;
use crate::suites::{Report, Suite};

/// The result of one suite.
#[derive(Debug)]
pub(crate) struct Finished {
    name: &'static str,
    took: Duration,
    report: Report,
}

/// Runs one suite under a heading. A suite that can't be run has failed.
pub(crate) fn timed(suite: &Suite, workspace: &Workspace) -> Finished {
    println!("\n=== {}: {}", suite.name, suite.about);
    let start = Instant::now();
    let report = (suite.run)(workspace).unwrap_or_else(|error| {
        println!("{error:#}");
        Report::failed(error.to_string())
    });
    let took = start.elapsed();
    println!(
        "--- {} {} after {:.1} s",
        suite.name,
        report.word(),
        took.as_secs_f64()
    );
    Finished {
        name: suite.name,
        took,
        report,
    }
}

/// Prints the table of all results; the last line adds them up.
pub(crate) fn print(results: &[Finished]) -> ExitCode {
    println!("\n=== summary");
    for result in results {
        println!(
            "{:8} {:10} {:7.1} s  {}{}",
            result.report.word(),
            result.name,
            result.took.as_secs_f64(),
            result.report.count,
            result.report.remark(),
        );
    }
    let total = results
        .iter()
        .map(|result| result.report.count)
        .fold(Count::default(), |sum, count| sum + count);
    println!("{total}");
    if results.iter().all(|result| result.report.success()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
