//! Mail on its way from an institution's MTA to its store: where it goes on to, and the inbox of calendars beside it.

use crate::{
    Actor, Add, Authorized, CalendarUser, Door, Error, Permit, Resource, Result, Tool, calendar_users::user_at, numbers,
};
use passerelle_model::{InboxRef, Rights};
use std::sync::Arc;

/// The job that puts what came by mail into calendars.
const JOB: &str = "deliver";

/// How mail to an institution's people is delivered through the gateway (`[deliver]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRules {
    /// The store's LMTP server: a host and port, or the path of a socket.
    pub store: String,
    /// When a message is from whom it says.
    pub trust: DeliveryTrust,
    /// Whether invitations of others come into calendars by themselves; answers and what is called off always do.
    pub invitations: bool,
}

/// When a message is believed to be from whom it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryTrust {
    /// Never: calendars get nothing.
    Nothing,
    /// Always: the MTA takes no message whose From is forged.
    Everything,
    /// By what the server of this name has written at its top (Authentication-Results, RFC 8601).
    ResultsOf(String),
}

impl Door {
    /// How mail to a domain is delivered; `None` where that is not set.
    pub fn delivery_to(&self, domain: &str) -> Option<Arc<DeliveryRules>> {
        self.house.load().at_domain(domain)?.delivery.clone()
    }

    /// The inbox of whoever gets mail at an address, for what the institution's own MTA has brought: who has sent it is nobody here, and
    /// what everybody may do to an inbox ([`Resource::held_by_all`]) its institution lets the gateway do for them. It adds, and no more:
    /// nothing of what is there is told. `None` for an address of nobody with calendars here, and where no delivery is set.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn inbox_of(&self, address: &str) -> Result<Option<(Authorized<InboxRef, Add>, CalendarUser)>> {
        let house = self.house.load_full();
        let user = match user_at(&house, address).await? {
            Some(user) => user,
            // What stands behind a plus is for filters (RFC 5233).
            None => match without_detail(address) {
                Some(plain) => match user_at(&house, &plain).await? {
                    Some(user) => user,
                    None => return Ok(None),
                },
                None => return Ok(None),
            },
        };
        let facts = &house.tenant(&user.inbox.0.institution)?.facts;
        if facts.delivery.is_none() || !facts.tools.has(Tool::Calendars) {
            return Ok(None);
        }
        let target = user.inbox.clone();
        let port = match target.port(&house) {
            Ok(port) => port,
            Err(Error::NotFound | Error::Unsupported { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let actor = Arc::new(Actor::System(JOB));
        let numbers = numbers::of_owner(&house, &actor, &target, port.as_ref()).await?;
        let permit = Permit::mint(target, actor, numbers);
        let held = InboxRef::held_by_all();
        debug_assert!(held.contains(Rights::ADD), "everybody may put something in");
        Ok(Some((Authorized { permit, port, house, held }, user)))
    }
}

/// An address without what stands behind a plus.
fn without_detail(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let (plain, _) = local.split_once('+').filter(|(plain, _)| !plain.is_empty())?;
    Some(format!("{plain}@{domain}"))
}
