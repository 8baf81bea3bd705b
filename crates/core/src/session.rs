//! A session: somebody the gate has let in. The only thing a surface holds after log-in.

use crate::{
    Actor, Authorized, Clock, Delegation, Error, Institution, LinkHolder, Look, Principal, Resource, Result, Right,
    Strength, Tool,
    authorized::visits_by,
    house::House,
    numbers,
    permit::Permit,
    policy::{self, Asker, Owner},
    ports::state::Revocation,
    seal::Purpose,
    token::SessionToken,
    watch::Withdrawn,
};
use passerelle_model::{
    Account, AccountId, Grant, Grantee, GroupId, GroupRef, InstitutionId, NodePath, NodeRef, Rights, Timestamp,
};
use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Most groups that one question to the directory names.
pub const MOST_GROUPS_ASKED: usize = 32;
/// Most groups that one decision asks about; beyond it nothing is decided rather than something wrong.
const MOST_GROUPS: usize = 1024;

/// The longest that a tie sleeps without looking at the clock, in seconds: machines sleep too.
const LOOKED_AT_EVERY: i64 = 3600;

/// What a session hangs on: its account, its own id, the app password that opened it and when that ends.
#[derive(Debug, Clone)]
pub struct Tie {
    person: Option<(Account, Timestamp)>,
    /// Who made the link that it came by.
    maker: Option<(Account, Timestamp)>,
    ids: [Option<[u8; 16]>; 2],
    /// What must not be switched off meanwhile: the app passwords, where one opened it, and the tool that it serves.
    tools: [Option<Tool>; 2],
    until: Option<Timestamp>,
    clock: Clock,
    withdrawn: Arc<Withdrawn>,
}

impl Tie {
    /// The same, which also ends when its institution switches this tool off.
    #[must_use]
    pub fn of_tool(mut self, tool: Tool) -> Self {
        self.tools[1] = Some(tool);
        self
    }

    /// Whether any of it was withdrawn, was switched off, or has run out.
    pub fn is_withdrawn(&self) -> bool {
        let off = |(account, _): &(Account, Timestamp)| {
            self.tools.iter().flatten().any(|tool| self.withdrawn.is_off(&account.institution, *tool))
        };
        if self.person.as_ref().is_some_and(off) || self.until.is_some_and(|until| (self.clock)() >= until) {
            return true;
        }
        let mut people = self.person.iter().chain(&self.maker);
        people.any(|(account, since)| self.withdrawn.account(account, *since))
            || self.ids.iter().flatten().any(|id| self.withdrawn.session(id))
    }

    /// Ends when it is withdrawn, or has run out.
    pub fn withdrawn(self) -> impl Future<Output = ()> + Send + use<> {
        let mut changes = self.withdrawn.changes();
        async move {
            while !self.is_withdrawn() {
                let left = self.until.map_or(i64::MAX, |until| until.0.saturating_sub((self.clock)().0));
                let left = Duration::from_secs(left.clamp(0, LOOKED_AT_EVERY).unsigned_abs());
                if let Ok(Err(_)) = timeout(left, changes.changed()).await {
                    // The door is gone: the process is going down, and drains by itself.
                    return std::future::pending().await;
                }
            }
        }
    }
}

/// Somebody who was let in. Rebuilt for every HTTP request, kept by a connection for IMAP.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) actor: Arc<Actor>,
    pub(crate) house: Arc<House>,
    /// The web session's id; connections have none.
    pub(crate) web: Option<SessionToken>,
}

impl Session {
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person.
    ///
    /// # Errors
    /// `Forbidden` for a link: what asks for a person is not for it.
    pub fn principal(&self) -> Result<&Principal> {
        match self.actor.as_ref() {
            Actor::Person(principal) => Ok(principal),
            Actor::Link(_) | Actor::ApiClient(_) | Actor::System(_) => Err(Error::Forbidden),
        }
    }

    /// The person's institution.
    ///
    /// # Errors
    /// `Forbidden` for a link.
    pub fn institution(&self) -> Result<&Institution> {
        Ok(&self.house.tenant(&self.principal()?.account.institution)?.facts)
    }

