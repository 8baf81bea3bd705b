//! The port to the scripts that sort a person's mail when it is delivered (Sieve, RFC 5228).

use super::{ClientFacts, Fut, Health, Legs, StoreStream};
use crate::{
    Permit,
    rights::{Edit, Read},
};
use passerelle_model::AccountRef;

/// Largest script that is read or kept whole, in octets.
pub const LARGEST_SCRIPT: usize = 256 * 1024;

/// Most scripts of somebody that are read at once.
pub const MOST_SCRIPTS: usize = 64;

/// A store of filter scripts. The operations are for pages that write small scripts; a client's own pass by the relay.
pub trait Filters: Health {
    /// The scripts.
    ///
    /// # Errors
    /// As [`FilterRelay::connect`].
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<FilterScript>>;

    /// A script's text.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name.
    fn read<'a>(&'a self, at: &'a Permit<AccountRef, Read>, name: &'a ScriptName) -> Fut<'a, Vec<u8>>;

    /// All scripts with their texts, in one visit.
    ///
    /// # Errors
    /// `TooLarge` where there are more than [`MOST_SCRIPTS`].
    fn read_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<(FilterScript, Vec<u8>)>>;

    /// Whether the store understands a script, which is not kept.
    ///
    /// # Errors
    /// `Invalid` with the compiler's words when it does not; else as [`Self::put`].
    fn check<'a>(&'a self, at: &'a Permit<AccountRef, Read>, script: &'a [u8]) -> Fut<'a, ()>;

    /// What the store can, which is the same for everybody.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached.
    fn powers(&self) -> Fut<'_, FilterPowers>;

    /// Keeps a script, in place of one of the same name; which one is active stays.
    ///
    /// # Errors
    /// `Invalid` with the compiler's words when the store does not understand it; `OverQuota` when there is no room;
    /// `TooLarge` beyond [`LARGEST_SCRIPT`].
    fn put<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName, script: &'a [u8]) -> Fut<'a, ()>;

    /// Makes one script active, or none.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name.
    fn activate<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: Option<&'a ScriptName>) -> Fut<'a, ()>;

    /// Removes a script.
    ///
    /// # Errors
    /// `Conflict` for the one that is active, `NotFound` when there is none of this name.
    fn remove<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName) -> Fut<'a, ()>;

    /// Tries to open somebody's scripts as the gateway would, for `doctor`; without the person's own password.
    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a>;

    /// The power to hand a client through.
    fn as_filter_relay(&self) -> Option<&dyn FilterRelay> {
        None
    }
}

/// An authenticated raw ManageSieve stream (RFC 5804).
pub trait FilterRelay: Send + Sync {
    /// Connects to the owner's scripts and logs in as the owner. Who may change scripts may forward and discard mail: it
    /// takes the right to edit.
    ///
    /// # Errors
    /// `Unavailable` when the store is down, does not answer within its deadline, or refuses the log-in that the settings
    /// say must work; `Unauthenticated` when it refuses the person's own password; `Unsupported` when only that would do
    /// and there is none.
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, client: &'a ClientFacts) -> Fut<'a, FilterConnection>;
}

/// A script's name (RFC 5804 §1.6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptName(String);

impl ScriptName {
    /// Longest name, in octets: 128 characters of four.
    pub const LONGEST: usize = 512;

    /// A name: not empty, at most 512 octets, without control characters, line and paragraph separators, and `/`, which some
    /// stores take for a folder.
    pub fn parse(text: &str) -> Option<Self> {
        let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '/');
        (!text.is_empty() && text.len() <= Self::LONGEST && !text.contains(odd)).then(|| Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A script of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterScript {
    /// Its name.
    pub name: ScriptName,
    /// Whether it sorts the mail that comes.
    pub active: bool,
}

/// What a store of filter scripts can (RFC 5804 §1.7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterPowers {
    /// The program's name and version, as it says.
    pub program: String,
    /// The extensions of Sieve that scripts may require.
    pub extensions: Vec<String>,
    /// Ways to notify somebody (RFC 5435 §3).
    pub notify: Vec<String>,
    /// Most messages that a script may send on; `None` where the store does not say.
    pub redirects: Option<u32>,
}

impl FilterPowers {
    /// Whether scripts may require an extension.
    pub fn has(&self, extension: &str) -> bool {
        self.extensions.iter().any(|it| it == extension)
    }
}

/// A connection past log-in, at rest: no response is outstanding.
#[derive(Debug)]
pub struct FilterConnection {
    /// The stream.
    pub stream: StoreStream,
    /// Octets of the store that came after the log-in's answer.
    pub early: Vec<u8>,
    /// How long the store may take for an answer.
    pub deadline: std::time::Duration,
    /// The store as the settings name it, for messages.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["vacation", "Mon été", "a.b \"c\""] {
            assert!(ScriptName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a\r\nb", "a\0", "../x", "a\u{2028}", &"x".repeat(513)] {
            assert!(ScriptName::parse(bad).is_none(), "{bad}");
        }
    }
}
