//! The command line.

use crate::{Failure, assemble};
use clap::{Args, Parser, Subcommand};
use passerelle_settings::{Settings, origins};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A stateless gateway for universities: one surface in front of the mail, directory and files that are already there.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version)]
pub(crate) struct Passerelle {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway.
    Serve {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
    },
    /// Check a configuration: exit 0, or 2 with file:line, what is wrong and what to do.
    Check {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Say where each value comes from.
        #[arg(long)]
        show_origin: bool,
    },
    /// Try each leg to each back-end and name the one that fails: exit 1 if any does.
    Doctor {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Only this institution.
        #[arg(long)]
        institution: Option<String>,
        /// Also look this login up, as the gateway would.
        #[arg(long)]
        user: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make and change accounts by a file: CSV with a head (login, name, mails, ...), or LDIF. Exit 1 if any line failed.
    Import {
        /// The folder of passerelle.toml.
        #[arg(long)]
        config: PathBuf,
        /// Whose accounts they are.
        #[arg(long)]
        institution: String,
        /// Only tell what would change and what is wrong, line by line.
        #[arg(long)]
        dry_run: bool,
        /// The file; one whose name ends in .ldif is LDIF.
        file: PathBuf,
    },
    /// Back up and restore what the gateway itself keeps.
    State {
        /// The folder of passerelle.toml.
        #[arg(long, global = true, default_value = ".")]
        config: PathBuf,
        #[command(subcommand)]
        action: StateAction,
    },
    /// Run the helper that acts as the owners of files, for act_as = "owner". Root starts it; it keeps next to nothing of
    /// root's powers.
    Hands(HandsArguments),
    /// Version, commit and features.
    Version,
}

#[derive(Debug, Args)]
pub(crate) struct HandsArguments {
    /// The socket to listen at.
    #[arg(long)]
    pub(crate) socket: PathBuf,
    /// The account that the gateway runs as, a name or a number: nobody else but root may connect.
    #[arg(long, value_name = "UID|NAME")]
    pub(crate) serve: String,
    /// A folder below which it acts, from the root on; may be repeated.
    #[arg(long, required = true, value_name = "DIR")]
    pub(crate) below: Vec<PathBuf>,
    /// The lowest uidNumber that it acts for.
    #[arg(long, default_value_t = 1000, value_name = "UID")]
    pub(crate) lowest_uid: u32,
    /// The lowest gidNumber that it acts with.
    #[arg(long, default_value_t = 100, value_name = "GID")]
    pub(crate) lowest_gid: u32,
    /// Make a missing home right in one of the folders, for create = true.
    #[arg(long)]
    pub(crate) create: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StateAction {
    /// Write everything to one file.
    Backup {
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Replace everything by a backup. Every session and link of before ends.
    Restore {
        /// The file.
        file: PathBuf,
    },
}

/// `passerelle check`
pub(crate) fn check(config: &Path, show_origin: bool) -> Result<ExitCode, Failure> {
    let faults = match Settings::load(config) {
        Ok(settings) => assemble::faults(&settings),
        Err(faults) => faults.0,
    };
    let mut out = std::io::stdout().lock();
    if show_origin {
        for origin in origins(config)? {
            writeln!(out, "{}:{}: {} = {}", origin.file.display(), origin.line, origin.key, origin.value)?;
        }
    }
    if faults.is_empty() {
        writeln!(out, "{}: the configuration is fine", config.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    for fault in faults {
        complain(&fault);
    }
    Ok(ExitCode::from(2))
}

/// `passerelle version`
pub(crate) fn version() -> ExitCode {
    let commit = option_env!("PASSERELLE_COMMIT").unwrap_or("unknown");
    say(&format!(
        "passerelle {} (commit {commit}; surfaces: {}; adapters: {})",
        env!("CARGO_PKG_VERSION"),
        crate::registry::surface_names().join(" "),
        crate::registry::adapter_kinds().join(" "),
    ));
    ExitCode::SUCCESS
}

/// One line to standard output. Nobody listening is no failure of ours.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// One line to standard error.
pub(crate) fn complain(what: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{what}");
}