    /// How the person's own institution looks; by a link, that of whose things it leads to.
    ///
    /// # Errors
    /// `Forbidden` for a program.
    pub fn look(&self) -> Result<Look> {
        let id = match self.actor.as_ref() {
            Actor::Link(holder) => &holder.root.owner().institution,
            _ => &self.principal()?.account.institution,
        };
        self.house.look(id).ok_or(Error::NotFound)
    }

    /// The link that let its holder in.
    pub fn link(&self) -> Option<&LinkHolder> {
        match self.actor.as_ref() {
            Actor::Link(holder) => Some(holder),
            Actor::Person(_) | Actor::ApiClient(_) | Actor::System(_) => None,
        }
    }

    /// The only way to data: look up, decide, hand out a handle. A handle is a snapshot; open again for each request.
    ///
    /// # Errors
    /// `NotFound` when it is not there or none of the actor's business, `Forbidden` when it may be seen only,
    /// `Unauthenticated` when the session was withdrawn meanwhile.
    pub async fn open<T: Resource, R: Right>(&self, target: T) -> Result<Authorized<T, R>> {
        self.check_in_force()?;
        self.check_has(target.tool())?;
        let tenant = self.house.tenant(target.institution())?;
        let owner = Owner {
            institution: target.institution(),
            account: target.owner().map(|owner| &owner.id),
            shares_with: &tenant.facts.shares_with,
        };
        let is_decided =
            policy::owns(&self.actor, owner) || !policy::may_meet(&self.actor, owner) || !target.may_be_shared();
        let (grants, groups) = if is_decided {
            (Vec::new(), Vec::new())
        } else {
            let grants = self.grants_on(&target).await?;
            let groups = self.groups_among(&grants).await?;
            (grants, groups)
        };
        let asker = Asker { actor: &self.actor, groups: &groups };
        let held = policy::decide(asker, owner, &grants, R::NEEDS, (self.house.clock)())?;
        let port = target.port(&self.house)?;
        let numbers = numbers::of_owner(&self.house, &self.actor, &target, &port).await?;
        let permit = Permit::mint(target, Arc::clone(&self.actor), numbers);
        Ok(Authorized {
            // Only stores of mail keep connections.
            permit: if T::keeps_connections() { permit.tied(self.tie().of_tool(Tool::Mail)) } else { permit },
            port,
            house: Arc::clone(&self.house),
            held,
        })
    }

