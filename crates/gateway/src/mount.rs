//! `passerelle mount`: the files that people see, as a folder of this machine. A process of its own beside `serve`, or on another
//! machine with the same settings and the same State.

use crate::{Failure, assemble, registry, serve::now};
use passerelle_core::Operator;
use passerelle_observe::Format;
use passerelle_settings::{LogFormat, Settings};
use std::{path::Path, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

/// What the trail calls it.
const JOB: &str = "mount";

/// Mounts, and serves until SIGTERM, SIGINT, or until somebody unmounts.
pub(crate) fn mount(config: &Path, at: &Path) -> Result<ExitCode, Failure> {
    let settings = Settings::load(config)?;
    passerelle_observe::log_to_stderr(match settings.log {
        LogFormat::Human => Format::Human,
        LogFormat::Json => Format::Json,
    })?;
    let Some(users) = settings.mount.clone() else {
        return Err(
            "there is no [mount] in passerelle.toml: add users = \"file\", a number and login@domain a line".into()
        );
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let people = runtime.block_on(async {
        let factory = assemble::state_factory(&settings)?;
        let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
        let parts = assemble::parts(&settings)?;
        let operator = Operator::new(parts, state, now, JOB).await.map_err(|error| error.chain())?;
        operator.mapped(&users.users).map_err(|error| Failure::from(format!("[mount] users: {error}")))
    })?;
    let refused = |error| {
        format!("{}: {error}: is there /dev/fuse, fusermount3, and the right to mount for others?", at.display())
    };
    let mut mounted = (registry::MOUNT)(at, people, runtime.handle().clone()).map_err(refused)?;
    let mut unmount = mounted.unmount();
    {
        // Registered before anybody is told that it is there.
        let _inside = runtime.enter();
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        runtime.spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if let Err(error) = unmount.now() {
                    tracing::warn!(%error, "it is not unmounted: somebody works in it");
                }
            }
        });
    }
    tracing::info!(at = %at.display(), people = users.users.len(), "mounted");
    mounted.serve()?;
    tracing::info!("unmounted");
    Ok(ExitCode::SUCCESS)
}
