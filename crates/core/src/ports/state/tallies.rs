//! How often what happened: numbers of the nodes' metrics, hour by hour, for the administrators of an institution.

use crate::ports::Fut;
use passerelle_model::{InstitutionId, Timestamp};

/// How long they are kept, in seconds: 35 days.
pub const TALLIES_KEPT: i64 = 35 * 86_400;

/// How often something happened within an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Where.
    pub institution: InstitutionId,
    /// When the hour began that it happened in.
    pub hour: Timestamp,
    /// What: the name of a metric and its labels, `passerelle_logins_total result=accepted surface=imap`.
    pub what: String,
    /// How often, on all nodes together.
    pub count: u64,
}

/// The tallies.
pub trait Tallies: Send + Sync {
    /// Adds to what there is, all of it or nothing.
    fn tally<'a>(&'a self, tallies: &'a [Tally]) -> Fut<'a, ()>;
    /// What happened in the hours that began at `since` or later, by hour and name.
    fn tallies<'a>(&'a self, institution: &'a InstitutionId, since: Timestamp) -> Fut<'a, Vec<Tally>>;
}
