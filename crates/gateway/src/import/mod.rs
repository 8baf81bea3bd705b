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
use passerelle_core::{Authorized, ImportMode, Imported, Manage, Noted, Operator, ports::NewAccount};
use passerelle_model::{InstitutionId, InstitutionRef};
use passerelle_settings::Settings;
use rows::Row;
use std::{collections::BTreeSet, path::Path, process::ExitCode};

/// Largest file, in octets.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Accounts under way at once.
const AT_ONCE: usize = 16;
/// After how many accounts the trail is made safe from a power cut.
const SECURED_EVERY: usize = 100;
/// After how many accounts progress is told.
const TOLD_EVERY: usize = 1000;
/// What the trail calls it.
const JOB: &str = "import";

/// What becomes of one account.
enum Outcome {
    Made,
    Changed(Vec<String>),
    Same,
    Failed(String),
}

impl From<Imported> for Outcome {
    fn from(imported: Imported) -> Self {
        match imported {
            Imported::Made => Self::Made,
            Imported::Changed(names) => Self::Changed(names),
            Imported::Same => Self::Same,
        }
    }
}

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
    rows: Vec<Row>,
    mode: ImportMode,
) -> Counts {
    let (mut counts, total, mut done) = (Counts::default(), rows.len(), 0_usize);
    let mut seen = BTreeSet::new();
    let rows = rows.into_iter().map(|mut row| {
        let login = row.account.as_ref().map(|new| new.id.as_str().to_lowercase());
        if login.is_ok_and(|login| !seen.insert(login)) {
            row.account = Err("the login stands in the file twice".to_owned());
        }
        row
    });
    // What waits for State must be under way with the rest: who awaits it between two outcomes keeps the others from going
    // on, and one of them may hold what it waits for.
    let outcomes = stream::iter(rows.enumerate()).map(async |(number, row)| {
        let outcome = one(operator, handle, &row, mode).await;
        if mode == ImportMode::Write && number % SECURED_EVERY == 0 {
            secure(operator).await;
        }
        (row, outcome)
    });
    let mut outcomes = std::pin::pin!(outcomes.buffered(AT_ONCE));
    while let Some((row, outcome)) = outcomes.next().await {
        tell(file, &row, &outcome, &mut counts);
        done = done.saturating_add(1);
        if done % TOLD_EVERY == 0 {
            complain(&format_args!("{done} of {total}"));
        }
    }
    if mode == ImportMode::Write {
        secure(operator).await;
    }
    counts
}

async fn secure(operator: &Operator) {
    if let Err(error) = operator.session().secure().await {
        complain(&error.chain());
    }
}

async fn one(operator: &Operator, handle: &Authorized<InstitutionRef, Manage>, row: &Row, mode: ImportMode) -> Outcome {
    let new = match &row.account {
        Ok(new) => new,
        Err(what) => return Outcome::Failed(what.clone()),
    };
    match handle.import_account(new, mode).await {
        Ok(imported) => {
            let outcome = Outcome::from(imported);
            if let (ImportMode::Write, Outcome::Made | Outcome::Changed(_)) = (mode, &outcome)
                && let Err(error) = operator.session().note(noted(handle, new, &outcome)).await
            {
                complain(&error.chain());
            }
            outcome
        }
        Err(error) => Outcome::Failed(error.chain()),
    }
}

fn noted(handle: &Authorized<InstitutionRef, Manage>, new: &NewAccount, outcome: &Outcome) -> Noted {
    let (method, change) = match outcome {
        Outcome::Changed(names) => ("account.update", names.join(" ")),
        Outcome::Made | Outcome::Same | Outcome::Failed(_) => ("account.create", String::new()),
    };
    Noted {
        institution: handle.target().0.clone(),
        from: String::new(),
        method: method.to_owned(),
        target: new.id.to_string(),
        outcome: "done".to_owned(),
        change,
    }
}

fn tell(file: &Path, row: &Row, outcome: &Outcome, counts: &mut Counts) {
    let place = format!("{}:{}", file.display(), row.line);
    let login = row.account.as_ref().map_or("", |new| new.id.as_str());
    match outcome {
        Outcome::Made => {
            counts.made = counts.made.saturating_add(1);
            say(&format!("{place}: make {login}"));
        }
        Outcome::Changed(names) => {
            counts.changed = counts.changed.saturating_add(1);
            say(&format!("{place}: change {login}: {}", names.join(", ")));
        }
        Outcome::Same => counts.same = counts.same.saturating_add(1),
        Outcome::Failed(what) => {
            counts.failed = counts.failed.saturating_add(1);
            complain(&format_args!("{place}: {login}: {what}"));
        }
    }
}
