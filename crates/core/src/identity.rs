//! Whose a mail address is, and what can be offered to who sends mail.

use crate::{Door, Error, Result, SendingRules, Session, Tool, door, ports::Abilities, shared::owner_of};
use futures::future::join_all;
use passerelle_model::{Account, IdentityRef, ResourceKind, Rights};

/// Most names that a person is offered to send as.
const MOST_NAMES: usize = 100;

/// A name that a person may send as, as far as can be told beforehand: it is decided when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingName {
    /// Whose it is.
    pub owner: Account,
    /// The address.
    pub address: String,
    /// The owner's name, as the directory has it.
    pub display_name: String,
}

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

impl Session {
    /// The names that this person may send as: their own, the first one first, and those of accounts that let them, as far as
    /// their directories can be asked. At most 100.
    ///
    /// # Errors
    /// `Unavailable` when State or the person's own directory cannot say.
    pub async fn sending_names(&self) -> Result<Vec<SendingName>> {
        let person = self.principal()?;
        let names = |owner: &Account, mails: &[String], display_name: &str| -> Vec<SendingName> {
            let name = |address: &String| SendingName {
                owner: owner.clone(),
                address: address.clone(),
                display_name: display_name.to_owned(),
            };
            mails.iter().map(name).collect()
        };
        let mut all = names(&person.account, &person.person.mails, &person.person.display_name);
        for granted in self.shared(ResourceKind::Account, Tool::Mail).await? {
            let Some(owner) = owner_of(&granted) else { continue };
            if all.len() >= MOST_NAMES || !granted.grant.rights.contains(Rights::SEND_AS) {
                continue;
            }
            match door::find(&self.house, &owner).await {
                Ok(Some(person)) => all.extend(names(&owner, &person.mails, &person.display_name)),
                Ok(None) => {}
                // Whose directory is away keeps nobody from sending as themselves.
                Err(error) => tracing::warn!(error = error.chain(), "an account's names to send as are not known"),
            }
        }
        let mut seen = std::collections::HashSet::new();
        all.retain(|name| seen.insert(name.address.to_ascii_lowercase()));
        all.truncate(MOST_NAMES);
        Ok(all)
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
