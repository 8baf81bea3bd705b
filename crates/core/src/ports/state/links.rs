//! Share links.

use crate::ports::Fut;
use passerelle_model::{Account, LinkId, Target, Timestamp};

/// A link. What it may do is a grant to `Grantee::Link`; its token and its password are kept as hashes only.
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
    /// What its maker calls it; may be empty.
    pub label: String,
    /// Salt and hash of its password, where it has one.
    pub password: Option<LinkPassword>,
    /// How often files may be read through it; any number without.
    pub most_downloads: Option<u32>,
    /// How often files were read through it; counted where there is a limit.
    pub downloads: u32,
}

/// 16 octets of salt and 32 of PBKDF2-HMAC-SHA256 (RFC 8018 §5.2).
pub type LinkPassword = [u8; 48];

impl Link {
    /// A link without an end, a name, a password or a limit.
    pub fn new(id: LinkId, target: Target, made_by: Account, token_hash: [u8; 32]) -> Self {
        let label = String::new();
        Self { id, target, made_by, until: None, token_hash, label, password: None, most_downloads: None, downloads: 0 }
    }
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
    /// The links to anything of an owner's, by target.
    fn links_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Link>>;
    /// Counts one download; `false` when the link has no more, or is gone. Of the last one, of two at once only one is told
    /// `true`, on whatever nodes.
    fn count_download<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool>;
    /// Says that somebody else made a link; `false` when there is none of that id.
    fn take_link<'a>(&'a self, id: &'a LinkId, made_by: &'a Account) -> Fut<'a, bool>;
    /// Withdraws a link and its grants at once; `false` when there was none.
    fn remove_link<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool>;
}
