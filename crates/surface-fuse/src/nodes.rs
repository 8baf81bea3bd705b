//! The numbers by which the kernel knows places (inodes). A number says nothing of whether something is there.

use fuser::INodeNo;
use std::{
    collections::HashMap,
    ffi::OsStr,
    sync::{Mutex, PoisonError},
};

/// Most places that the kernel may hold at once.
const MOST: usize = 1_000_000;

/// Places by number, as long as the kernel holds them. A place is names joined by `/`; the top is empty.
#[derive(Debug)]
pub(crate) struct Nodes(Mutex<Table>);

#[derive(Debug)]
struct Table {
    known: HashMap<u64, Known>,
    numbers: HashMap<String, u64>,
    next: u64,
}

#[derive(Debug)]
struct Known {
    path: String,
    /// How often the kernel was told it; it says when it forgets.
    told: u64,
}

impl Default for Nodes {
    fn default() -> Self {
        let next = INodeNo::ROOT.0.saturating_add(1);
        Self(Mutex::new(Table { known: HashMap::new(), numbers: HashMap::new(), next }))
    }
}

/// A name in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

impl Nodes {
    /// The place of a number.
    pub(crate) fn path(&self, number: INodeNo) -> Option<String> {
        if number == INodeNo::ROOT {
            return Some(String::new());
        }
        self.lock().known.get(&number.0).map(|known| known.path.clone())
    }

    /// The place of a name in a folder; `None` for a name that is no text, of which nothing is ever there.
    pub(crate) fn child(&self, folder: INodeNo, name: &OsStr) -> Option<String> {
        Some(join(&self.path(folder)?, name.to_str()?))
    }

    /// The number of a place that the kernel is told; `None` when it holds too many.
    pub(crate) fn tell(&self, path: &str) -> Option<INodeNo> {
        if path.is_empty() {
            return Some(INodeNo::ROOT);
        }
        let mut table = self.lock();
        if let Some(number) = table.numbers.get(path).copied() {
            if let Some(known) = table.known.get_mut(&number) {
                known.told = known.told.saturating_add(1);
            }
            return Some(INodeNo(number));
        }
        if table.known.len() >= MOST {
            return None;
        }
        let number = table.next;
        table.next = number.saturating_add(1);
        table.numbers.insert(path.to_owned(), number);
        table.known.insert(number, Known { path: path.to_owned(), told: 1 });
        Some(INodeNo(number))
    }

    /// The kernel has forgotten a number so many times.
    pub(crate) fn forget(&self, number: INodeNo, times: u64) {
        let mut table = self.lock();
        let Some(known) = table.known.get_mut(&number.0) else { return };
        known.told = known.told.saturating_sub(times);
        if known.told == 0
            && let Some(gone) = table.known.remove(&number.0)
            && table.numbers.get(&gone.path) == Some(&number.0)
        {
            table.numbers.remove(&gone.path);
        }
    }

    /// What was at one place is at another, with all below.
    pub(crate) fn moved(&self, from: &str, to: &str) {
        let mut table = self.lock();
        let Table { known, numbers, .. } = &mut *table;
        for (number, it) in known.iter_mut() {
            let Some(rest) = it.path.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
                continue;
            };
            let path = format!("{to}{rest}");
            if numbers.get(&it.path) == Some(number) {
                numbers.remove(&it.path);
            }
            numbers.insert(path.clone(), *number);
            it.path = path;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn numbers_live_as_long_as_the_kernel_holds_them() {
        let nodes = Nodes::default();
        let number = nodes.tell("a/b").unwrap();
        assert_eq!(nodes.tell("a/b"), Some(number));
        nodes.forget(number, 1);
        assert_eq!(nodes.path(number).as_deref(), Some("a/b"));
        nodes.forget(number, 1);
        assert_eq!(nodes.path(number), None);
        assert_ne!(nodes.tell("a/b"), Some(number));
    }

    #[test]
    fn a_move_takes_what_is_below_along() {
        let nodes = Nodes::default();
        let numbers = ["a", "a/b", "ab", "c"].map(|path| nodes.tell(path).unwrap());
        nodes.moved("a", "c");
        let paths = numbers.map(|number| nodes.path(number).unwrap());
        assert_eq!(paths, ["c", "c/b", "ab", "c"]);
        assert_eq!(nodes.tell("c"), Some(numbers[0]));
        // What had that place before is forgotten without taking the new one's number along.
        nodes.forget(numbers[3], 1);
        assert_eq!(nodes.tell("c"), Some(numbers[0]));
    }
}
