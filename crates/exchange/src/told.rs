//! What is asked for of a file, and what is told of it.

/// Most entries that are told one by one.
pub const MOST_ROWS: usize = 1000;
/// Of new ones so many.
const MOST_NEW_ROWS: usize = 100;

/// What is done with what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// It stays as it is.
    Skip,
    /// The file's takes its place.
    Replace,
    /// The file's is put beside it, under another UID.
    KeepBoth,
}

impl Duplicates {
    /// By its word; `None` for no word of one.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "skip" => Some(Self::Skip),
            "replace" => Some(Self::Replace),
            "both" => Some(Self::KeepBoth),
            _ => None,
        }
    }
}

/// Whether anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is told what would be.
    DryRun,
    /// It is done.
    Write,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What is done with what is there already.
    pub duplicates: Duplicates,
    /// Whether anything is done.
    pub mode: Mode,
    /// The line of the whole file that the part begins at, from 1.
    pub first_line: usize,
}

/// What came, or would come, of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// What the file is written in.
    pub format: &'static str,
    /// Entries that were not there.
    pub new: usize,
    /// Entries that took another's place.
    pub replaced: usize,
    /// Entries that are there already, and say the same.
    pub same: usize,
    /// Entries that are there already, otherwise, and were left.
    pub skipped: usize,
    /// Entries that cannot be.
    pub failed: usize,
    /// Entries one by one but for those that are the same, at most [`MOST_ROWS`] of them, and 100 new ones.
    pub rows: Vec<Row>,
    /// Whether there are more.
    pub more: bool,
}

/// What came of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the whole file.
    pub line: usize,
    /// What people call it; empty where that is not known.
    pub title: String,
    /// `new`, `replaced`, `skipped` or `failed`.
    pub outcome: &'static str,
    /// Why it failed.
    pub what: String,
}

impl Imported {
    pub(crate) fn take(&mut self, line: usize, title: String, outcome: &'static str, what: String) {
        let count = match outcome {
            Row::NEW => &mut self.new,
            Row::REPLACED => &mut self.replaced,
            Row::SAME => &mut self.same,
            Row::SKIPPED => &mut self.skipped,
            _ => &mut self.failed,
        };
        *count = count.saturating_add(1);
        let is_told = match outcome {
            Row::SAME => return,
            Row::NEW => self.new <= MOST_NEW_ROWS,
            _ => true,
        };
        if is_told && self.rows.len() < MOST_ROWS {
            self.rows.push(Row { line, title, outcome, what });
        } else {
            self.more = true;
        }
    }
}

impl Row {
    /// It was not there.
    pub const NEW: &'static str = "new";
    /// It took another's place.
    pub const REPLACED: &'static str = "replaced";
    /// It is there already.
    pub const SAME: &'static str = "same";
    /// It is there already, otherwise, and was left.
    pub const SKIPPED: &'static str = "skipped";
    /// It cannot be.
    pub const FAILED: &'static str = "failed";
}
