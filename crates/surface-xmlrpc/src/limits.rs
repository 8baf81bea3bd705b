//! How many calls somebody may make in a minute. A multicall counts as the calls in it.

/// Most calls of an API client in a minute.
pub(crate) const CLIENT_CALLS_A_MINUTE: u32 = 120_000;
/// Most calls of an administrator in a minute.
pub(crate) const PERSON_CALLS_A_MINUTE: u32 = 6_000;
/// Most changes of one account, group or other target in a minute, by whomever.
pub(crate) const CHANGES_OF_ONE_A_MINUTE: u32 = 120;
