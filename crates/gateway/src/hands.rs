//! `passerelle hands`: the helper that acts as the owners of files. A process of its own, which has neither settings nor
//! State, and no other thread when it gives up root's powers.

use crate::{Failure, command::HandsArguments, registry};
use passerelle_files_local::HandsOptions;
use passerelle_observe::Format;
use std::process::{Command, ExitCode};

pub(crate) fn hands(arguments: HandsArguments) -> Result<ExitCode, Failure> {
    let HandsArguments { socket, serve, below, lowest_uid, lowest_gid, create } = arguments;
    passerelle_observe::log_to_stderr(Format::Human)?;
    let options = HandsOptions { serve: account(&serve)?, socket, below, lowest_uid, lowest_gid, create };
    let helper = (registry::HANDS)(&options).map_err(|error| error.chain())?;
    tracing::info!(socket = %options.socket.display(), uid = options.serve, "hands are ready");
    match helper.run() {
        Ok(never) => match never {},
        Err(error) => Err(error.chain().into()),
    }
}

/// The number of an account. The system is asked for a name as every program asks it, so that a directory's names do too.
fn account(name: &str) -> Result<u32, Failure> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let asked = Command::new("/usr/bin/id").args(["-u", "--", name]).env_clear().output()?;
    let number = String::from_utf8(asked.stdout)?.trim().parse();
    number.map_err(|_| format!("--serve {name}: no such account").into())
}
