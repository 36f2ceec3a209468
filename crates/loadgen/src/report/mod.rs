//! The figures, as lines, as JSON and as a page with plots.

mod capacity;
mod page;
mod plot;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

pub(crate) use plot::{Axis, Plot, Series, escape};

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// What it is counted in.
    pub(crate) unit: &'static str,
    pub(crate) goal: Option<Goal>,
    /// What it was made of.
    pub(crate) detail: String,
    /// What stands in the way where the goal is missed.
    pub(crate) obstacle: &'static str,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// A chapter of the page: what was measured and how, a table, plots.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    title: &'static str,
    about: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    plots: Vec<Plot>,
    /// What follows from it.
    after: String,
}

/// The figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    quick: bool,
    figures: Vec<Figure>,
    sections: Vec<Section>,
    /// Costs by their names, for what is derived from them.
    measured: BTreeMap<&'static str, f64>,
}

impl Figure {
    fn holds(&self) -> bool {
        match self.goal {
            None => true,
            Some(Goal::AtMost(goal)) => self.value <= goal,
            Some(Goal::AtLeast(goal)) => self.value >= goal,
        }
    }

    fn goal(&self) -> String {
        match self.goal {
            None => String::new(),
            Some(Goal::AtMost(goal)) => format!("≤ {goal}"),
            Some(Goal::AtLeast(goal)) => format!("≥ {goal}"),
        }
    }

    fn value(&self) -> String {
        let digits = if self.value < 100.0 { 2 } else { 0 };
        let text = format!("{:.digits$} {}", self.value, self.unit);
        text.trim_end().to_owned()
    }
}

impl Section {
    pub(crate) fn new(title: &'static str, about: impl Into<String>) -> Self {
        Self {
            title,
            about: about.into(),
            columns: Vec::new(),
            rows: Vec::new(),
            plots: Vec::new(),
            after: String::new(),
        }
    }

    /// Names the columns of its table.
    pub(crate) fn columns<const N: usize>(&mut self, names: [&str; N]) {
        self.columns = names.map(str::to_owned).to_vec();
    }

    /// Adds a row to its table.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells.to_vec());
    }

    /// Says something below its table.
    pub(crate) fn after(&mut self, text: String) {
        self.after = text;
    }

    /// Adds a plot.
    pub(crate) fn plot(&mut self, plot: Plot) {
        self.plots.push(plot);
    }
}

impl Report {
    pub(crate) fn new(quick: bool) -> Self {
        Self {
            quick,
            figures: Vec::new(),
            sections: Vec::new(),
            measured: BTreeMap::new(),
        }
    }

    /// Adds a figure and shows it.
    pub(crate) fn add(&mut self, figure: Figure) {
        // A quick run says nothing of speed.
        let verdict = if figure.holds() || self.quick {
            ""
        } else {
            "  MISSED"
        };
        println!(
            "{}: {} (goal {}; {}){verdict}",
            figure.name,
            figure.value(),
            figure.goal(),
            figure.detail
        );
        self.figures.push(figure);
    }

    /// Adds a chapter and shows its table.
    pub(crate) fn section(&mut self, section: Section) {
        for row in std::iter::once(&section.columns).chain(&section.rows) {
            println!("    {}", row.join(" | "));
        }
        self.sections.push(section);
    }

    /// Keeps a cost; a later one of the same name takes its place.
    pub(crate) fn measure(&mut self, name: &'static str, value: f64) {
        self.measured.insert(name, value);
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Writes the page for the documentation, and its plots into the folder `performance`
    /// beside it.
    pub(crate) fn write_page(&self, path: &Path) -> Result<()> {
        let folder = path.with_file_name(page::PLOTS);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        for plot in self.sections.iter().flat_map(|section| &section.plots) {
            std::fs::write(folder.join(plot.file()), plot.svg())?;
        }
        std::fs::write(path, page::page(self))
            .with_context(|| format!("cannot write `{}`", path.display()))
    }
}
