//! What `doctor`, `/readyz` and start-up ask of a back-end.

use std::{future::Future, pin::Pin};

/// One step of reaching a back-end and what came of it.
#[derive(Debug, Clone)]
pub struct Leg {
    /// The step: `dns`, `tcp`, `tls`, `bind`, `search`, `login`, `share`, `migrations`...
    pub name: &'static str,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It works; a short remark such as an address or a version.
    Works(String),
    /// It does not.
    Fails {
        /// What was tried, on what, and what came back. No secrets.
        what: String,
        /// What is to be done. Words of the program alone: the administrators of an institution read them too, who need not know
        /// addresses and accounts' names.
        remedy: &'static str,
    },
}

/// What an examination answers, in the end.
pub type Legs<'a> = Pin<Box<dyn Future<Output = Vec<Leg>> + Send + 'a>>;

/// Every back-end can be examined, step by step, without touching anyone's data. Steps stop at the first that fails.
pub trait Health: Send + Sync {
    /// The name the settings give it, for messages: `garonne.directory (ldap://...)`.
    fn name(&self) -> &str;
    /// Tries each leg within the back-end's own deadlines.
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>>;
}
