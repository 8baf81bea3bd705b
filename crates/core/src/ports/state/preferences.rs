//! What people have set for themselves.

use crate::ports::Fut;
use passerelle_model::Account;

/// What people have set for themselves: each a name and a text, which State does not look into.
pub trait Preferences: Send + Sync {
    /// All that somebody has set, by name.
    fn preferences_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<(String, String)>>;
    /// Sets one, or takes it away.
    fn set_preference<'a>(&'a self, owner: &'a Account, name: &'a str, value: Option<&'a str>) -> Fut<'a, ()>;
}
