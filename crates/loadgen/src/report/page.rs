//! The page for the documentation.

use std::fmt::Write;

use super::{Figure, Report, Section};

/// The folder of the plots, beside the page.
pub(super) const PLOTS: &str = "performance";

const HEAD: &str = "# Performance

Made by `cargo xtask bench`, which measures everything again and writes this page and its plots.

Server and load generator run on one machine, each pinned to a processor of its own. The *floor* is a bare server that
writes the same bytes to as many sockets, with one `write` for each delivery, in the same run: a figure against it moves
little from machine to machine, unlike the times beside it. The server is the real one, with one worker, over a backend whose users and notes
are made by formula. CPU is user and system time of all threads of the server process but the one that makes the notes.
Costs of a delivery are medians; each delivery is checked to be the right note, once, in order.
";

const PROFILES: &str = "
## Where the time goes

Samples of the servers' stacks during deliveries to 1,000 connections. A box is a function, as wide as its share of the CPU,
on top of that which called it: blue is the kernel, orange the server's own code, yellow libraries'. Opened on its own, a picture says the
whole name and the share of each box under the pointer. `cargo xtask profile` takes and draws them anew, with `perf`, from a build with
frame pointers; they are not of the same run as the figures above.

![The floor](performance/profile-floor.svg)

![Notes one at a time](performance/profile-one.svg)

![Bursts of 100 notes](performance/profile-burst.svg)

![Notes one at a time, compressed](performance/profile-compressed.svg)
";

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page = String::from(HEAD);
    if report.quick {
        page.push_str("\n**Of a quick run: these figures say nothing of speed.**\n");
    }
    page.push_str("\n## The goals\n");
    let rows = report.figures.iter().map(|figure| {
        let holds = if figure.holds() { "yes" } else { "**no**" };
        vec![
            figure.name.clone(),
            figure.value(),
            figure.goal(),
            holds.to_owned(),
            figure.detail.clone(),
        ]
    });
    let columns = ["figure", "measured", "goal", "holds", "of"].map(str::to_owned);
    push_table(&mut page, &columns, &rows.collect::<Vec<_>>());
    push_obstacles(&mut page, &report.figures);
    let capacity = super::capacity::sections(&report.measured);
    for section in report.sections.iter().chain(&capacity) {
        push_section(&mut page, section);
    }
    page.push_str(PROFILES);
    page
}

/// What stands in the way of the goals that are missed.
fn push_obstacles(page: &mut String, figures: &[Figure]) {
    let missed = figures.iter().filter(|figure| !figure.holds());
    let missed: Vec<&Figure> = missed.collect();
    if missed.is_empty() {
        return;
    }
    page.push_str("\nWhat stands in the way of those that are missed:\n\n");
    for figure in missed {
        push(
            page,
            format_args!("- *{}*: {}\n", figure.name, figure.obstacle),
        );
    }
}

fn push_section(page: &mut String, section: &Section) {
    push(
        page,
        format_args!("\n## {}\n\n{}\n", section.title, section.about),
    );
    if !section.rows.is_empty() {
        push_table(page, &section.columns, &section.rows);
    }
    if !section.after.is_empty() {
        push(page, format_args!("\n{}\n", section.after));
    }
    for plot in &section.plots {
        let (title, file) = (plot.title(), plot.file());
        push(page, format_args!("\n![{title}]({PLOTS}/{file})\n"));
    }
}

fn push_table(page: &mut String, columns: &[String], rows: &[Vec<String>]) {
    let dashes = "---|".repeat(columns.len());
    push(
        page,
        format_args!("\n| {} |\n|{dashes}\n", columns.join(" | ")),
    );
    for row in rows {
        push(page, format_args!("| {} |\n", row.join(" | ")));
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text)
        .expect("writing to memory does not fail");
}
