//! `passerelle import`: accounts from a file. What is not there is made, what differs is changed, what is as the file says
//! is left alone: a run that was cut off goes on when it is started again. Nothing is locked or deleted because a file does
//! not have it.

mod rows;

use crate::{
    Failure, assemble,
    command::{complain, say},
    serve::now,
};
use futures::{StreamExt, stream};
use passerelle_core::{Authorized, ImportMode, ImportRow, Imported, Manage, Noted, Operator, Wanted};
use passerelle_model::{InstitutionId, InstitutionRef};
use passerelle_settings::Settings;
use std::{path::Path, process::ExitCode};

/// Largest file, in octets.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Accounts that are asked for and noted together.
const TOGETHER: usize = 200;
/// How many such lots are under way at once: one is looked for while another is written.
const LOTS_AT_ONCE: usize = 2;
/// After how many accounts progress is told.
const TOLD_EVERY: usize = 1000;
/// What the trail calls it.
const JOB: &str = "import";

/// What becomes of one row; why not, where it failed.
type Outcome = Result<Imported, String>;

#[derive(Default)]
struct Counts {
    made: usize,
    changed: usize,
    same: usize,
    failed: usize,
}

pub(crate) fn import(config: &Path, institution: &str, file: &Path, mode: ImportMode) -> Result<ExitCode, Failure> {
    let settings = Settings::load(config)?;
    let institution = InstitutionId::parse(institution)?;
    if std::fs::metadata(file)?.len() > LARGEST {
        return Err(format!("{}: larger than 256 MiB; split it", file.display()).into());
    }
    let rows = match rows::read(file, &std::fs::read(file)?) {
        Ok(rows) => rows,
        Err((line, what)) => return Err(format!("{}:{line}: {what}", file.display()).into()),
    };
    let factory = assemble::state_factory(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
        let operator =
            Operator::new(assemble::parts(&settings)?, state, now, JOB).await.map_err(|error| error.chain())?;
        let handle = operator.administer(&institution).map_err(|error| format!("{institution}: {error}"))?;
        let counts = run(&operator, &handle, file, rows, mode).await;
        let Counts { made, changed, same, failed } = counts;
        let would = if mode == ImportMode::DryRun { " (dry run: nothing was written)" } else { "" };
        say(&format!("{made} made, {changed} changed, {same} unchanged, {failed} failed{would}"));
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

async fn run(
    operator: &Operator,
    handle: &Authorized<InstitutionRef, Manage>,
    file: &Path,
    rows: Vec<ImportRow>,
    mode: ImportMode,
) -> Counts {
    let (mut counts, total, mut done) = (Counts::default(), rows.len(), 0_usize);
    let lots = stream::iter(rows.chunks(TOGETHER)).map(async |rows| (rows, lot(operator, handle, rows, mode).await));
    let mut lots = std::pin::pin!(lots.buffered(LOTS_AT_ONCE));
    while let Some((rows, outcomes)) = lots.next().await {
        for (row, outcome) in rows.iter().zip(&outcomes) {
            tell(file, row, outcome, &mut counts);
        }
        done = done.saturating_add(rows.len());
        if done % TOLD_EVERY == 0 {
            complain(&format_args!("{done} of {total}"));
        }
    }
    counts
}

/// Imports some rows, and makes their lines of the trail safe from a power cut.
async fn lot(
    operator: &Operator,
    handle: &Authorized<InstitutionRef, Manage>,
    rows: &[ImportRow],
    mode: ImportMode,
) -> Vec<Outcome> {
    let wanted: Vec<&Wanted> = rows.iter().filter_map(|row| row.wanted.as_ref().ok()).collect();
    let mut imported = handle.import_accounts(&wanted, mode).await.into_iter();
    let outcome = |row: &ImportRow| match &row.wanted {
        Err(what) => Err(what.clone()),
        Ok(_) => match imported.next() {
            Some(imported) => imported.map_err(|error| error.chain()),
            None => Err("it got no answer".to_owned()),
        },
    };
    let outcomes: Vec<Outcome> = rows.iter().map(outcome).collect();
    if mode == ImportMode::Write {
        let lines = rows.iter().zip(&outcomes).filter_map(|(row, outcome)| noted(handle, row, outcome)).collect();
        let noted = operator.session().note_all(lines).await;
        if let Err(error) = noted.and(operator.session().secure().await) {
            complain(&error.chain());
        }
    }
    outcomes
}

fn noted(handle: &Authorized<InstitutionRef, Manage>, row: &ImportRow, outcome: &Outcome) -> Option<Noted> {
    let (method, change) = outcome.as_ref().ok()?.noted(row.wanted.as_ref().ok()?)?;
    Some(Noted {
        institution: handle.target().0.clone(),
        from: String::new(),
        method: method.to_owned(),
        target: login(row).to_owned(),
        outcome: "done".to_owned(),
        change,
    })
}

fn login(row: &ImportRow) -> &str {
    row.wanted.as_ref().map_or("", |wanted| wanted.account.id.as_str())
}

fn tell(file: &Path, row: &ImportRow, outcome: &Outcome, counts: &mut Counts) {
    let place = format!("{}:{}", file.display(), row.line);
    let login = login(row);
    let mut failed = |what: &str| {
        counts.failed = counts.failed.saturating_add(1);
        complain(&format_args!("{place}: {login}: {what}"));
    };
    match outcome {
        Ok(Imported::Made) => {
            counts.made = counts.made.saturating_add(1);
            say(&format!("{place}: make {login}"));
        }
        Ok(Imported::Changed(names)) => {
            counts.changed = counts.changed.saturating_add(1);
            say(&format!("{place}: change {login}: {}", names.join(", ")));
        }
        Ok(Imported::Same) => counts.same = counts.same.saturating_add(1),
        Ok(Imported::Ungrouped(_, error)) => failed(&format!("groups: {}", error.chain())),
        Err(what) => failed(what),
    }
}
