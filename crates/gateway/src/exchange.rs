//! `passerelle calendars export` and `import`, and the same of contacts: somebody's collections into files, and back. The operator
//! acts in the owner's name, through the gate, and leaves a line in the trail.

use crate::{
    Failure, assemble,
    command::{ExchangeAction, complain},
    serve::now,
    target,
};
use futures::StreamExt;
use passerelle_core::{Authorized, Manage, Operator};
use passerelle_exchange::{Asked, Form, Handles, Imported, LARGEST_FILE, Left, Mode, Row, bring_in, whole};
use passerelle_model::{CollectionFamily, CollectionRef};
use passerelle_settings::Settings;
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// What the trail calls it.
const JOB: &str = "exchange";

/// Runs one of them.
pub(crate) fn exchange(family: CollectionFamily, action: ExchangeAction) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match action {
            ExchangeAction::Export { config, user, name, format, out } => {
                let form = Form::parse(&format, family).ok_or("--format: none that such a collection is written in")?;
                export(open(&config, &user, family, &name).await?, form, &out).await
            }
            ExchangeAction::Import { config, user, name, duplicates, dry_run, file } => {
                let mode = if dry_run { Mode::DryRun } else { Mode::Write };
                let asked = Asked { duplicates, mode, first_line: 1 };
                import(&open(&config, &user, family, &name).await?, asked, &file).await
            }
        }
    })
}

async fn open(
    config: &Path,
    user: &str,
    family: CollectionFamily,
    name: &str,
) -> Result<Authorized<CollectionRef, Manage>, Failure> {
    let settings = Settings::load(config)?;
    let factory = assemble::state_factory(&settings)?;
    let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
    let operator = Operator::new(assemble::parts(&settings)?, state, now, JOB).await.map_err(|error| error.chain())?;
    let account = operator.account(user).await.map_err(|error| format!("{user}: {}", error.chain()))?;
    let opened = operator.collection(&account, family, name).await;
    Ok(opened.map_err(|error| format!("{name}: {}", error.chain()))?)
}

async fn export(handle: Authorized<CollectionRef, Manage>, form: Form, out: &Path) -> Result<ExitCode, Failure> {
    let name = handle.target().name().to_owned();
    let failed = |error: passerelle_core::Error| format!("{name}: {}", error.chain());
    let left = Left::default();
    let mut octets = whole(handle, None, form, left.clone()).await.map_err(failed)?;
    if out.as_os_str() == "-" {
        let mut stdout = io::stdout().lock();
        while let Some(piece) = octets.next().await {
            stdout.write_all(&piece.map_err(failed)?)?;
        }
        stdout.flush()?;
    } else {
        let target = target::Target::new(out)?;
        let mut file = target::file(target.part())?;
        while let Some(piece) = octets.next().await {
            let piece = piece.map_err(|error| {
                format!(
                    "{}\nthe export is not whole: what there is of it is {}",
                    failed(error),
                    target.part().display()
                )
            })?;
            file.write_all(&piece)?;
        }
        target::close(file)?;
        target.finish()?;
    }
    let left = left.take();
    for name in &left {
        complain(&format_args!("{}: cannot be read, and is not in the file", name.as_str()));
    }
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn import(handle: &Authorized<CollectionRef, Manage>, asked: Asked, file: &Path) -> Result<ExitCode, Failure> {
    let size = std::fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
    if size > u64::try_from(LARGEST_FILE)? {
        return Err(format!("{}: more than {LARGEST_FILE} octets: divide the file", file.display()).into());
    }
    let octets = std::fs::read(file)?;
    let into = Handles { read: handle, add: handle, edit: Some(handle) };
    let done = bring_in(into, octets, asked, || async { Ok(()) }).await;
    let Imported { format, new, replaced, same, skipped, failed, rows, more } =
        done.map_err(|error| format!("{}: {}", file.display(), error.chain()))?;
    for Row { line, title, outcome, what } in rows.iter().filter(|row| row.outcome != Row::NEW) {
        complain(&format_args!("line {line}: {outcome} {title:?} {what}"));
    }
    let more = if more { "; not every entry was told" } else { "" };
    let would = if asked.mode == Mode::DryRun { "would be " } else { "" };
    complain(&format_args!(
        "{format}: {would}{new} new, {replaced} replaced, {same} the same, {skipped} skipped, {failed} failed{more}"
    ));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
