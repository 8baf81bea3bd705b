//! `cargo xtask tidy`: the rules of the architecture that a machine can check, each as data.
//!
//! A rule that is broken names the file and what to do. Nothing is repaired here.

mod banned;
mod clauses;
mod edges;
mod rfc;
mod sources;

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::workspace;
use std::path::Path;

/// What the rules had to say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Broken rules: place and what to do.
    pub(crate) failures: Vec<String>,
    /// Worth knowing, not wrong.
    pub(crate) notes: Vec<String>,
}

impl Findings {
    fn fail(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.failures.push(format!("{place}: {what}"));
    }

    fn note(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.notes.push(format!("{place}: {what}"));
    }
}

/// Checks everything and prints what was found.
pub(crate) fn task(args: Args) -> Result<()> {
    args.end()?;
    let findings = check(&workspace::root()?)?;
    for note in &findings.notes {
        println!("note: {note}");
    }
    for failure in &findings.failures {
        println!("tidy: {failure}");
    }
    match findings.failures.len() {
        0 => {
            println!("tidy: all rules hold");
            Ok(())
        }
        count => Err(Failure::new(format!("tidy: {count} broken rules"))),
    }
}

fn check(root: &Path) -> Result<Findings> {
    let mut findings = Findings::default();
    edges::check(root, &mut findings)?;
    let tree = sources::Tree::read(root)?;
    sources::check(&tree, &mut findings);
    rfc::check(&tree, &mut findings);
    clauses::check(&tree, &mut findings);
    banned::check(root, &mut findings)?;
    Ok(findings)
}
