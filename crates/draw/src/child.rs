//! The process that draws one picture: the file from standard input, the picture to standard output, and the way it ended as its
//! exit code. It gives up what it does not need before it reads the first octet.

use crate::{Kind, LARGEST_FILE, PATIENCE, SIZES, Undrawn, draw};
use rustix::{
    process::{Resource, Rlimit, setrlimit},
    thread::set_no_new_privs,
};
use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

/// Exit codes. What ends otherwise, by a panic or a signal, has crashed.
pub(crate) const DRAWN: u8 = 0;
pub(crate) const BROKEN: u8 = 3;
pub(crate) const TOO_LARGE: u8 = 4;
/// The call itself is wrong, or the system refuses the limits.
pub(crate) const UNFIT: u8 = 5;

/// All the memory of the process, the program's own text with it.
const MEMORY: u64 = 1 << 30;

/// Draws one picture, and is the rest of its process. `kind` is a [`Kind`]'s word, `size` one of [`SIZES`].
pub fn child(kind: &str, size: u32) -> ExitCode {
    let Some(kind) = Kind::parse(kind).filter(|_| SIZES.contains(&size)) else { return ExitCode::from(UNFIT) };
    // What is told of a crash is its exit code; where it happened is nobody's to read in the log of a gateway.
    std::panic::set_hook(Box::new(|_| {}));
    if confine().is_err() {
        return ExitCode::from(UNFIT);
    }
    let mut octets = Vec::new();
    let whole = io::stdin().lock().take(LARGEST_FILE.saturating_add(1)).read_to_end(&mut octets);
    if whole.is_err() {
        return ExitCode::from(UNFIT);
    }
    match draw(kind, size, octets) {
        Ok(picture) => {
            let mut out = io::stdout().lock();
            let head = [u8::from(picture.media_type == "image/png")];
            let written = out.write_all(&head).and_then(|()| out.write_all(&picture.octets)).and_then(|()| out.flush());
            ExitCode::from(if written.is_ok() { DRAWN } else { UNFIT })
        }
        Err(Undrawn::Broken) => ExitCode::from(BROKEN),
        Err(Undrawn::TooLarge) => ExitCode::from(TOO_LARGE),
    }
}

/// Limits of memory, time and files. They bound what a hostile file costs; they are no cage for foreign code.
fn confine() -> rustix::io::Result<()> {
    let only = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, only(MEMORY))?;
    setrlimit(Resource::Cpu, only(PATIENCE.as_secs()))?;
    setrlimit(Resource::Fsize, only(0))?;
    setrlimit(Resource::Core, only(0))?;
    setrlimit(Resource::Nofile, only(3))?;
    set_no_new_privs(true)
}
