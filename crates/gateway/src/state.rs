//! `passerelle state`: backup and restore of what the gateway keeps, and what is left of spaces that are gone.

use crate::{
    Failure, assemble,
    command::{StateAction, say},
    serve::now,
};
use passerelle_core::{Error, Operator};
use passerelle_settings::Settings;
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path, process::ExitCode, sync::Arc};

pub(crate) fn state(config: &Path, action: StateAction) -> Result<ExitCode, Failure> {
    let settings = Settings::load(config)?;
    let factory = assemble::state_factory(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
        match action {
            StateAction::Backup { file } => {
                let lines = state.dump().await.map_err(|error| error.chain())?;
                // Hashes of app passwords are in it: for the operator's eyes, and never over another file.
                let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
                for line in &lines {
                    writeln!(out, "{line}")?;
                }
                out.sync_all()?;
                say(&format!("{}: {} lines", file.display(), lines.len()));
            }
            StateAction::Forget { institution, space } => {
                let parts = assemble::parts(&settings)?;
                let operator =
                    Operator::new(parts, Arc::clone(&state), now, "forget").await.map_err(|error| error.chain())?;
                match operator.forget_space(&institution, &space).await {
                    Ok(()) => say(&format!("{institution}: nothing hangs on the space {space} any more")),
                    Err(Error::Conflict) => {
                        return Err(format!("{space} is in the settings: take it out of them first").into());
                    }
                    Err(error) => return Err(error.chain().into()),
                }
            }
            StateAction::Restore { file } => {
                let lines: Vec<String> = std::fs::read_to_string(&file)?.lines().map(str::to_owned).collect();
                state.restore(&lines).await.map_err(|error| error.chain())?;
                say(&format!("{}: {} lines; earlier sessions and links have ended", file.display(), lines.len()));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
