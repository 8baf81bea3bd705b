//! Whose calendar it is, as scheduling asks: by all the addresses that they have.

use passerelle_core::{CalendarUser, Result, Session};
use passerelle_model::Account;
use passerelle_wire_itip::{Address, Owner, schedule_tag};

/// The addresses of a calendar user.
pub(crate) fn addresses(user: &CalendarUser) -> Vec<Address> {
    user.mails.iter().map(|mail| Address::of_mail(mail)).collect()
}

/// Tells the Schedule-Tags of what is in somebody's calendars (RFC 6638 §3.2.10).
#[derive(Debug, Clone)]
pub struct Tags(Vec<Address>);

impl Tags {
    /// Of an owner's calendars.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say who they are.
    pub async fn of(session: &Session, owner: &Account) -> Result<Self> {
        Ok(Self(addresses(&session.calendar_owner(owner).await?)))
    }

    /// The tag of an object, without quotes; nothing for what is not for scheduling.
    pub fn tag(&self, content: &[u8]) -> Option<String> {
        if mentions_people(content) { schedule_tag(content, &Owner { addresses: &self.0 }) } else { None }
    }
}

/// The Schedule-Tag of one object of somebody's; nothing as well where who they are cannot be told now: an object is read all the same.
pub async fn tag(session: &Session, owner: &Account, content: &[u8]) -> Option<String> {
    if !mentions_people(content) {
        return None;
    }
    Tags::of(session, owner).await.ok()?.tag(content)
}

/// Whether an object may be for scheduling: most are not, and cost nothing then.
pub(crate) fn mentions_people(content: &[u8]) -> bool {
    const ORGANIZER: &[u8] = b"ORGANIZER";
    content.windows(ORGANIZER.len()).any(|some| some.eq_ignore_ascii_case(ORGANIZER))
}
