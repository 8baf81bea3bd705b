//! Ctrl-C does not end a task that has servers to end first: it is noted here, and the task looks.

use crate::failure::{Doing, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether Ctrl-C or a termination came since [`Interrupt::watch`].
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the two signals are only noted. Programs that we started get the terminal's as always.
    pub(crate) fn watch() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).doing(|| "watch for Ctrl-C".to_owned())?;
        }
        Ok(Self(flag))
    }

    pub(crate) fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
