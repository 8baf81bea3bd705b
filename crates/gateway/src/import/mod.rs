//! `passerelle import`: accounts from a file. What is not there is made, what differs is changed, what is as the file says
//! is left alone: a run that was cut off goes on when it is started again. Nothing is locked or deleted because a file does
//! not have it.

mod csv;
mod rows;

use crate::{
    Failure, assemble,
    command::{complain, say},
    serve::now,
};
use futures::{StreamExt, stream};
use passerelle_core::{
    Authorized, Error, Manage, Noted, Operator,
    ports::{Details, NewAccount},
};
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

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is only told what would be.
    DryRun,
    /// It is done.
    Write,
}

/// What becomes of one account.
enum Outcome {
    Made,
    Changed(Vec<String>),
    Same,
    Failed(String),
}

#[derive(Default)]
struct Counts {
    made: usize,
    changed: usize,
    same: usize,
    failed: usize,
}

pub(crate) fn import(config: &Path, institution: &str, file: &Path, mode: Mode) -> Result<ExitCode, Failure> {
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
        let would = if mode == Mode::DryRun { " (dry run: nothing was written)" } else { "" };
        say(&format!("{made} made, {changed} changed, {same} unchanged, {failed} failed{would}"));
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

async fn run(
    operator: &Operator,
    handle: &Authorized<InstitutionRef, Manage>,
    file: &Path,
    rows: Vec<Row>,
    mode: Mode,
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
    let outcomes = stream::iter(rows).map(async |row| {
        let outcome = one(operator, handle, &row, mode).await;
        (row, outcome)
    });
    let mut outcomes = std::pin::pin!(outcomes.buffered(AT_ONCE));
    while let Some((row, outcome)) = outcomes.next().await {
        tell(file, &row, &outcome, &mut counts);
        done = done.saturating_add(1);
        if mode == Mode::Write && (done % SECURED_EVERY == 0 || done == total) {
            secure(operator).await;
        }
        if done % TOLD_EVERY == 0 {
            complain(&format_args!("{done} of {total}"));
        }
    }
    counts
}

async fn secure(operator: &Operator) {
    if let Err(error) = operator.session().secure().await {
        complain(&error.chain());
    }
}

async fn one(operator: &Operator, handle: &Authorized<InstitutionRef, Manage>, row: &Row, mode: Mode) -> Outcome {
    let new = match &row.account {
        Ok(new) => new,
        Err(what) => return Outcome::Failed(what.clone()),
    };
    match done(handle, new, mode).await {
        Ok(outcome) => {
            if let (Mode::Write, Outcome::Made | Outcome::Changed(_)) = (mode, &outcome)
                && let Err(error) = operator.session().note(noted(handle, new, &outcome)).await
            {
                complain(&error.chain());
            }
            outcome
        }
        Err(error) => Outcome::Failed(error.chain()),
    }
}

async fn done(handle: &Authorized<InstitutionRef, Manage>, new: &NewAccount, mode: Mode) -> Result<Outcome, Error> {
    // Nearly all are new, and making one looks itself whether it is there.
    if mode == Mode::Write && handle.check_account(new).is_ok() {
        match handle.create_account(new).await {
            Ok(_) => return Ok(Outcome::Made),
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    match handle.account(&new.id).await? {
        Some(found) if found.disabled => {
            Err(Error::invalid("the account was deleted: unlock it first, or choose another login"))
        }
        Some(found) => {
            let differs = difference(&handle.details_of(&found.person), &new.details);
            if differs.is_empty() {
                return Ok(Outcome::Same);
            }
            let names = differs.fields.keys().map(|field| field.as_str().to_owned());
            let names: Vec<String> = names.chain(differs.attributes.keys().cloned()).collect();
            if mode == Mode::Write {
                handle.change_account(&new.id, &differs).await?;
            }
            Ok(Outcome::Changed(names))
        }
        None => {
            match mode {
                Mode::DryRun => handle.check_account(new)?,
                Mode::Write => drop(handle.create_account(new).await?),
            }
            Ok(Outcome::Made)
        }
    }
}

/// What of the file is not so in the directory. The values of an attribute have no order there.
fn difference(there: &Details, wanted: &Details) -> Details {
    let same = |held: Option<&Vec<String>>, wanted: &Vec<String>| {
        let set = |values: &[String]| values.iter().cloned().collect::<BTreeSet<_>>();
        set(held.map_or(&[], Vec::as_slice)) == set(wanted)
    };
    let fields = wanted.fields.iter().filter(|(field, values)| !same(there.fields.get(field), values));
    let held = |name: &str| there.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|it| it.1);
    let attributes = wanted.attributes.iter().filter(|(name, values)| !same(held(name), values));
    Details {
        fields: fields.map(|(field, values)| (*field, values.clone())).collect(),
        attributes: attributes.map(|(name, values)| (name.clone(), values.clone())).collect(),
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
