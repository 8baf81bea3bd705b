//! What programs have open.

use crate::{reading::Reader, writing::Writer};
use fuser::FileHandle;
use passerelle_core::ports::NodeKind;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Most files and folders that are open at once.
const MOST: usize = 100_000;

/// Something that is open.
pub(crate) enum Open {
    /// A folder, listed.
    Folder(Vec<(String, NodeKind)>),
    /// A file, to be read.
    Reading(Reader),
    /// A file, to be written, and what reads it where it was opened for both.
    Writing(Writer, Option<Reader>),
}

/// What is open, by the numbers that the kernel has for it.
#[derive(Default)]
pub(crate) struct Handles(Mutex<Table>);

#[derive(Default)]
struct Table {
    open: HashMap<u64, Arc<tokio::sync::Mutex<Open>>>,
    /// New files that are not visible yet, by place: whose, and their handle.
    coming: HashMap<(u32, String), u64>,
    next: u64,
}

impl Handles {
    /// Keeps something open; `None` when too much is.
    pub(crate) fn keep(&self, open: Open) -> Option<FileHandle> {
        let mut table = self.lock();
        if table.open.len() >= MOST {
            return None;
        }
        let number = table.next;
        table.next = number.wrapping_add(1);
        table.open.insert(number, Arc::new(tokio::sync::Mutex::new(open)));
        Some(FileHandle(number))
    }

    /// What has this number.
    pub(crate) fn get(&self, handle: FileHandle) -> Option<Arc<tokio::sync::Mutex<Open>>> {
        self.lock().open.get(&handle.0).cloned()
    }

    /// Lets it go. An upload that was not committed leaves what was there.
    pub(crate) fn close(&self, handle: FileHandle) {
        let mut table = self.lock();
        table.open.remove(&handle.0);
        table.coming.retain(|_, coming| *coming != handle.0);
    }

    /// A new file of somebody's that is not visible yet.
    pub(crate) fn expect(&self, number: u32, path: &str, handle: FileHandle) {
        self.lock().coming.insert((number, path.to_owned()), handle.0);
    }

    /// It is visible, or will never be.
    pub(crate) fn arrived(&self, handle: FileHandle) {
        self.lock().coming.retain(|_, coming| *coming != handle.0);
    }

    /// Somebody's new file at a place, which its maker sees already.
    pub(crate) fn coming(&self, number: u32, path: &str) -> Option<Arc<tokio::sync::Mutex<Open>>> {
        let table = self.lock();
        let handle = table.coming.get(&(number, path.to_owned()))?;
        table.open.get(handle).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
