//! `passerelle state`: backup and restore of what the gateway keeps.

use crate::{
    Failure, assemble,
    command::{StateAction, say},
};
use passerelle_settings::Settings;
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path, process::ExitCode};

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
            StateAction::Restore { file } => {
                let lines: Vec<String> = std::fs::read_to_string(&file)?.lines().map(str::to_owned).collect();
                state.restore(&lines).await.map_err(|error| error.chain())?;
                say(&format!("{}: {} lines; earlier sessions and links have ended", file.display(), lines.len()));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
