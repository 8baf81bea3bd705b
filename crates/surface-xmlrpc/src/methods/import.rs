//! `account.import`: accounts by the text of a CSV file, some rows in each call. A file of 80,000 rows comes in as many calls as
//! its sender likes, each with the head again; every row is told by its line in the whole file, and a call that is made
//! again goes on where it stopped.

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
use futures::{StreamExt, stream};
use passerelle_core::{Authorized, Draft, ImportMode, Imported, Manage};
use passerelle_model::InstitutionRef;
use passerelle_wire_csv::{Record, parse};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// Most rows of one call.
const MOST_ROWS: usize = 1000;
/// Accounts under way at once.
const AT_ONCE: usize = 16;

pub(super) const METHODS: &[Method] = &[Method {
    name: "account.import",
    params: &[
        needed("file", Kind::Text, "how the trail calls it: the name of the file"),
        needed(
            "text",
            Kind::Secret,
            "a part of a CSV file: the first line names the columns (login, name, givenName, surname, mails, phone, language, affiliations, password, writable attributes; | between values), and at most 1000 rows follow; an empty cell says nothing",
        ),
        optional("firstLine", Kind::Number, "the line of the whole file that the first row stands in; 2 when left out"),
        optional("mode", Kind::Text, "dryRun tells only what would be; write when left out"),
    ],
    answer: "struct",
    help: "Makes and changes accounts by rows of a file. Nobody is locked or deleted because the file has them not; a password is set on new accounts only. Answers {made, changed, same, failed, rows}: rows has {line, login, outcome, what} of each row that was not the same already, with made, changed or failed, and which fields or why. Made again, it goes on where it stopped.",
    effect: Effect::Changes("file"),
    run: |caller, arguments| Box::pin(import(caller, arguments)),
}];

/// A row of the file, by its line.
struct Row {
    line: usize,
    account: Result<passerelle_core::ports::NewAccount, String>,
}

async fn import(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let mode = match arguments.maybe_text("mode").unwrap_or("write") {
        "write" => ImportMode::Write,
        "dryRun" => ImportMode::DryRun,
        _ => return Err(Refusal::Params("mode: write or dryRun".to_owned())),
    };
    let whole = arguments.secret("text").unwrap_or_else(|| passerelle_model::Secret::new(""));
    let first = match arguments.value("firstLine") {
        Some(Value::Integer(line)) => usize::try_from(*line).ok().filter(|line| *line > 0),
        Some(_) => None,
        None => Some(2),
    };
    let first = first.ok_or_else(|| Refusal::Params("firstLine: a line, from 1".to_owned()))?;
    let rows = rows(whole.expose_str().unwrap_or_default(), first)?;
    let outcomes = stream::iter(rows).map(async |row| {
        let outcome = one(caller, &arguments, &institution, &row, mode).await;
        (row, outcome)
    });
    let outcomes: Vec<_> = outcomes.buffered(AT_ONCE).collect().await;
    let count = |wanted: &str| outcomes.iter().filter(|(_, (word, _))| *word == wanted).count();
    let number = |wanted| Value::Integer(i32::try_from(count(wanted)).unwrap_or(i32::MAX));
    let told = outcomes.iter().filter(|(_, (word, _))| *word != SAME).map(|(row, (word, what))| {
        let login = row.account.as_ref().map_or("", |new| new.id.as_str());
        let line = Value::Integer(i32::try_from(row.line).unwrap_or(i32::MAX));
        structure([("line", line), ("login", text(login)), ("outcome", text(*word)), ("what", text(what))])
    });
    let told = Value::Array(told.collect());
    Ok(structure([
        (MADE, number(MADE)),
        (CHANGED, number(CHANGED)),
        (SAME, number(SAME)),
        (FAILED, number(FAILED)),
        ("rows", told),
    ]))
}

const MADE: &str = "made";
const CHANGED: &str = "changed";
const SAME: &str = "same";
const FAILED: &str = "failed";

/// The rows of a part, each with its line in the whole file.
fn rows(part: &str, first: usize) -> Result<Vec<Row>, Refusal> {
    // The head is line 1 of the part; the first row stands in line 2 of it, and in `first` of the file.
    let place = |line: usize| line.saturating_add(first).saturating_sub(2);
    let wrong = |(line, what): (usize, &str)| Refusal::Params(format!("text: line {}: {what}", place(line)));
    let mut records = parse(part).map_err(wrong)?.into_iter();
    let head: Vec<String> =
        records.next().map(|head| head.cells.iter().map(|cell| cell.trim().to_owned()).collect()).unwrap_or_default();
    if !head.iter().any(|name| name == "login") {
        return Err(Refusal::Params("text: the first line names the columns, and one of them is login".to_owned()));
    }
    let mut seen = BTreeSet::new();
    let row = |Record { line, cells }: Record| {
        let account = Draft::of_row(&head, cells);
        let again = account.as_ref().is_ok_and(|new| !seen.insert(new.id.as_str().to_lowercase()));
        let account = if again { Err("the login stands in the file twice".to_owned()) } else { account };
        Row { line: place(line), account }
    };
    let rows: Vec<Row> = records.map(row).collect();
    if rows.len() > MOST_ROWS {
        return Err(Refusal::Params(format!("text: at most {MOST_ROWS} rows in one call")));
    }
    Ok(rows)
}

/// Makes one account; what became of it, and which fields or why. Each is a line of the trail, and counts as a call.
async fn one(
    caller: &Caller,
    arguments: &Arguments,
    institution: &Authorized<InstitutionRef, Manage>,
    row: &Row,
    mode: ImportMode,
) -> (&'static str, String) {
    let new = match &row.account {
        Ok(new) => new,
        Err(what) => return (FAILED, what.clone()),
    };
    let most = if caller.session.is_program() { CLIENT_CALLS_A_MINUTE } else { PERSON_CALLS_A_MINUTE };
    if let Err(seconds) = caller.throttle.count(&caller.session.who(), most, Instant::now()) {
        return (FAILED, format!("too many calls: go on in {seconds} seconds"));
    }
    let (word, method, what) = match institution.import_account(new, mode).await {
        Ok(Imported::Made) => (MADE, "account.create", String::new()),
        Ok(Imported::Changed(names)) => (CHANGED, "account.update", names.join(" ")),
        Ok(Imported::Same) => return (SAME, String::new()),
        Err(error) => {
            let refusal = Refusal::Failed(error);
            let said = refusal.fault().string().to_owned();
            if let Refusal::Failed(error) = &refusal {
                crate::log(error, &caller.request);
            }
            return (FAILED, said);
        }
    };
    if mode == ImportMode::Write {
        caller.note(Some(arguments), method, (new.id.to_string(), what.clone()), "done").await;
    }
    (word, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn rows_are_told_by_their_lines_in_the_whole_file() {
        let part = "login,name\nu1,A\n\nu2,B\nu1,C\n,D\nu3,E,F\n";
        let told: Vec<(usize, bool)> =
            rows(part, 1002).unwrap().iter().map(|row| (row.line, row.account.is_ok())).collect();
        assert_eq!(told, [(1002, true), (1004, true), (1005, false), (1006, false), (1007, false)]);
        assert!(rows("name\nx", 2).is_err() && rows("", 2).is_err() && rows("login\n\"x", 2).is_err());
        let many = format!("login\n{}", "u\n".repeat(MOST_ROWS + 1));
        assert!(rows(&many, 2).is_err());
    }
}
