//! `POST /api/admin/import`: accounts by a part of a file that the browser reads. A part that is sent again goes on where it
//! stopped; every account is told by its line in the whole file.

use super::{Admin, Answer, told};
use crate::api::Password;
use passerelle_core::{Error, ImportMode, ImportOutcome, ImportRow, Wanted};
use passerelle_import::Format;
use serde::Deserialize;
use serde_json::{Value, json};

/// Largest part, in octets of JSON.
const LARGEST_PART: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Part {
    /// Its name says what it is written in, unless `format` does.
    file: String,
    format: Option<String>,
    /// The line of the whole file that the part's first row stands in.
    first_line: Option<usize>,
    /// Tells only what would be.
    dry_run: bool,
    /// It may hold passwords.
    text: Password,
}

pub(super) async fn import(mut admin: Admin<'_>) -> Answer {
    let part: Part = admin.call.body_of(LARGEST_PART).await?;
    let format = match part.format.as_deref() {
        Some(word) => Format::parse(word).ok_or(Error::invalid("format: csv or ldif"))?,
        None => Format::of_name(&part.file),
    };
    let Password(text) = &part.text;
    let rows = passerelle_import::rows(text.expose_str().unwrap_or_default(), format, part.first_line);
    let rows = rows.map_err(Error::invalid)?;
    let mode = if part.dry_run { ImportMode::DryRun } else { ImportMode::Write };
    let wanted: Vec<&Wanted> = rows.iter().filter_map(|row| row.wanted.as_ref().ok()).collect();
    let mut imported = admin.of.import_accounts(&wanted, mode).await.into_iter();
    let outcomes: Vec<(&ImportRow, ImportOutcome)> = rows
        .iter()
        .map(|row| match &row.wanted {
            Ok(wanted) => (row, ImportOutcome::of(wanted, imported.next(), |error| said(&admin, &error))),
            Err(why) => (row, ImportOutcome::refused(why.clone())),
        })
        .collect();
    if mode == ImportMode::Write {
        let line = |(row, outcome): &(&ImportRow, ImportOutcome)| {
            let (method, change) = outcome.noted.clone()?;
            Some(admin.line(method, row.login().to_owned(), change, "done"))
        };
        let mut lines: Vec<_> = outcomes.iter().filter_map(line).collect();
        let asked = format!("rows={} format={}", rows.len(), if format == Format::Csv { "csv" } else { "ldif" });
        lines.push(admin.line("account.import", part.file.clone(), asked, "done"));
        admin.note_all(lines).await?;
    }
    let count = |word| outcomes.iter().filter(|(_, outcome)| outcome.word == word).count();
    let shown: Vec<Value> = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.word != ImportOutcome::SAME)
        .map(|(row, it)| json!({ "line": row.line, "login": row.login(), "outcome": it.word, "what": it.what }))
        .collect();
    told(&json!({
        "made": count(ImportOutcome::MADE),
        "changed": count(ImportOutcome::CHANGED),
        "same": count(ImportOutcome::SAME),
        "failed": count(ImportOutcome::FAILED),
        "rows": shown,
    }))
}

/// Why a row failed, in the words of the problem that it would be; whose fault it is goes to the log.
fn said(admin: &Admin<'_>, error: &Error) -> String {
    crate::api::problem::log(error, &admin.call.exchange.id);
    match error {
        Error::Invalid { what } => what.clone(),
        error => crate::api::problem::title(&admin.call.face, error),
    }
}
