//! Share links.

use crate::ports::Fut;
use passerelle_model::{Account, LinkId, Target, Timestamp};

/// A link. What it may do is a grant to `Grantee::Link`; its token is kept as a hash only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What it leads to.
    pub target: Target,
    /// Who made it.
    pub made_by: Account,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// SHA-256 of the token mixed with the epoch.
    pub token_hash: [u8; 32],
}

/// The links.
pub trait Links: Send + Sync {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Conflict` when the id is taken.
    fn add_link<'a>(&'a self, link: &'a Link) -> Fut<'a, ()>;
    /// The link of a token's hash.
    fn link_by_token<'a>(&'a self, token_hash: &'a [u8; 32]) -> Fut<'a, Option<Link>>;
    /// The links that lead to a target.
    fn links_to<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Link>>;
    /// Withdraws a link and its grants at once; `false` when there was none.
    fn remove_link<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool>;
}
