//! `passerelle`: puts surfaces in front of back-ends. The only crate that names both.

mod assemble;
mod check;
mod command;
mod doctor;
mod exchange;
mod hands;
mod import;
mod institution;
mod mail;
mod memory;
mod mount;
mod operations;
mod registry;
mod serve;
mod state;
mod tallying;
mod target;

use clap::Parser;
use command::{Command, InstitutionAction, Passerelle};
use passerelle_model::CollectionFamily;
use std::process::ExitCode;

fn main() -> ExitCode {
    memory::reuse_large_blocks();
    let Passerelle { command } = Passerelle::parse();
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            command::complain(&error);
            ExitCode::from(1)
        }
    }
}

/// What a command may fail with: words for the person who called it.
type Failure = Box<dyn std::error::Error>;

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve { config } => serve::serve(&config),
        Command::Check { config, show_origin, state } => check::check(&config, check::Show::of(show_origin, state)),
        Command::Doctor { config, institution, user, json } => {
            doctor::doctor(&config, institution.as_deref(), user.as_deref(), json)
        }
        Command::Import { config, institution, dry_run, file } => {
            let mode = if dry_run { passerelle_core::ImportMode::DryRun } else { passerelle_core::ImportMode::Write };
            import::import(&config, &institution, &file, mode)
        }
        Command::Mail { action } => mail::mail(action),
        Command::Calendars { action } => exchange::exchange(CollectionFamily::Calendars, action),
        Command::Contacts { action } => exchange::exchange(CollectionFamily::Contacts, action),
        Command::Institution { action: InstitutionAction::New(new) } => institution::new(&new),
        Command::State { config, action } => state::state(&config, action),
        Command::Mount { config, at } => mount::mount(&config, &at),
        Command::Hands(arguments) => hands::hands(arguments),
        Command::Draw { kind, size } => Ok(passerelle_draw::child(&kind, size)),
        Command::Version => Ok(command::version()),
    }
}
