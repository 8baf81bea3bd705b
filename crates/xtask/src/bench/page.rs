//! `docs/BENCHMARKS.md`, section by section: each task writes its own and leaves the others as they are.

use crate::failure::Result;
use crate::files;
use std::path::Path;

const PAGE: &str = "docs/BENCHMARKS.md";
const HEAD: &str = "# Measurements

Written by `cargo xtask bench`, never by hand. Absolute values belong to the machine. What counts are the ratios where
several sides stand in a table, and whether a figure moves.
";
/// What begins a section.
const HEADING: &str = "## ";

/// A part of the page.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Writes these sections, each in the place of the one of its title or at the end.
pub(crate) fn write(root: &Path, new: Vec<Section>) -> Result<()> {
    let path = root.join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    files::write(&path, joined(&page, new), files::PUBLIC)
}

fn joined(page: &str, new: Vec<Section>) -> String {
    let mut sections = sections(page);
    for section in new {
        match sections.iter_mut().find(|old| old.title == section.title) {
            Some(old) => *old = section,
            None => sections.push(section),
        }
    }
    let shown = sections.iter().map(|Section { title, text }| format!("\n{HEADING}{title}\n\n{}\n", text.trim()));
    std::iter::once(HEAD.to_owned()).chain(shown).collect()
}

/// The sections of a page; what stands before the first is written anew each time.
fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in page.lines() {
        if let Some(title) = line.strip_prefix(HEADING) {
            sections.push(Section { title: title.to_owned(), text: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, text: &str) -> Section {
        Section { title: title.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_section_takes_its_own_place_and_no_other() {
        let page = joined("# old head\n\n- old\n", vec![section("a", "1"), section("b", "2\n\n### c\n\n3\n")]);
        assert_eq!(page, format!("{HEAD}\n## a\n\n1\n\n## b\n\n2\n\n### c\n\n3\n"));
        let page = joined(&page, vec![section("a", "new"), section("d", "4")]);
        assert_eq!(page, format!("{HEAD}\n## a\n\nnew\n\n## b\n\n2\n\n### c\n\n3\n\n## d\n\n4\n"));
        assert_eq!(joined(&page, Vec::new()), page);
    }
}
