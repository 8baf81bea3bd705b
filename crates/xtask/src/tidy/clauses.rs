//! Of each clause that `docs/rfc-clauses.md` says is there, a test cites the clause.

use super::Findings;
use super::sources::Tree;
use std::collections::BTreeSet;

/// The tables: a heading names the RFC, the first cell of a row the clause, the last one whether it is there.
const TABLES: &str = "docs/rfc-clauses.md";
/// Where tests are, beside the modules `tests` of sources.
const TESTS: &str = "tests/";
/// What the tests of a source begin with.
const UNITS: &str = "#[cfg(test)]";

/// Every clause that is there is cited by a test.
pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let Some(tables) = tree.at(TABLES) else { return };
    let mut cited = BTreeSet::new();
    for source in ["crates/", "adapters/", "tests/"].iter().flat_map(|folder| tree.below(folder, ".rs")) {
        let is_test =
            source.path.starts_with(TESTS) || source.path.contains("/tests/") || source.path.ends_with("/tests.rs");
        let units = || source.text.split_once(UNITS).map(|(_, units)| units);
        let tests = if is_test { Some(source.text.as_str()) } else { units() };
        cited.extend(tests.into_iter().flat_map(clauses_in));
    }
    let mut rfc = 0;
    for (number, line) in (1..).zip(tables.text.lines()) {
        if let Some(heading) = line.strip_prefix("## RFC ") {
            rfc = number_at(heading);
        }
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (Some(clause), Some(_), Some(there)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let is_there = clause.starts_with('§') && there.starts_with("yes");
        if is_there && !cited.contains(&(rfc, clause.trim_start_matches('§').to_owned())) {
            findings.fail(format!("{TABLES}:{number}"), format!("no test cites RFC {rfc} {clause}"));
        }
    }
}

/// The clauses that a text cites: `RFC 4791 §5.3.1, §9.2` are two.
fn clauses_in(text: &str) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for rest in text.split("RFC ").skip(1) {
        let rfc = number_at(rest);
        let mut rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        while let Some(after) = rest.strip_prefix(" §").or_else(|| rest.strip_prefix(", §")) {
            let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(after.len());
            let (clause, behind) = after.split_at(end);
            all.push((rfc, clause.trim_end_matches('.').to_owned()));
            rest = behind;
        }
    }
    all
}

fn number_at(text: &str) -> u32 {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "## RFC 9998: x\n\n| clause | what | there |\n|---|---|---|\n| §1 | a | yes |\n| §1.2 | b | yes |\n| §3 | c | no: never |\n";

    fn failures(path: &str, code: &str) -> usize {
        let mut findings = Findings::default();
        check(&Tree::of(&[(TABLES, TABLE), (path, code)]), &mut findings);
        findings.failures.len()
    }

    #[test]
    fn what_is_there_is_cited_by_a_test() {
        assert_eq!(failures("tests/a.rs", "// RFC 9998 §1, §1.2: both.\n"), 0);
        assert_eq!(failures("tests/a.rs", "// RFC 9998 §1.\n"), 1);
        assert_eq!(failures("crates/x/src/a.rs", "// RFC 9998 §1, §1.2\n"), 2, "no test");
        assert_eq!(failures("crates/x/src/a.rs", "#[cfg(test)]\nmod tests {\n// RFC 9998 §1, §1.2\n}\n"), 0);
    }
}
