//! The figures, as lines, as JSON and as a page.

use std::fmt::Write;

use anyhow::Result;
use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// What it is counted in. `at least`: more is better, else less is.
    pub(crate) unit: &'static str,
    pub(crate) goal: Option<f64>,
    /// What it was made of.
    pub(crate) detail: String,
}

/// The figures of a run.
#[derive(Debug)]
pub(crate) struct Report {
    quick: bool,
    figures: Vec<Figure>,
}

impl Figure {
    fn holds(&self) -> bool {
        self.goal.is_none_or(|goal| {
            if self.unit == "at least" {
                self.value >= goal
            } else {
                self.value <= goal
            }
        })
    }

    fn goal(&self) -> String {
        match self.goal {
            None => String::new(),
            Some(goal) if self.unit == "at least" => format!("≥ {goal}"),
            Some(goal) => format!("≤ {goal}"),
        }
    }

    fn value(&self) -> String {
        match self.unit {
            "at least" => format!("{:.0}", self.value),
            unit => format!("{:.2} {unit}", self.value),
        }
    }
}

impl Report {
    pub(crate) fn new(quick: bool) -> Self {
        Self {
            quick,
            figures: Vec::new(),
        }
    }

    /// Adds a figure and shows it.
    pub(crate) fn add(&mut self, figure: Figure) {
        let verdict = if figure.holds() { "" } else { "  MISSED" };
        println!(
            "{}: {} (goal {}; {}){verdict}",
            figure.name,
            figure.value(),
            figure.goal(),
            figure.detail
        );
        self.figures.push(figure);
    }

    pub(crate) fn json(&self) -> Result<String> {
        let figures = serde_json::json!({ "quick": self.quick, "figures": self.figures });
        Ok(serde_json::to_string_pretty(&figures)? + "\n")
    }

    /// The page for the documentation.
    pub(crate) fn page(&self) -> String {
        let mut page = String::from(HEAD);
        if self.quick {
            page.push_str("\n**Of a quick run: these figures say nothing of speed.**\n");
        }
        page.push_str("\n| figure | measured | goal | holds | of |\n|---|---|---|---|---|\n");
        for figure in &self.figures {
            let holds = if figure.holds() { "yes" } else { "**no**" };
            let (name, value, goal) = (&figure.name, figure.value(), figure.goal());
            let detail = &figure.detail;
            writeln!(page, "| {name} | {value} | {goal} | {holds} | {detail} |")
                .expect("writing to memory does not fail");
        }
        page
    }
}

const HEAD: &str = "# Performance

Made by `cargo xtask bench`, which measures everything again and writes this page.

Server and load generator run on one machine, each pinned to a processor of its own. The *floor* is a bare server that
writes the same bytes to as many sockets, with one `write` for each delivery, in the same run: a figure against it moves
little from machine to machine, unlike the times beside it. CPU is user and system time of all threads of the server
process. Costs of a delivery are medians; each delivery is checked to be the right note, once, in order. One worker.
";
