//! Rules on files: sizes, first lines, what no file may contain.

use super::Findings;
use crate::failure::Result;
use crate::{files, process};
use std::path::Path;

/// A Rust file of more lines does too much.
const MOST_LINES: usize = 800;
/// From here on it is worth a thought.
const MANY_LINES: usize = 500;

/// Texts are put together here so that this file does not contain them.
const REGISTRIES: [&str; 4] =
    [concat!("crates", ".io"), concat!("py", "pi.org"), concat!("python", "hosted.org"), concat!("npm", "js.org")];
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
const UNFINISHED: [&str; 2] = [concat!("to", "do!("), concat!("unimple", "mented!(")];
const LINT_EXCEPTIONS: [&str; 4] =
    [concat!("#[al", "low("), concat!("#![al", "low("), concat!("#[ex", "pect("), concat!("#![ex", "pect(")];

const NPM_LOCK_WITHOUT_REGISTRY: &str = "omit-lockfile-registry-resolved=true";

/// The files that are, or will be, part of the repository.
#[derive(Debug, Default)]
pub(super) struct Tree(Vec<Source>);

/// One file with its text.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Everything git knows or would add; outside of a repository, everything but `target`. What is not
    /// UTF-8 (an image) has no rules.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut git = process::quiet("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
        let paths = match process::output(&mut git) {
            Ok(list) => list.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect(),
            Err(_) => walk(root, "")?,
        };
        // A file that is deleted but not committed is still listed.
        let read = |path: String| Some(Source { text: std::fs::read_to_string(root.join(&path)).ok()?, path });
        Ok(Self(paths.into_iter().filter_map(read).collect()))
    }

    /// The files below one of these folders, or all with `""`, whose names end so.
    pub(super) fn below<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = &'a Source> {
        self.0.iter().filter(move |source| source.path.starts_with(folder) && source.path.ends_with(ending))
    }

    /// The file at exactly this path.
    pub(super) fn at(&self, path: &str) -> Option<&Source> {
        self.0.iter().find(|source| source.path == path)
    }

    #[cfg(test)]
    pub(super) fn of(sources: &[(&str, &str)]) -> Self {
        let source = |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
        Self(sources.iter().map(source).collect())
    }
}

/// The files of a source archive, relative to its root.
fn walk(root: &Path, below: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (path, is_folder) in files::entries(&root.join(below))? {
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let relative = if below.is_empty() { name } else { format!("{below}/{name}") };
        match is_folder {
            true if relative == "target" || relative == ".git" => {}
            true => found.extend(walk(root, &relative)?),
            false => found.push(relative),
        }
    }
    Ok(found)
}

/// Holds every file against the rules.
pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for source in tree.below("", "") {
        any_file(source, findings);
    }
    for source in tree.below("", ".rs") {
        rust_file(source, findings);
    }
    npm_locks(tree, findings);
    // A workspace of its own has nobody to take its lints from.
    let is_member = |text: &str| text.contains("[package]") && !text.contains("[workspace]");
    for source in tree.below("", "Cargo.toml").filter(|source| is_member(&source.text)) {
        if !has_workspace_lints(&source.text) {
            findings.fail(&source.path, "add `[lints]` with `workspace = true`");
        }
    }
}

/// A lock of npm names the registry of the machine that wrote it, unless npm is told not to.
fn npm_locks(tree: &Tree, findings: &mut Findings) {
    for lock in tree.below("", "package-lock.json") {
        let settings = lock.path.replace("package-lock.json", ".npmrc");
        if !tree.at(&settings).is_some_and(|it| it.text.lines().any(|line| line.trim() == NPM_LOCK_WITHOUT_REGISTRY)) {
            findings.fail(&settings, format!("write `{NPM_LOCK_WITHOUT_REGISTRY}` here, beside the lock"));
        }
        if lock.text.contains("\"resolved\": \"http") {
            findings.fail(&lock.path, "names where packages come from: write it anew with the settings beside it");
        }
    }
}

fn any_file(source: &Source, findings: &mut Findings) {
    let is_lock = source.path.ends_with("Cargo.lock");
    for (number, line) in numbered(&source.text) {
        let place = format!("{}:{number}", source.path);
        if let Some(host) = REGISTRIES.iter().find(|host| line.contains(**host)).filter(|_| !is_lock) {
            findings
                .fail(&place, format!("names the registry {host}: where packages come from is the machine's business"));
        }
        if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
            findings.fail(&place, format!("holds a path of one machine ({path})"));
        }
    }
}

