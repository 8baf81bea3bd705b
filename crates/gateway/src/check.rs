//! `passerelle check`: what is wrong with a configuration, and where each value comes from.

use crate::{Failure, assemble, command::complain, serve::now};
use passerelle_core::Operator;
use passerelle_settings::{Faults, Origin, Settings, origins, with_overlay};
use std::{io::Write, path::Path, process::ExitCode};

/// What is told beside faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    Faults,
    Origins,
    /// Also of what State has.
    OriginsWithState,
}

impl Show {
    /// From the command line.
    pub(crate) const fn of(origins: bool, state: bool) -> Self {
        match (origins, state) {
            (true, true) => Self::OriginsWithState,
            (true, false) => Self::Origins,
            (false, _) => Self::Faults,
        }
    }
}

/// Exit 0, or 2 with every fault.
pub(crate) fn check(config: &Path, show: Show) -> Result<ExitCode, Failure> {
    let loaded = Settings::load(config);
    let faults = match &loaded {
        Ok(settings) => assemble::faults(settings),
        Err(Faults(faults)) => faults.clone(),
    };
    if show != Show::Faults {
        let mut all = origins(config)?;
        if let (Show::OriginsWithState, Ok(settings)) = (show, &loaded) {
            ask_state(settings, &mut all)?;
        }
        let mut out = std::io::stdout().lock();
        for origin in all {
            writeln!(out, "{origin}")?;
        }
    }
    if faults.is_empty() {
        writeln!(std::io::stdout().lock(), "{}: the configuration is fine", config.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    for fault in faults {
        complain(&fault);
    }
    Ok(ExitCode::from(2))
}

fn ask_state(settings: &Settings, origins: &mut Vec<Origin>) -> Result<(), Failure> {
    let factory = assemble::state_factory(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let state = (factory.open)(&settings.state).await.map_err(|error| error.chain())?;
        let parts = assemble::parts(settings)?;
        let operator = Operator::new(parts, state, now, "check").await.map_err(|error| error.chain())?;
        for institution in &settings.institutions {
            let id = &institution.facts.id;
            let handle = operator.administer(id).map_err(|error| error.chain())?;
            let (_, all) = handle.settings().await.map_err(|error| error.chain())?;
            let changed: Vec<_> = all.into_iter().filter_map(|it| Some((it.setting, it.changed?, it.value))).collect();
            with_overlay(origins, id.as_str(), &changed);
        }
        Ok(())
    })
}
