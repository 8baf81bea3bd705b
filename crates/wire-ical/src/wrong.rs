//! What is wrong with a calendar or a card, and where.

use std::fmt;

/// Whose fault it is that something cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text does not follow the format.
    Malformed,
    /// A line, a count or a depth is beyond what is read at all.
    TooLarge,
    /// A recurrence has more instances, or takes more steps to be followed, than a question may cost.
    TooManyTimes,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line in the octets, from 1; 0 where it is the whole.
    pub line: usize,
    /// Which kind of wrong it is.
    pub fault: Fault,
    /// What is wrong there, for people. It may name a property, never tell a text of it.
    pub what: String,
}

impl Wrong {
    pub(crate) fn malformed(line: usize, what: impl Into<String>) -> Self {
        Self { line, fault: Fault::Malformed, what: what.into() }
    }

    pub(crate) fn too_large(line: usize, what: impl Into<String>) -> Self {
        Self { line, fault: Fault::TooLarge, what: what.into() }
    }

    pub(crate) fn too_many(line: usize, what: impl Into<String>) -> Self {
        Self { line, fault: Fault::TooManyTimes, what: what.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

impl std::error::Error for Wrong {}
