//! Accounts' cards: what an institution notes of an account beside the directory.

use crate::ports::Fut;
use aws_lc_rs::digest;
use passerelle_model::{Account, InstitutionId, Timestamp};

/// A log-in is noted when the last noted one is this old, in seconds.
pub const SIGN_IN_NOTED_EVERY: i64 = 3600;

/// Octets of a digest that tell cards apart.
const VERSION: usize = 16;

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

impl CardText {
    /// The names of its texts, as interfaces write them.
    pub const NAMES: [&str; 7] =
        ["owner", "customer", "country", "subscription", "state", "externalAddress", "comment"];

    /// One of its texts, to be read or written; `None` for no name of one.
    pub fn named(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "owner" => Some(&mut self.owner),
            "customer" => Some(&mut self.customer),
            "country" => Some(&mut self.country),
            "subscription" => Some(&mut self.subscription),
            "state" => Some(&mut self.state),
            "externalAddress" => Some(&mut self.external_address),
            "comment" => Some(&mut self.comment),
            _ => None,
        }
    }
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

impl Card {
    /// Tells what is written on it from what is written on it at another time: whoever changes a card says which one they saw.
    pub fn version(&self) -> String {
        let CardText { owner, customer, country, subscription, state, external_address, comment } = &self.text;
        let mut written = digest::Context::new(&digest::SHA256);
        for text in [owner, customer, country, subscription, state, external_address, comment] {
            // No text has this octet, so that none runs into the next.
            written.update(text.as_bytes());
            written.update(&[0]);
        }
        written.update(format!("{:?}", self.ends).as_bytes());
        written.finish().as_ref().iter().take(VERSION).fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
    }
}

/// The cards.
pub trait Cards: Send + Sync {
    /// An account's card; an empty one when nothing was ever noted.
    fn card<'a>(&'a self, account: &'a Account) -> Fut<'a, Card>;
    /// Writes text and end, where they are still what they were `before`; whether they were. Log-ins stay, and are not compared.
    fn set_card<'a>(
        &'a self,
        account: &'a Account,
        before: &'a Card,
        text: &'a CardText,
        ends: Option<Timestamp>,
    ) -> Fut<'a, bool>;
    /// Notes a good log-in. Writes only when the last noted one is an hour old.
    fn signed_in<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()>;
    /// How many accounts of an institution had a log-in noted after each of these moments.
    fn signed_in_after<'a>(&'a self, institution: &'a InstitutionId, moments: &'a [Timestamp]) -> Fut<'a, Vec<u64>>;
    /// Accounts whose subscription has ended at `now` and was not dealt with yet; at most `limit`, the oldest first.
    fn ended_cards(&self, now: Timestamp, limit: usize) -> Fut<'_, Vec<Account>>;
    /// Notes that an end was dealt with. Nothing happens when the end was changed meanwhile.
    fn settle_card<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()>;
}
