//! Which crate may use which: the table of ARCHITECTURE.md as data, held against `cargo metadata`.

use super::Findings;
use crate::failure::{Doing, Result};
use crate::process;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// One row. A name that ends in `*` stands for every crate that begins like it.
struct Row {
    of: &'static str,
    /// Crates of the workspace that its code may use.
    may: &'static [&'static str],
    /// Crates of the workspace that its tests may use besides.
    tests_may: &'static [&'static str],
    /// Crates from outside that it may not use, a name or the beginning of one.
    never: &'static [&'static str],
}

const TESTKIT: &[&str] = &["testkit"];
const NOTHING: &[&str] = &[];

/// The first row that fits decides; adapters are the crates below `adapters/`.
const TABLE: &[Row] = &[
    // Values have no I/O and no clock, codecs are sans-io: neither a runtime nor a log.
    Row { of: "model", may: NOTHING, tests_may: NOTHING, never: &["tokio", "tracing", "futures"] },
    // The same objects in JSON: the octets of either are understood once.
    Row { of: "wire-js*", may: &["wire-ical"], tests_may: NOTHING, never: &["tokio", "tracing"] },
    // What follows from a calendar object that is written.
    Row { of: "wire-itip", may: &["wire-ical"], tests_may: NOTHING, never: &["tokio", "tracing"] },
    Row { of: "wire-imip", may: &["wire-ical", "wire-itip"], tests_may: NOTHING, never: &["tokio", "tracing"] },
    // What people carry is made of other formats.
    Row {
        of: "wire-exchange",
        may: &["wire-csv", "wire-ical", "wire-ldif"],
        tests_may: NOTHING,
        never: &["tokio", "tracing"],
    },
    Row { of: "wire-*", may: NOTHING, tests_may: NOTHING, never: &["tokio", "tracing"] },
    Row { of: "core", may: &["model"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "settings", may: &["core", "model"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "observe", may: &["model"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "fetch", may: &["core", "model"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "draw", may: &["observe"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "net", may: &["core", "model", "settings", "observe"], tests_may: TESTKIT, never: NOTHING },
    // Which language it is, is told by a request.
    Row { of: "words", may: &["core", "net"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "submission", may: &["core", "model", "observe", "wire-smtp"], tests_may: TESTKIT, never: NOTHING },
    // A write into a calendar concerns others, whichever way it comes.
    Row {
        of: "scheduling",
        may: &["core", "model", "wire-ical", "wire-imip", "wire-itip", "wire-smtp"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    Row { of: "import", may: &["core", "wire-*"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "exchange", may: &["core", "model", "wire-*"], tests_may: TESTKIT, never: NOTHING },
    // Two surfaces take files of accounts, calendars and contacts, and so does the command.
    Row {
        of: "surface-xmlrpc",
        may: &["core", "model", "net", "observe", "exchange", "import", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    // Two surfaces take messages to send.
    Row {
        of: "surface-smtp",
        may: &["core", "model", "net", "observe", "submission", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    // What it passes on may be for a calendar.
    Row {
        of: "surface-lmtp",
        may: &["core", "model", "net", "observe", "scheduling", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    Row {
        of: "surface-jmap",
        may: &["core", "model", "net", "observe", "scheduling", "submission", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    // The pages show small pictures, and speak to people as portals' widgets and the choice of a provider do.
    Row {
        of: "surface-web",
        may: &["core", "model", "net", "observe", "draw", "exchange", "import", "words", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    Row {
        of: "surface-portal",
        may: &["core", "model", "net", "observe", "words", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    Row {
        of: "surface-sso",
        may: &["core", "model", "net", "observe", "words", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    // Two surfaces write into calendars, and one tells a whole one as a file too.
    Row {
        of: "surface-dav",
        may: &["core", "model", "net", "observe", "exchange", "scheduling", "wire-*"],
        tests_may: TESTKIT,
        never: NOTHING,
    },
    Row { of: "surface-*", may: &["core", "model", "net", "observe", "wire-*"], tests_may: TESTKIT, never: NOTHING },
    // It stands on any store of files, and is tried on a real one.
    Row {
        of: "adapters/collections-files",
        may: &["core", "model"],
        tests_may: &["testkit", "adapters/files-local"],
        never: NOTHING,
    },
    Row { of: "adapters/*", may: &["core", "model", "observe", "fetch", "wire-*"], tests_may: TESTKIT, never: NOTHING },
    Row { of: "gateway", may: &["*"], tests_may: NOTHING, never: NOTHING },
    Row { of: "testkit", may: &["core", "model", "wire-*"], tests_may: NOTHING, never: NOTHING },
    // They look at the whole from outside.
    Row { of: "tests", may: &["*"], tests_may: NOTHING, never: NOTHING },
    Row { of: "benches", may: &["*"], tests_may: NOTHING, never: NOTHING },
    Row { of: "xtask", may: NOTHING, tests_may: NOTHING, never: NOTHING },
];

/// Asks cargo for the workspace and holds each edge against the table.
pub(super) fn check(root: &Path, findings: &mut Findings) -> Result<()> {
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--format-version=1", "--no-deps"]).current_dir(root);
    let text = process::output(&mut metadata)?;
    let metadata: Value = serde_json::from_str(&text).doing(|| "read cargo's metadata".to_owned())?;
    judge(&metadata, findings);
    Ok(())
}

/// `metadata` as cargo prints it; of it `packages` with `name`, `manifest_path` and `dependencies`.
fn judge(metadata: &Value, findings: &mut Findings) {
    let packages = list(metadata, "packages");
    let members: BTreeMap<&str, String> =
        packages.iter().filter_map(|package| Some((text(package, "name")?, place(package)?))).collect();
    for package in packages {
        let Some((name, own)) = text(package, "name").and_then(|name| Some((name, members.get(name)?))) else {
            findings.fail("cargo metadata", "a package without a name");
            continue;
        };
        let Some(row) = TABLE.iter().find(|row| fits(row.of, own)) else {
            findings.fail(name, "has no row in the table of who may use whom (xtask/src/tidy/edges.rs)");
            continue;
        };
        for dependency in list(package, "dependencies") {
            let used = text(dependency, "name").unwrap_or_default();
            let in_tests = text(dependency, "kind") == Some("dev");
            match members.get(used) {
                Some(other) if allowed(row, other, in_tests) => {}
                Some(_) => {
                    let whose = if in_tests { "its tests may not use" } else { "may not use" };
                    findings.fail(name, format!("{whose} {used}: not in its row of the table in ARCHITECTURE.md"));
                }
                None if !in_tests
                    && row.never.iter().any(|banned| used == *banned || used.starts_with(&format!("{banned}-"))) =>
                {
                    findings.fail(name, format!("may not use {used}: this kind of crate has no I/O and no log"));
                }
                None => {}
            }
        }
    }
}

fn allowed(row: &Row, other: &str, in_tests: bool) -> bool {
    row.may.iter().any(|pattern| fits(pattern, other))
        || (in_tests && row.tests_may.iter().any(|pattern| fits(pattern, other)))
}

fn fits(pattern: &str, place: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => place.starts_with(beginning),
        None => place == pattern,
    }
}

/// A crate's place in the table: its folder's name, with `adapters/` before it for an adapter.
fn place(package: &Value) -> Option<String> {
    let folder = Path::new(text(package, "manifest_path")?).parent()?;
    let name = folder.file_name()?.to_string_lossy();
    let above = folder.parent()?.file_name()?;
    Some(if above == "adapters" { format!("adapters/{name}") } else { name.into_owned() })
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use serde_json::json;

    /// A workspace of some crates in which `user` names `used` with this kind of dependency.
    fn workspace(user: &str, used: &str, kind: &Value) -> Value {
        let folders = [
            "crates/model",
            "crates/core",
            "crates/net",
            "crates/gateway",
            "crates/wire-imap",
            "crates/surface-imap",
            "crates/surface-dav",
            "crates/settings",
            "crates/testkit",
            "adapters/mail-imap",
            "adapters/files-local",
            "tests",
        ];
        let packages: Vec<Value> = folders
            .iter()
            .map(|folder| {
                let short = folder.rsplit('/').next().unwrap();
                let edge = json!({ "name": used, "kind": kind });
                let edges = if short == user { vec![edge] } else { Vec::new() };
                json!({ "name": format!("passerelle-{short}"), "manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": edges })
            })
            .collect();
        json!({ "packages": packages })
    }

    #[track_caller]
    fn check(user: &str, used: &str, kind: &Value, good: bool) {
        let mut findings = Findings::default();
        judge(&workspace(user, used, kind), &mut findings);
        assert_eq!(findings.failures.is_empty(), good, "{user} -> {used}: {findings:?}");
    }

    #[test]
    fn edges_of_the_table_hold() {
        check("core", "passerelle-model", &Value::Null, true);
        check("surface-imap", "passerelle-wire-imap", &Value::Null, true);
        check("mail-imap", "passerelle-wire-imap", &Value::Null, true);
        check("gateway", "passerelle-mail-imap", &Value::Null, true);
        check("tests", "passerelle-gateway", &Value::Null, true);
        check("surface-imap", "tokio", &Value::Null, true);
    }

    #[test]
    fn forbidden_edges_are_found() {
        check("surface-imap", "passerelle-mail-imap", &Value::Null, false);
        check("surface-imap", "passerelle-surface-dav", &Value::Null, false);
        check("mail-imap", "passerelle-files-local", &Value::Null, false);
        check("mail-imap", "passerelle-surface-imap", &Value::Null, false);
        check("mail-imap", "passerelle-settings", &Value::Null, false);
        check("core", "passerelle-net", &Value::Null, false);
        check("wire-imap", "passerelle-model", &Value::Null, false);
        check("wire-imap", "tokio", &Value::Null, false);
        check("wire-imap", "tokio-util", &json!("build"), false);
        check("wire-imap", "tracing-core", &Value::Null, false);
        check("net", "passerelle-testkit", &Value::Null, false);
    }

    #[test]
    fn tests_may_use_the_testkit_and_nothing_else() {
        check("mail-imap", "passerelle-testkit", &json!("dev"), true);
        check("wire-imap", "tokio", &json!("dev"), true);
        check("mail-imap", "passerelle-files-local", &json!("dev"), false);
        check("surface-imap", "passerelle-mail-imap", &json!("dev"), false);
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let mut findings = Findings::default();
        let package =
            json!({ "name": "passerelle-common", "manifest_path": "/w/crates/common/Cargo.toml", "dependencies": [] });
        judge(&json!({ "packages": [package] }), &mut findings);
        assert_eq!(findings.failures.len(), 1);
    }
}
