//! The reference of the interface, written from the methods' own descriptions. A test holds `docs/xmlrpc.md` against it.

use crate::{
    envelope::LARGEST_CALL,
    fault::CODES,
    limits::{CHANGES_OF_ONE_A_MINUTE, CLIENT_CALLS_A_MINUTE, PERSON_CALLS_A_MINUTE},
    methods::{AREAS, Effect, MOST_CALLS, Method, signatures},
    params::{Kind, Needed, OF_ANY_CALL, Param},
};
use passerelle_core::{SETTINGS, Setting};
use std::fmt::Write;

const HEAD: &str = "# XML-RPC

Written by `cargo xtask docs` from the descriptions in the code; do not edit it by hand.

The interface is at `/xmlrpc`: a POST with content type `text/xml`. An administrator signs on with login and password
(HTTP Basic, over TLS) or with the cookie of the pages; a program with `Authorization: Bearer` and the token of its API
client. An app password administers nothing.

Parameters come one after the other, or as one struct by their names, or the first ones in order and the rest in a struct
behind them. What is not known is refused by name. A moment is a number of seconds since 1970 UTC (int, i8 beyond 2038) or a
dateTime.iso8601 in UTC; answers have numbers. Where nothing is, an answer has nil, or an empty text.

What is not there and what is none of the caller's business answer alike, with fault 404.
";

/// The whole reference, as Markdown.
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    out += "\n## Every call\n\nBeside its own parameters each method of administration takes, in a struct:\n\n";
    params(&mut out, OF_ANY_CALL);
    let _ = write!(
        out,
        "\nThe key may stand in the header `Idempotency-Key` instead, for a call that is alone in its request. It counts for\n\
         methods that change something. Reads need none.\n\n\
         | limit | |\n|---|---|\n\
         | octets of a request | {LARGEST_CALL} |\n\
         | calls of a multicall | {MOST_CALLS} |\n\
         | calls of an API client in a minute, on each node | {CLIENT_CALLS_A_MINUTE} |\n\
         | calls of a person in a minute, on each node | {PERSON_CALLS_A_MINUTE} |\n\
         | changes of one account, group or other target in a minute, on each node | {CHANGES_OF_ONE_A_MINUTE} |\n\n\
         ## Faults\n\n| code | meaning |\n|---|---|\n",
    );
    for (code, meaning) in CODES {
        let _ = writeln!(out, "| {code} | {meaning} |");
    }
    let mut last = "";
    for (area, methods) in AREAS {
        if *area != last {
            let _ = write!(out, "\n## {area}\n");
            last = area;
        }
        methods.iter().for_each(|method| describe(&mut out, method));
    }
    out
}

fn describe(out: &mut String, method: &Method) {
    let _ = write!(out, "\n### {}\n\n{}\n\n", method.name, method.help);
    if !method.params.is_empty() {
        params(out, method.params);
        out.push('\n');
    }
    let called: Vec<String> = signatures(method)
        .iter()
        .filter_map(|types| types.split_first())
        .map(|(_, types)| format!("`({})`", types.join(", ")))
        .collect();
    let changes = match method.effect {
        Effect::Tells | Effect::Reads => "",
        Effect::Changes(_) | Effect::Makes(_) | Effect::ChangesInstitution => " In the audit trail.",
        Effect::ChangesWith(..) => " In the audit trail when it changes something.",
    };
    let _ = writeln!(out, "Answers {}. Called with {}.{changes}", method.answer, called.join(", "));
}

fn params(out: &mut String, params: &[Param]) {
    for param in params {
        line(out, param, "");
        match param.kind {
            Kind::Members(members) => members.iter().for_each(|member| line(out, member, "  ")),
            Kind::Settings => {
                for Setting { name, takes, help, .. } in SETTINGS {
                    let _ = writeln!(out, "  - `{name}` ({takes}): {help}");
                }
            }
            Kind::Text | Kind::Secret | Kind::Octets | Kind::Number | Kind::Moment | Kind::Texts | Kind::Named => {}
        }
    }
}

fn line(out: &mut String, param: &Param, indent: &str) {
    let optional = if param.needed == Needed::Always { "" } else { ", may be left out" };
    let _ = writeln!(out, "{indent}- `{}` ({}{optional}): {}", param.name, param.kind.type_name(), param.help);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::methods::all;
    use std::path::Path;

    /// `UPDATE=1` writes the file.
    #[test]
    fn the_file_is_what_the_code_says() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/xmlrpc.md");
        let now = reference();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &now).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(written == now, "docs/xmlrpc.md is stale: cargo xtask docs");
    }

    #[test]
    fn names_are_told_once_and_targets_are_parameters() {
        let mut names: Vec<&str> = all().map(|method| method.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for method in all() {
            assert!(method.help.len() > 20, "{}", method.name);
            if let Some(target) = method.effect.target(None) {
                assert!(method.params.iter().chain(OF_ANY_CALL).any(|param| param.name == target), "{}", method.name);
            }
            // In order, what may be left out comes last.
            let needs: Vec<Needed> = method.params.iter().map(|param| param.needed).collect();
            assert!(needs.windows(2).all(|pair| pair != [Needed::IfWanted, Needed::Always]), "{}", method.name);
        }
    }
}
