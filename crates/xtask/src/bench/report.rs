//! What was measured beside other servers, as sections of the page.

use super::page::Section;
use std::fmt::Write as _;

/// One figure of one side: the values of all rounds.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn shown(&self) -> String {
        if self.median().is_nan() {
            // What this side has none of.
            return "–".to_owned();
        }
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        format!("{} ({}–{})", round(self.median()), round(end(self.0.first())), round(end(self.0.last())))
    }
}

/// Three digits that matter.
pub(super) fn round(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A table of a workload: one row for each side, one column for each figure.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<(String, Vec<Figures>)>,
}

/// The sections of a run: who was measured and how, and a table for each workload.
pub(crate) fn sections(versions: &[String], tables: &[Table]) -> Vec<Section> {
    let mut sides = String::from(
        "Written by `cargo xtask bench peers`. All sides of a table ran in turn on one machine in one run; each figure is the\nmedian of all rounds with the smallest and largest. CPU is that of all processes of the server. The load client sets\nTCP_NODELAY and TCP_QUICKACK. Versions of the last run:\n\n",
    );
    for version in versions {
        let _ = writeln!(sides, "- {version}");
    }
    let tables = tables.iter().map(|table| Section { title: table.title.clone(), text: table.shown() });
    std::iter::once(Section { title: "Beside other servers".to_owned(), text: sides }).chain(tables).collect()
}

impl Table {
    fn shown(&self) -> String {
        let mut text = format!("{}\n\n", self.text);
        let _ = writeln!(text, "| side | {} |\n|---|{}", self.columns.join(" | "), "---|".repeat(self.columns.len()));
        for (side, figures) in &self.rows {
            let cells: Vec<String> = figures.iter().map(Figures::shown).collect();
            let _ = writeln!(text, "| {side} | {} |", cells.join(" | "));
        }
        text
    }
}
