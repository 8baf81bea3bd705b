//! Whose a mail address is, and what can be offered to who sends mail.

use crate::{Door, Error, Result, SendingRules, Session, ports::Abilities};
use futures::future::join_all;
use passerelle_model::{Account, IdentityRef};

impl Session {
    /// Whose an address is. Says nothing of whether this person may send as it: that is decided when it is opened. No
    /// address is that of the person's own programs, for reports that nobody answers.
    ///
    /// # Errors
    /// `NotFound` for an address of nobody here, or of several; `Unavailable` when the directory cannot say.
    pub async fn identity(&self, address: Option<&str>) -> Result<IdentityRef> {
        let person = self.principal()?;
        let own = |address| IdentityRef { owner: person.account.clone(), address };
        let Some(address) = address else { return Ok(own(None)) };
        if person.person.mails.iter().any(|mail| mail.eq_ignore_ascii_case(address)) {
            return Ok(own(Some(address.to_owned())));
        }
        let domain = address.rsplit_once('@').map(|(_, domain)| domain).ok_or(Error::NotFound)?;
        let home = &person.account.institution;
        let institution = self.house.at_domain(domain).map_or(home, |facts| &facts.id);
        let facts = &self.house.tenant(institution)?.facts;
        let found = self.house.directory(institution)?.addressed(address).await?;
        let mut theirs = found.into_iter().filter(|person| self.house.is_of(facts, person));
        match (theirs.next(), theirs.next()) {
            (Some(one), None) => {
                let owner = Account { institution: institution.clone(), id: one.account };
                Ok(IdentityRef { owner, address: Some(address.to_owned()) })
            }
            (None, _) => Err(Error::NotFound),
            (Some(_), Some(_)) => {
                tracing::warn!(%institution, "two entries of the institution have one address: nobody sends as it");
                Err(Error::NotFound)
            }
        }
    }
}

impl Door {
    /// What can be offered to a client that has not said yet who it is: what the MTA of the institution at this host can,
    /// and at no such host what all of them can. One that cannot be asked is left out: nothing can be sent by it anyway.
    pub async fn sending_at(&self, host: Option<&str>) -> SendingOffer {
        let house = self.house.load_full();
        let own = host.and_then(|host| house.served_at(host)?.institution).map(|facts| facts.id.clone());
        let tenants = house.tenants.values().filter(|tenant| own.as_ref().is_none_or(|id| tenant.facts.id == *id));
        let asked = tenants.filter_map(|tenant| {
            let submission = tenant.submission.as_ref()?;
            let rules = &tenant.facts.sending;
            Some(async move {
                let abilities = rules.limit(submission.abilities().await.ok()?);
                Some(SendingOffer { abilities, recipients: rules.recipients })
            })
        });
        let both = |one: SendingOffer, other: SendingOffer| SendingOffer {
            abilities: one.abilities.both(other.abilities),
            recipients: one.recipients.min(other.recipients),
        };
        let nothing = SendingOffer { abilities: Abilities::default(), recipients: SendingRules::default().recipients };
        join_all(asked).await.into_iter().flatten().reduce(both).unwrap_or(nothing)
    }
}

/// What is offered to who sends mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingOffer {
    /// What the MTA can, within what the institution lets.
    pub abilities: Abilities,
    /// Most recipients of one message.
    pub recipients: u32,
}
