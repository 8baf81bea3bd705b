//! Expanded names.

use passerelle_core::ports::state::PropertyName;

/// The namespace of WebDAV itself.
pub(crate) const DAV: &str = "DAV:";

/// An expanded name (Namespaces in XML 1.0 §2.1); State keeps the same.
pub(crate) type Name = PropertyName;
