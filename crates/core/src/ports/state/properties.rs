//! Dead properties (RFC 4918 §4.1): what DAV clients hang on a file and only they understand.

use crate::ports::Fut;
use passerelle_model::Target;

/// An XML name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PropertyName {
    /// The namespace; empty for none.
    pub namespace: String,
    /// The local name.
    pub name: String,
}

/// A property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: PropertyName,
    /// Its content, as well-formed XML that stands for itself (each prefix declared); at most 64 KiB.
    pub xml: String,
}

/// One step of a PROPPATCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyChange {
    /// Set it.
    Set(Property),
    /// Remove it; nothing happens when it is not there.
    Remove(PropertyName),
}

/// The properties.
pub trait Properties: Send + Sync {
    /// Those of a target.
    fn properties<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Property>>;
    /// Those of everything directly in a folder, by path: one question for a whole listing.
    fn properties_in<'a>(&'a self, folder: &'a Target) -> Fut<'a, Vec<(String, Property)>>;
    /// All steps or none (RFC 4918 §9.2).
    fn patch_properties<'a>(&'a self, target: &'a Target, changes: &'a [PropertyChange]) -> Fut<'a, ()>;
}
