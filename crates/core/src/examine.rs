//! What `doctor` tries beyond each back-end by itself: our addresses at the providers, and one person's last hops.

use crate::{
    Error, Operator, Read, Resource, Result, door, numbers,
    permit::Permit,
    ports::{Health, Leg, Verdict},
};
use passerelle_model::{Account, AccountId, AccountRef, InstitutionId, Login, NodePath, NodeRef};
use std::{collections::BTreeSet, sync::Arc};

/// What was tried of one back-end.
#[derive(Debug)]
pub struct Examined {
    /// Whose it is.
    pub institution: InstitutionId,
    /// The back-end as the settings name it.
    pub back_end: String,
    /// What came of it.
    pub legs: Vec<Leg>,
}

impl Operator {
    /// Every back-end in force with the institution it serves.
    pub fn back_ends(&self) -> Vec<(Option<InstitutionId>, Arc<dyn Health>)> {
        self.house().back_ends()
    }

    /// Whether the providers know our addresses: each host of each institution, at the port that browsers use. Hosts that
    /// institutions share are told with the first of them.
    pub async fn examine_addresses(&self, port: u16) -> Vec<Examined> {
        let house = self.house();
        let (mut all, mut told) = (Vec::new(), BTreeSet::new());
        let mut tenants: Vec<_> = house.tenants.values().collect();
        tenants.sort_by(|a, b| a.facts.id.cmp(&b.facts.id));
        for tenant in tenants {
            let Some(realm) = house.realms.get(&tenant.facts.realm) else { continue };
            let front = if told.insert(&realm.id) { realm.front.as_ref() } else { None };
            let hosts: Vec<&String> = tenant.facts.hosts.iter().chain(front.iter().flat_map(|it| &it.hosts)).collect();
            for provider in &realm.providers {
                let Some(registered) = provider.as_registered() else { continue };
                let mut legs = Vec::new();
                for host in &hosts {
                    let authority = if port == 443 { (*host).clone() } else { format!("{host}:{port}") };
                    let base = format!("https://{authority}/{}/{}", provider.kind(), realm.id);
                    legs.extend(registered.examine_at(&base).await);
                }
                let (institution, back_end) = (tenant.facts.id.clone(), provider.name().to_owned());
                all.push(Examined { institution, back_end, legs });
            }
        }
        all
    }

    /// Looks a login up as a sign-on would, and opens the person's mail and files as the gateway would.
    ///
    /// # Errors
    /// `Invalid` for no login, `NotFound` for an institution or person that is none, `Unavailable` when the directory
    /// cannot say.
    pub async fn examine_person(&self, login: &str, institution: Option<&str>) -> Result<Vec<Examined>> {
        let account = self.find_person(login, institution).await?;
        let house = self.house();
        let tenant = house.tenant(&account.institution)?;
        let directory = house.directory(&account.institution)?;
        let of = |back_end: &str, legs| {
            let institution = account.institution.clone();
            Examined { institution, back_end: back_end.to_owned(), legs }
        };
        let found = Leg { name: "user", verdict: Verdict::Works(account.id.to_string()) };
        let mut all = vec![of(directory.name(), vec![found])];
        let actor = self.session().actor.clone();
        if let Some(mail) = &tenant.mail {
            let permit = Permit::mint(AccountRef(account.clone()), Arc::clone(&actor), None);
            all.push(of(mail.name(), mail.examine_as(&permit).await));
        }
        if let Some(filters) = &tenant.filters {
            let permit = Permit::mint(AccountRef(account.clone()), Arc::clone(&actor), None);
            all.push(of(filters.name(), filters.examine_as(&permit).await));
        }
        let spaces = tenant.facts.spaces.iter().map(|space| AccountId::of_space(&space.id));
        for id in std::iter::once(account.id.clone()).chain(spaces) {
            let Some(mount) = tenant.tree_of(&id) else { continue };
            let owner = Account { institution: account.institution.clone(), id };
            let root = NodeRef { owner: owner.clone(), mount: mount.id.clone(), path: NodePath::root() };
            let verdict = match self.stat(root).await {
                Ok(()) => Verdict::Works(format!("opened for {}", owner.id)),
                Err(Error::Unsupported { .. }) => {
                    Verdict::Works("opened with each person's own password; not tried".to_owned())
                }
                Err(Error::NotFound) => {
                    fails(format!("there is no space for {}", owner.id), "make it, or write create = true")
                }
                Err(error) => {
                    fails(error.chain(), "let the account that the gateway uses there open this person's space")
                }
            };
            all.push(of(mount.store.name(), vec![Leg { name: "space", verdict }]));
        }
        Ok(all)
    }

    async fn stat(&self, root: NodeRef) -> Result<()> {
        let (house, actor) = (self.house(), self.session().actor.clone());
        let port = root.port(house)?;
        let numbers = numbers::of_owner(house, &actor, &root, port.as_ref()).await?;
        let permit = Permit::<_, Read>::mint(root, actor, numbers);
        port.stat(&permit.narrow()).await.map(drop)
    }

    async fn find_person(&self, login: &str, institution: Option<&str>) -> Result<Account> {
        let house = self.house();
        let login = Login::parse(login.as_bytes()).map_err(Error::invalid)?;
        let named =
            institution.and_then(|id| house.tenants.get(&InstitutionId::parse(id).ok()?)).map(|it| it.facts.as_ref());
        let place = named.or_else(|| house.sign_on_place(&login, None)?.institution).ok_or(Error::NotFound)?;
        let id = AccountId::parse(login.local()).map_err(Error::invalid)?;
        let account = Account { institution: place.id.clone(), id };
        door::find(house, &account).await?.map(|_| account).ok_or(Error::NotFound)
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
