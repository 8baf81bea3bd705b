//! `docs/rfc-index.md` and the citations in the code agree, in both directions.

use super::Findings;
use super::sources::Tree;
use std::collections::BTreeMap;

/// The index: a table whose first cell names the RFC.
const INDEX: &str = "docs/rfc-index.md";
/// Where citations count.
const CODE: [&str; 3] = ["crates/", "adapters/", "tests/"];
/// The tasks are no part of the gateway, and cite for themselves.
const NOT: &str = "crates/xtask/";

/// Every cited RFC has a row and every row is cited. Holds as soon as there is an index.
pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let Some(index) = tree.at(INDEX) else { return };
    let mut rows = BTreeMap::new();
    for (number, line) in (1..).zip(index.text.lines()) {
        let first_cell = line.trim_start().strip_prefix('|').and_then(|rest| rest.split('|').next());
        for rfc in first_cell.map(cited).unwrap_or_default() {
            rows.entry(rfc).or_insert(number);
        }
    }
    let mut citations = BTreeMap::new();
    for source in
        CODE.iter().flat_map(|folder| tree.below(folder, ".rs")).filter(|source| !source.path.starts_with(NOT))
    {
        for (number, line) in (1..).zip(source.text.lines()) {
            for rfc in cited(line) {
                citations.entry(rfc).or_insert_with(|| format!("{}:{number}", source.path));
            }
        }
    }
    for (rfc, place) in &citations {
        if !rows.contains_key(rfc) {
            findings.fail(place, format!("cites RFC {rfc}, which has no row in {INDEX}"));
        }
    }
    for (rfc, line) in &rows {
        if !citations.contains_key(rfc) {
            findings.fail(format!("{INDEX}:{line}"), format!("RFC {rfc} is cited nowhere in the code"));
        }
    }
}

/// The numbers after each `RFC ` (or `[RFC `, `RFC-`...) of a text.
fn cited(text: &str) -> Vec<u32> {
    let after = text.split("RFC").skip(1);
    after
        .filter_map(|rest| {
            let rest = rest.strip_prefix([' ', '\u{a0}', '-']).unwrap_or(rest);
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.get(..digits)?.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_both(index: &str, code: &str, expected: &[&str]) {
        let mut findings = Findings::default();
        check(&Tree::of(&[(INDEX, index), ("crates/x/src/lib.rs", code)]), &mut findings);
        assert_eq!(findings.failures.len(), expected.len(), "{findings:?}");
        for (failure, part) in findings.failures.iter().zip(expected) {
            assert!(failure.contains(part), "{failure} does not say {part}");
        }
    }

    #[test]
    fn index_and_code_agree() {
        check_both(
            "| RFC | state |\n|---|---|\n| RFC 4918 | partial, see RFC 7230 |\n",
            "// RFC 4918 §9.3.1: why.\n",
            &[],
        );
        check_both("| RFC 4918 |\n", "// RFC 4918, RFC 3744\n", &["cites RFC 3744"]);
        check_both("| RFC 4918 |\n| [RFC3744](x) |\n", "// RFC 4918\n", &["RFC 3744 is cited nowhere"]);
    }

    #[test]
    fn without_an_index_there_is_nothing_to_agree_with() {
        let mut findings = Findings::default();
        check(&Tree::of(&[("crates/x/src/lib.rs", "// RFC 1\n")]), &mut findings);
        assert_eq!(findings, Findings::default());
    }
}
