//! `account.import`: accounts by the text of a CSV or LDIF file, a part of it in each call. A file of 80,000 accounts comes in
//! as many calls as its sender likes; every account is told by its line in the whole file, and a call that is made again
//! goes on where it stopped.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, needed, optional},
    throttle::{CLIENT_CALLS_A_MINUTE, PERSON_CALLS_A_MINUTE},
    values::{structure, text},
};
use dxr::Value;
use passerelle_core::{Error, ImportMode, ImportRow, Imported, Wanted};
use passerelle_wire_filter::Dn;
use tokio::time::Instant;

/// Most accounts of one call.
const MOST_ROWS: usize = 1000;
/// The method that a program must be made for to name groups.
const FILLS_GROUPS: &str = "group.addMembers";

pub(super) const METHODS: &[Method] = &[Method {
    name: "account.import",
    params: &[
        needed("file", Kind::Text, "how the trail calls it: the name of the file"),
        needed(
            "text",
            Kind::Secret,
            "a part of a file with at most 1000 accounts. CSV: the first line names the columns (login, name, givenName, surname, mails, phone, language, affiliations, groups, password, writable attributes; | between values), and an empty cell says nothing. LDIF: whole entries, of which those with a uid are accounts, and memberOf names groups",
        ),
        optional(
            "firstLine",
            Kind::Number,
            "the line of the whole file that the first row of a CSV part stands in, 2 when left out; or in which an LDIF part begins, 1 when left out",
        ),
        optional("mode", Kind::Text, "dryRun tells only what would be; write when left out"),
        optional(
            "format",
            Kind::Text,
            "csv or ldif; when left out, ldif if the name of the file ends in .ldif, else csv",
        ),
    ],
    answer: "struct",
    help: "Makes and changes accounts by a file, and adds them to the static groups that it names, for which a program must be made for group.addMembers too. Nobody is locked or deleted because the file has them not, nor taken out of a group; a password is set on new accounts only. Answers {made, changed, same, failed, rows}: rows has {line, login, outcome, what} of each account that was not the same already, with made, changed or failed, and which fields or why. Made again, it goes on where it stopped.",
    effect: Effect::Changes("file"),
    run: |caller, arguments| Box::pin(import(caller, arguments)),
}];

async fn import(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let mode = match arguments.maybe_text("mode").unwrap_or("write") {
        "write" => ImportMode::Write,
        "dryRun" => ImportMode::DryRun,
        _ => return Err(Refusal::Params("mode: write or dryRun".to_owned())),
    };
    let rows = rows(&arguments)?;
    // A program that may make accounts and not fill groups must not do so by a file.
    if rows.iter().any(|row| row.wanted.as_ref().is_ok_and(|wanted| !wanted.groups.is_empty())) {
        caller.session.check_method(FILLS_GROUPS)?;
    }
    let counted: Vec<Result<&Wanted, String>> = rows.iter().map(|row| counted(caller, row)).collect();
    let wanted: Vec<&Wanted> = counted.iter().flatten().copied().collect();
    let mut imported = institution.import_accounts(&wanted, mode).await.into_iter();
    let outcomes: Vec<Outcome> = counted
        .iter()
        .map(|counted| match counted {
            Ok(wanted) => Outcome::of(caller, wanted, imported.next()),
            Err(why) => Outcome { word: FAILED, what: why.clone(), noted: None },
        })
        .collect();
    let told: Vec<(&ImportRow, &Outcome)> = rows.iter().zip(&outcomes).collect();
    if mode == ImportMode::Write {
        let line = |(row, outcome): &(&ImportRow, &Outcome)| {
            let (method, change) = outcome.noted.clone()?;
            caller.line(Some(&arguments), method, (login(row).to_owned(), change), "done")
        };
        caller.note_all(told.iter().filter_map(line).collect()).await;
    }
    let count = |wanted: &str| outcomes.iter().filter(|outcome| outcome.word == wanted).count();
    let number = |wanted| Value::Integer(i32::try_from(count(wanted)).unwrap_or(i32::MAX));
    let shown = told.iter().filter(|(_, outcome)| outcome.word != SAME).map(|(row, outcome)| {
        let line = Value::Integer(i32::try_from(row.line).unwrap_or(i32::MAX));
        structure([
            ("line", line),
            ("login", text(login(row))),
            ("outcome", text(outcome.word)),
            ("what", text(&outcome.what)),
        ])
    });
    let shown = Value::Array(shown.collect());
    Ok(structure([
        (MADE, number(MADE)),
        (CHANGED, number(CHANGED)),
        (SAME, number(SAME)),
        (FAILED, number(FAILED)),
        ("rows", shown),
    ]))
}

const MADE: &str = "made";
const CHANGED: &str = "changed";
const SAME: &str = "same";
const FAILED: &str = "failed";

