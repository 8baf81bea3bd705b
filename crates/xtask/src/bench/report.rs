//! `docs/BENCHMARKS.md`: written by the measurement, never by hand.

use crate::failure::Result;
use crate::files;
use std::fmt::Write as _;
use std::path::Path;

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
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        format!("{} ({}–{})", round(self.median()), round(end(self.0.first())), round(end(self.0.last())))
    }
}

/// Three digits that matter.
fn round(value: f64) -> String {
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

/// Writes the page.
pub(crate) fn write(root: &Path, versions: &[String], tables: &[Table]) -> Result<()> {
    let mut page = String::from(
        "# Beside other servers\n\nWritten by `cargo xtask bench peers`. All sides ran in turn on one machine in one run; each figure is the median of all\nrounds with the smallest and largest. CPU is that of all processes of the server. The load client sets TCP_NODELAY and\nTCP_QUICKACK. Absolute values belong to the machine; the ratios are what counts.\n\n",
    );
    for version in versions {
        let _ = writeln!(page, "- {version}");
    }
    for table in tables {
        let _ = writeln!(page, "\n## {}\n\n{}\n", table.title, table.text);
        let _ = writeln!(page, "| side | {} |\n|---|{}", table.columns.join(" | "), "---|".repeat(table.columns.len()));
        for (side, figures) in &table.rows {
            let cells: Vec<String> = figures.iter().map(Figures::shown).collect();
            let _ = writeln!(page, "| {side} | {} |", cells.join(" | "));
        }
    }
    print!("{page}");
    files::write(&root.join("docs/BENCHMARKS.md"), page, files::PUBLIC)
}