fn rust_file(source: &Source, findings: &mut Findings) {
    let lines = source.text.lines().count();
    if lines > MOST_LINES {
        findings.fail(&source.path, format!("{lines} lines, the most is {MOST_LINES}: split it"));
    } else if lines > MANY_LINES {
        findings.note(&source.path, format!("{lines} lines"));
    }
    if !source.text.starts_with("//!") {
        findings.fail(&source.path, "begin with a `//!` paragraph: what it is, which RFC, what it must never do");
    }
    for (number, line) in numbered(&source.text) {
        if let Some(macro_name) = UNFINISHED.iter().find(|name| line.contains(**name)) {
            findings.fail(format!("{}:{number}", source.path), format!("{macro_name}...): finish it or leave it out"));
        }
    }
    for (number, exception) in lint_exceptions(&source.text) {
        if !exception.contains("reason =") {
            findings.fail(format!("{}:{number}", source.path), "a lint exception carries `reason = \"...\"`");
        }
    }
}

/// Each attribute that switches a lint off, with its line: up to the closing parenthesis and bracket.
fn lint_exceptions(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for (number, line) in numbered(text) {
        let begins = LINT_EXCEPTIONS.iter().any(|start| line.trim_start().starts_with(start));
        if let Some(rest) = text.get(offset..).filter(|_| begins) {
            let end = rest.find(")]").unwrap_or(rest.len());
            found.push((number, rest.get(..end).unwrap_or(rest)));
        }
        offset += line.len() + 1;
    }
    found
}

fn has_workspace_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.find(|line| !line.is_empty()).is_some_and(|line| line.replace(' ', "") == "workspace=true")
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.split('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_one(path: &str, text: &str, expected: &[&str]) {
        let mut findings = Findings::default();
        check(&Tree::of(&[(path, text)]), &mut findings);
        assert_eq!(findings.failures.len(), expected.len(), "{findings:?}");
        for (failure, part) in findings.failures.iter().zip(expected) {
            assert!(failure.contains(part), "{failure} does not say {part}");
        }
    }

    #[test]
    fn a_good_file_passes() {
        check_one("a.rs", "//! What it is.\n\nfn f() {}\n", &[]);
        check_one("a/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n", &[]);
    }

    #[test]
    fn each_rule_finds_its_breach() {
        check_one("a.rs", "fn f() {}\n", &["begin with"]);
        check_one("a.rs", &format!("//! A.\n{}", "\n".repeat(MOST_LINES)), &["split it"]);
        check_one("a.rs", &format!("//! A.\nfn f() {{ {}) }}\n", UNFINISHED.join("")), &["finish it"]);
        check_one("b.md", &format!("see https://{}/x\n", REGISTRIES.concat()), &["registry"]);
        check_one("b.md", &format!("in {}x\n", MACHINE_PATHS.concat()), &["one machine"]);
        check_one("a/Cargo.toml", "[package]\nname = \"a\"\n", &["[lints]"]);
    }

    #[test]
    fn the_lock_file_may_name_the_registry() {
        check_one("Cargo.lock", &REGISTRIES.concat(), &[]);
    }

    #[test]
    fn lint_exceptions_want_a_reason_also_over_several_lines() {
        for start in LINT_EXCEPTIONS {
            check_one("a.rs", &format!("//! A.\n{start}dead_code)]\n"), &["reason"]);
            check_one("a.rs", &format!("//! A.\n    {start}\n    dead_code,\n    reason = \"so\"\n)]\n"), &[]);
        }
    }

    #[test]
    fn a_lock_of_npm_says_not_where_packages_come_from() {
        let mut findings = Findings::default();
        let lock = ("ui/package-lock.json", "{ \"resolved\": \"https://x\" }");
        check(&Tree::of(&[lock, ("ui/.npmrc", "fund=false\n")]), &mut findings);
        assert_eq!(findings.failures.len(), 2, "{findings:?}");
        let mut findings = Findings::default();
        check(&Tree::of(&[("ui/package-lock.json", "{}"), ("ui/.npmrc", NPM_LOCK_WITHOUT_REGISTRY)]), &mut findings);
        assert!(findings.failures.is_empty(), "{findings:?}");
    }

    #[test]
    fn a_long_file_is_a_note() {
        let mut findings = Findings::default();
        check(&Tree::of(&[("a.rs", &format!("//! A.\n{}", "\n".repeat(MANY_LINES)))]), &mut findings);
        assert_eq!((findings.failures.len(), findings.notes.len()), (0, 1));
    }
}
