//! `account.import`: accounts by the text of a CSV or LDIF file, a part of it in each call. A file of 80,000 accounts comes in
//! as many calls as its sender likes; every account is told by its line in the whole file, and a call that is made again
//! goes on where it stopped.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    limits::{CLIENT_CALLS_A_MINUTE, PERSON_CALLS_A_MINUTE},
    params::{Kind, needed, optional},
    values::{structure, text},
};
use dxr::Value;
use passerelle_core::{Error, ImportMode, ImportOutcome, ImportRow, Wanted};
use passerelle_import::Format;
use tokio::time::Instant;

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
    let outcomes: Vec<ImportOutcome> = counted
        .iter()
        .map(|counted| match counted {
            Ok(wanted) => ImportOutcome::of(wanted, imported.next(), |error| told(caller, error)),
            Err(why) => ImportOutcome::refused(why.clone()),
        })
        .collect();
    let told: Vec<(&ImportRow, &ImportOutcome)> = rows.iter().zip(&outcomes).collect();
    if mode == ImportMode::Write {
        let line = |(row, outcome): &(&ImportRow, &ImportOutcome)| {
            let (method, change) = outcome.noted.clone()?;
            caller.line(Some(&arguments), method, (row.login().to_owned(), change), "done")
        };
        caller.note_all(told.iter().filter_map(line).collect()).await;
    }
    let count = |wanted: &str| outcomes.iter().filter(|outcome| outcome.word == wanted).count();
    let number = |wanted| Value::Integer(i32::try_from(count(wanted)).unwrap_or(i32::MAX));
    let shown = told.iter().filter(|(_, outcome)| outcome.word != ImportOutcome::SAME).map(|(row, outcome)| {
        let line = Value::Integer(i32::try_from(row.line).unwrap_or(i32::MAX));
        structure([
            ("line", line),
            ("login", text(row.login())),
            ("outcome", text(outcome.word)),
            ("what", text(&outcome.what)),
        ])
    });
    let shown = Value::Array(shown.collect());
    Ok(structure([
        (ImportOutcome::MADE, number(ImportOutcome::MADE)),
        (ImportOutcome::CHANGED, number(ImportOutcome::CHANGED)),
        (ImportOutcome::SAME, number(ImportOutcome::SAME)),
        (ImportOutcome::FAILED, number(ImportOutcome::FAILED)),
        ("rows", shown),
    ]))
}

/// An error in the words of the fault that it would be; one that is not the caller's is logged.
fn told(caller: &Caller, error: Error) -> String {
    crate::log(&error, &caller.request);
    Refusal::Failed(error).fault().string().to_owned()
}

/// Counts a row as a call; why it cannot be made now.
fn counted<'a>(caller: &Caller, row: &'a ImportRow) -> Result<&'a Wanted, String> {
    let wanted = row.wanted.as_ref().map_err(String::clone)?;
    let most = if caller.session.is_program() { CLIENT_CALLS_A_MINUTE } else { PERSON_CALLS_A_MINUTE };
    match caller.rates.count(&caller.session.who(), most, Instant::now()) {
        Ok(()) => Ok(wanted),
        Err(seconds) => Err(format!("too many calls: go on in {seconds} seconds")),
    }
}

/// The rows of a part, each with its line in the whole file.
fn rows(arguments: &Arguments) -> Result<Vec<ImportRow>, Refusal> {
    let format = match arguments.maybe_text("format") {
        Some(word) => Format::parse(word).ok_or_else(|| Refusal::Params("format: csv or ldif".to_owned()))?,
        None => Format::of_name(arguments.text("file")),
    };
    let first = arguments.number("firstLine")?.map(|line| usize::try_from(line).unwrap_or(usize::MAX));
    let part = arguments.secret("text").unwrap_or_else(|| passerelle_model::Secret::new(""));
    passerelle_import::rows(part.expose_str().unwrap_or_default(), format, first).map_err(Refusal::Params)
}
