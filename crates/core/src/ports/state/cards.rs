//! Accounts' cards: what an institution notes of an account beside the directory.

use crate::ports::Fut;
use passerelle_model::{Account, Timestamp};

/// A log-in is noted when the last noted one is this old, in seconds.
pub const SIGN_IN_NOTED_EVERY: i64 = 3600;

/// What administrators write on a card. Empty text is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardText {
    /// Who answers for the account.
    pub owner: String,
    /// Who pays for it.
    pub customer: String,
    /// The country, as its customer writes it.
    pub country: String,
    /// What was subscribed to.
    pub subscription: String,
    /// What state the account is in, in the institution's own words.
    pub state: String,
    /// Where the person is reached outside.
    pub external_address: String,
    /// Anything else.
    pub comment: String,
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// What was written.
    pub text: CardText,
    /// When the subscription ends; the account is locked then.
    pub ends: Option<Timestamp>,
    /// Log-ins that were noted: one an hour at most.
    pub sign_ins: u64,
    /// The last one noted.
    pub last_sign_in: Option<Timestamp>,
}

/// The cards.
pub trait Cards: Send + Sync {
    /// An account's card; an empty one when nothing was ever noted.
    fn card<'a>(&'a self, account: &'a Account) -> Fut<'a, Card>;
    /// Writes text and end; log-ins stay.
    fn set_card<'a>(&'a self, account: &'a Account, text: &'a CardText, ends: Option<Timestamp>) -> Fut<'a, ()>;
    /// Notes a good log-in. Writes only when the last noted one is an hour old.
    fn signed_in<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()>;
    /// Accounts whose subscription has ended at `now` and was not dealt with yet; at most `limit`, the oldest first.
    fn ended_cards(&self, now: Timestamp, limit: usize) -> Fut<'_, Vec<Account>>;
    /// Notes that an end was dealt with. Nothing happens when the end was changed meanwhile.
    fn settle_card<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()>;
}