/// What became of a row: the word for it, which fields or why, and what the trail says when it changed something.
struct Outcome {
    word: &'static str,
    what: String,
    noted: Option<(&'static str, String)>,
}

impl Outcome {
    fn of(caller: &Caller, wanted: &Wanted, imported: Option<passerelle_core::Result<Imported>>) -> Self {
        let lost = || Err(Error::internal("importing accounts", "one of them got no answer"));
        let imported = imported.unwrap_or_else(lost);
        let noted = imported.as_ref().ok().and_then(|imported| imported.noted(wanted));
        let (word, what) = match imported {
            Ok(Imported::Made) => (MADE, String::new()),
            Ok(Imported::Changed(names)) => (CHANGED, names.join(" ")),
            Ok(Imported::Same) => (SAME, String::new()),
            Ok(Imported::Ungrouped(_, error)) => (FAILED, format!("groups: {}", told(caller, error))),
            Err(error) => (FAILED, told(caller, error)),
        };
        Self { word, what, noted }
    }
}

/// An error in the words of the fault that it would be; one that is not the caller's is logged.
fn told(caller: &Caller, error: Error) -> String {
    crate::log(&error, &caller.request);
    Refusal::Failed(error).fault().string().to_owned()
}

fn login(row: &ImportRow) -> &str {
    row.wanted.as_ref().map_or("", |wanted| wanted.account.id.as_str())
}

/// Counts a row as a call; why it cannot be made now.
fn counted<'a>(caller: &Caller, row: &'a ImportRow) -> Result<&'a Wanted, String> {
    let wanted = row.wanted.as_ref().map_err(String::clone)?;
    let most = if caller.session.is_program() { CLIENT_CALLS_A_MINUTE } else { PERSON_CALLS_A_MINUTE };
    match caller.throttle.count(&caller.session.who(), most, Instant::now()) {
        Ok(()) => Ok(wanted),
        Err(seconds) => Err(format!("too many calls: go on in {seconds} seconds")),
    }
}

/// The rows of a part, each with its line in the whole file.
fn rows(arguments: &Arguments) -> Result<Vec<ImportRow>, Refusal> {
    let is_ldif = match arguments.maybe_text("format") {
        Some("csv") => false,
        Some("ldif") => true,
        Some(_) => return Err(Refusal::Params("format: csv or ldif".to_owned())),
        None => arguments.text("file").to_ascii_lowercase().ends_with(".ldif"),
    };
    let first = arguments.number("firstLine")?.map(|line| usize::try_from(line).unwrap_or(usize::MAX));
    if first == Some(0) {
        return Err(Refusal::Params("firstLine: a line, from 1".to_owned()));
    }
    let whole = arguments.secret("text").unwrap_or_else(|| passerelle_model::Secret::new(""));
    let part = whole.expose_str().unwrap_or_default();
    let rows = if is_ldif { of_ldif(part, first.unwrap_or(1)) } else { of_csv(part, first.unwrap_or(2)) };
    let rows = rows.map_err(|(line, what)| Refusal::Params(format!("text: line {line}: {what}")))?;
    if rows.len() > MOST_ROWS {
        return Err(Refusal::Params(format!("text: at most {MOST_ROWS} accounts in one call")));
    }
    Ok(rows)
}

fn of_csv(part: &str, first: usize) -> Result<Vec<ImportRow>, (usize, String)> {
    // The head is line 1 of the part; the first row stands in line 2 of it, and in `first` of the file.
    let place = |line: usize| line.saturating_add(first).saturating_sub(2);
    let wrong = |(line, what): (usize, &str)| (place(line), what.to_owned());
    let mut records = passerelle_wire_csv::parse(part).map_err(wrong)?.into_iter();
    let head = records.next().map(|head| head.cells).unwrap_or_default();
    let records = records.map(|record| (place(record.line), record.cells));
    ImportRow::of_table(&head, records).map_err(|what| wrong((1, what)))
}

fn of_ldif(part: &str, first: usize) -> Result<Vec<ImportRow>, (usize, String)> {
    let place = |line: usize| line.saturating_add(first).saturating_sub(1);
    let records = passerelle_wire_ldif::parse(part.as_bytes()).map_err(|wrong| (place(wrong.line), wrong.what))?;
    let entries = records.into_iter().map(|record| (place(record.line), record.attributes));
    Ok(ImportRow::of_entries(entries, |dn| Dn::parse(dn).ok()?.own("cn").map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(rows: &[ImportRow], expected: &[(usize, bool)]) {
        let told: Vec<(usize, bool)> = rows.iter().map(|row| (row.line, row.wanted.is_ok())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn rows_are_told_by_their_lines_in_the_whole_file() {
        let part = "login,name\nu1,A\n\nu2,B\nu1,C\n,D\nu3,E,F\n";
        check(&of_csv(part, 1002).unwrap(), &[(1002, true), (1004, true), (1005, false), (1006, false), (1007, false)]);
        assert!(of_csv("name\nx", 2).is_err() && of_csv("", 2).is_err() && of_csv("login\n\"x", 2).is_err());
        let part = "dn: uid=u1\nuid: u1\nmemberOf: cn=staff,ou=groups\n\ndn: ou=x\nou: x\n\ndn: uid=u2\nuid: u2\nmemberOf: staff\n";
        let rows = of_ldif(part, 1001).unwrap();
        check(&rows, &[(1001, true), (1008, false)]);
        let groups = &rows.first().unwrap().wanted.as_ref().unwrap().groups;
        assert_eq!(groups.iter().map(|group| group.as_str()).collect::<Vec<_>>(), ["staff"]);
        assert_eq!(of_ldif("dn: uid=u1\nuid\n", 11).unwrap_err().0, 12);
    }
}
