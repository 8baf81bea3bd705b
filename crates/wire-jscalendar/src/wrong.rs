//! Why a JSCalendar object cannot be kept as iCalendar.

use std::fmt;

/// A property that cannot have this value, by its name and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The property, or the path to a part of one: `participants/a/kind`.
    pub property: String,
    /// Why, for people; no value of it.
    pub what: String,
}

impl Refused {
    pub(crate) fn new(property: impl Into<String>, what: impl Into<String>) -> Self {
        Self { property: property.into(), what: what.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property, self.what)
    }
}

impl std::error::Error for Refused {}