    /// Whether the person's institution gives them a tool, for things of whomever, and what let them in is for it: what is off is
    /// not there.
    pub(crate) fn check_has(&self, tool: Option<Tool>) -> Result<()> {
        let (Some(tool), Actor::Person(person)) = (tool, self.actor.as_ref()) else { return Ok(()) };
        let opens = match tool {
            Tool::Mail => person.scope.opens_mail(),
            Tool::Files | Tool::Calendars | Tool::Contacts => person.scope.opens_files(),
            Tool::AppPasswords | Tool::Links => true,
        };
        let has = opens && self.house.tenant(&person.account.institution)?.facts.tools.has(tool);
        match tool {
            _ if has => Ok(()),
            Tool::Mail => Err(Error::Unsupported { what: "mail" }),
            Tool::Files | Tool::Calendars | Tool::Contacts | Tool::AppPasswords | Tool::Links => Err(Error::NotFound),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    /// Whether this session still holds. Cheap: it asks memory.
    ///
    /// # Errors
    /// `Unauthenticated` when it was withdrawn; `Unavailable` when nothing can be known of withdrawals.
    pub fn check_in_force(&self) -> Result<()> {
        if self.house.withdrawn.blind((self.house.clock)()) {
            return Err(Error::unavailable("state", "following withdrawals", "the watch on State is lost"));
        }
        if self.tie().is_withdrawn() { Err(Error::Unauthenticated) } else { Ok(()) }
    }

    /// What tells when this session ends, without the session: for what is under way long after everything else of it has
    /// been let go, a relay or an event stream.
    pub fn tie(&self) -> Tie {
        let person = match self.actor.as_ref() {
            Actor::Person(person) => Some((person.account.clone(), person.since)),
            // What its owner may no longer do, nobody does through it.
            Actor::Link(holder) => Some((holder.root.owner().clone(), holder.since)),
            Actor::ApiClient(_) | Actor::System(_) => None,
        };
        let (credential, until) = match self.actor.as_ref() {
            Actor::Person(person) => (person.credential, person.until),
            Actor::Link(holder) => (Some(visits_by(&holder.id)), holder.until),
            Actor::ApiClient(_) | Actor::System(_) => (None, None),
        };
        let (clock, withdrawn) = (self.house.clock, Arc::clone(&self.house.withdrawn));
        let by_app_password = matches!(self.actor.as_ref(), Actor::Person(it) if it.strength == Strength::AppPassword);
        let by_link = self.link().map(|link| link.root.tool());
        let tools = [by_app_password.then_some(Tool::AppPasswords).or(by_link.map(|_| Tool::Links)), by_link];
        let maker = self.link().and_then(|link| Some((link.maker.clone()?, link.since)));
        Tie { person, maker, ids: [self.web.as_ref().map(|web| web.id), credential], tools, until, clock, withdrawn }
    }

    /// An account as paths and interfaces name it: `login` at home, `login@domain` anywhere. Says nothing of whether it exists.
    pub fn account_named(&self, name: &str) -> Option<Account> {
        match self.actor.as_ref() {
            Actor::Person(person) => self.house.account_named(name, &person.account.institution),
            // A program that serves several institutions names accounts by their whole names.
            Actor::ApiClient(program) => match program.institutions() {
                [home] => self.house.account_named(name, home),
                _ => self.house.account_wholly_named(name),
            },
            Actor::Link(_) | Actor::System(_) => None,
        }
    }

    /// Accounts by `login`, of the institution at hand, or by `login@domain`.
    ///
    /// # Errors
    /// `NotFound` when one of them cannot be an account: what cannot be one is nobody's.
    pub fn accounts_named(&self, home: &InstitutionId, names: &[String]) -> Result<Vec<Account>> {
        let one = |name: &String| {
            if name.contains('@') {
                return self.account_named(name);
            }
            Some(Account { institution: home.clone(), id: AccountId::parse(name).ok()? })
        };
        names.iter().map(one).collect::<Option<_>>().ok_or(Error::NotFound)
    }

    /// How an account is named to this person; the reverse of [`Self::account_named`].
    pub fn name_of(&self, account: &Account) -> String {
        match self.actor.as_ref() {
            Actor::Person(person) => self.house.name_of(account, &person.account.institution),
            Actor::Link(_) | Actor::System(_) => account.id.to_string(),
            // A program may serve several institutions: the whole name says which.
            Actor::ApiClient(program) => match program.institutions() {
                [home] => self.house.name_of(account, home),
                _ => self.house.whole_name_of(account),
            },
        }
    }

    /// `login@domain`, wherever the reader is.
    pub fn whole_name_of(&self, account: &Account) -> String {
        self.house.whole_name_of(account)
    }

    /// The root of an owner's files; `None` when the owner's institution has none.
    pub fn home_of(&self, owner: &Account) -> Option<NodeRef> {
        let mount = self.house.tree_of(owner)?.clone();
        Some(NodeRef { owner: owner.clone(), mount, path: NodePath::root() })
    }

    /// Seals this web session into a cookie's value.
    ///
    /// # Errors
    /// `Unsupported` for what is no web session.
    pub fn seal(&self) -> Result<String> {
        let web = self.web.as_ref().ok_or(Error::Unsupported { what: "sealing a connection" })?;
        web.seal(Purpose::Session, &self.house, self.principal()?)
    }

    /// Ends this web session, on every node.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; then it has not ended.
    pub async fn end(&self) -> Result<()> {
        let Some(web) = &self.web else { return Ok(()) };
        let revocation = Revocation::Session { id: web.id, expires: web.expires };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        if let Delegation::Tokens(bearer) = &self.principal()?.delegation {
            bearer.forget().await?;
        }
        Ok(())
    }

    /// Where the browser goes to sign out at the provider that signed the person on. `back` is a page of ours.
    ///
    /// # Errors
    /// `Unavailable` when the provider cannot be asked.
    pub async fn leave(&self, back: &str) -> Result<Option<String>> {
        let principal = self.principal()?;
        let Some(signed_on) = &principal.signed_on else { return Ok(None) };
        let realm = self.house.realm_of(&principal.account.institution)?;
        let provider = realm.provider(&signed_on.kind).and_then(|provider| provider.as_browser());
        let Some(provider) = provider else { return Ok(None) };
        let tokens = match &principal.delegation {
            Delegation::Tokens(bearer) => Some(bearer.tokens().await?),
            Delegation::Password(_) | Delegation::Tickets(_) | Delegation::Token(_) | Delegation::None => None,
        };
        provider.leave(signed_on, tokens.as_ref(), back).await
    }

    /// Whether the person signed on so lately, in seconds: what changes an institution asks for it.
    pub fn is_fresh(&self, seconds: i64) -> bool {
        self.principal().is_ok_and(|person| (self.house.clock)() < person.since.plus(seconds))
    }

    /// When the web session ends by itself.
    pub fn expires(&self) -> Option<Timestamp> {
        self.web.as_ref().map(|web| web.expires)
    }

    /// Proof, for a form of our own page, that it was made for this session.
    pub fn form_token(&self) -> String {
        let id = self.web.as_ref().map_or([0; 16], |web| web.id);
        self.house.sealer.mac(Purpose::Form, self.house.state.epoch(), &id)
    }

    /// Whether a form's proof is this session's.
    pub fn form_token_holds(&self, token: &str) -> bool {
        let Some(web) = &self.web else { return false };
        self.house.sealer.mac_holds(Purpose::Form, self.house.state.epoch(), &web.id, token)
    }

    async fn grants_on<T: Resource>(&self, target: &T) -> Result<Vec<Grant>> {
        let mut grants = target.settled(&self.house);
        if let Actor::Person(person) = self.actor.as_ref()
            && person.strength == Strength::AppPassword
        {
            // An app password is for a person's programs: what the settings say of administrators is not for it.
            grants.retain(|grant| !matches!(grant.to, Grantee::Account(_)));
        }
        if let Some(account) = self.actor.account().filter(|_| T::held_by_all() != Rights::NONE) {
            grants.push(Grant { to: Grantee::Account(account.clone()), rights: T::held_by_all(), until: None });
        }
        grants.extend(self.house.state.grants_at(&target.target()).await?.into_iter().map(|granted| granted.grant));
        Ok(grants)
    }

    /// Those groups of the grants that the person is in. Static ones are known; the directory, and for the gateway's own
    /// groups State, is asked about the rest by member.
    pub(crate) async fn groups_among(&self, grants: &[Grant]) -> Result<Vec<GroupRef>> {
        let Actor::Person(person) = self.actor.as_ref() else { return Ok(Vec::new()) };
        let named: BTreeSet<&GroupRef> = grants
            .iter()
            .filter_map(|grant| match &grant.to {
                Grantee::Group(group) if group.id.is_of_gateway() => Some(group),
                Grantee::Group(group) if group.institution == person.account.institution => Some(group),
                Grantee::Account(_) | Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => None,
            })
            .collect();
        let (mut known, unknown): (Vec<_>, Vec<_>) =
            named.into_iter().cloned().partition(|group| person.groups.contains(group));
        if unknown.len() > MOST_GROUPS {
            return Err(Error::unavailable("state", "reading grants", "more groups are named than can be asked about"));
        }
        let (ours, unknown): (Vec<_>, Vec<_>) = unknown.into_iter().partition(|group| group.id.is_of_gateway());
        let unknown: Vec<GroupId> = unknown.into_iter().map(|group| group.id).collect();
        let home = &person.account.institution;
        let within = self.house.tenant(home)?.facts.groups_within();
        for some in unknown.chunks(MOST_GROUPS_ASKED) {
            let found = self.house.directory(home)?.belongs(&person.person, within, some).await?;
            known.extend(found.into_iter().map(|id| GroupRef { institution: home.clone(), id }));
        }
        let ours: Vec<GroupRef> = ours.into_iter().filter(|group| self.house.may_join(group, home)).collect();
        if !ours.is_empty() {
            known.extend(self.house.state.joined(&person.account, &ours).await?);
        }
        Ok(known)
    }

    /// The same as a web session.
    pub(crate) fn into_web(self, token: SessionToken) -> Self {
        Self { web: Some(token), ..self }
    }

    /// A session for whoever holds a link.
    pub(crate) fn of_link(holder: LinkHolder, house: Arc<House>) -> Self {
        Self { actor: Arc::new(Actor::Link(Box::new(holder))), house, web: None }
    }
}
