//! Calendar users (RFC 6638 §2.4): whose calendars an address leads to. Who may reach them is decided when they are opened.

use crate::{Door, Error, Result, Session, door::find, house::House};
use passerelle_model::{Account, AccountId, InboxRef, Person};

/// Somebody who can be invited, as the directories know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarUser {
    /// Where invitations to them go.
    pub inbox: InboxRef,
    /// Their addresses of mail, the first one is the one to write to.
    pub mails: Vec<String>,
    /// What they are called.
    pub name: String,
    /// What they are.
    pub kind: CalendarUserKind,
}

/// What a calendar user is (RFC 5545 §3.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarUserKind {
    /// A person.
    Individual,
    /// A room, which answers by itself.
    Room,
}

impl CalendarUserKind {
    /// Its word in iCalendar.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "INDIVIDUAL",
            Self::Room => "ROOM",
        }
    }
}

impl CalendarUser {
    fn of(house: &House, account: Account, person: &Person) -> Result<Self> {
        let rules = &house.tenant(&account.institution)?.facts.scheduling;
        let kind =
            if rules.rooms.contains(&person.account) { CalendarUserKind::Room } else { CalendarUserKind::Individual };
        Ok(Self { inbox: InboxRef(account), mails: person.mails.clone(), name: person.display_name.clone(), kind })
    }
}

/// Whose an address of mail is, as [`Session::calendar_user`] says it.
pub(crate) async fn user_at(house: &House, address: &str) -> Result<Option<CalendarUser>> {
    let Some((_, domain)) = address.rsplit_once('@') else { return Ok(None) };
    let Some(facts) = house.at_domain(domain) else { return Ok(None) };
    let found = house.directory(&facts.id)?.addressed(address).await?;
    let mut theirs = found.into_iter().filter(|person| house.is_of(facts, person));
    let (Some(person), None) = (theirs.next(), theirs.next()) else { return Ok(None) };
    let account = Account { institution: facts.id.clone(), id: person.account.clone() };
    // What may be used is what the entry says now, by its login.
    if find(house, &account).await?.is_none() {
        return Ok(None);
    }
    let mut user = CalendarUser::of(house, account, &person)?;
    if !user.mails.iter().any(|mail| mail.eq_ignore_ascii_case(address)) {
        user.mails.push(address.to_owned());
    }
    Ok(Some(user))
}

impl Session {
    /// Whose an address of mail is, in whatever institution here that has its domain: also of who asked not to be listed, as whoever has
    /// the whole address knows it already. `None` for nobody here, for several, and for an account that may not be used.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn calendar_user(&self, address: &str) -> Result<Option<CalendarUser>> {
        user_at(&self.house, address).await
    }

    /// Who somebody is whose calendar is at hand.
    ///
    /// # Errors
    /// `NotFound` for an account that is not there; `Unavailable` when the directory cannot say.
    pub async fn calendar_owner(&self, owner: &Account) -> Result<CalendarUser> {
        if let Ok(me) = self.principal()
            && me.account() == owner
        {
            return CalendarUser::of(&self.house, owner.clone(), me.person());
        }
        let person = crate::door::find_any(&self.house, owner).await?.ok_or(Error::NotFound)?;
        CalendarUser::of(&self.house, owner.clone(), &person)
    }

    /// What an account is to calendars.
    pub fn calendar_kind(&self, account: &Account) -> CalendarUserKind {
        let is_room = |rooms: &[AccountId]| rooms.contains(&account.id);
        match self.house.tenant(&account.institution) {
            Ok(tenant) if is_room(&tenant.facts.scheduling.rooms) => CalendarUserKind::Room,
            _ => CalendarUserKind::Individual,
        }
    }

    /// The rooms of this person's institution, in the order of its settings.
    ///
    /// # Errors
    /// `Forbidden` for a link.
    pub fn rooms(&self) -> Result<Vec<Account>> {
        let own = self.institution()?;
        let one = |id: &AccountId| Account { institution: own.id.clone(), id: id.clone() };
        Ok(own.scheduling.rooms.iter().map(one).collect())
    }

    /// Whether the mail of an address is of an institution here: whoever is not found then is nobody.
    pub fn is_local(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').and_then(|(_, domain)| self.house.at_domain(domain));
        domain.is_some_and(|facts| self.principal().is_ok_and(|me| me.account().institution == facts.id))
    }

    /// Most people that one event of an owner's may invite.
    ///
    /// # Errors
    /// `NotFound` for an institution that is not there.
    pub fn most_attendees(&self, owner: &Account) -> Result<usize> {
        let most = self.house.tenant(&owner.institution)?.facts.scheduling.attendees;
        Ok(usize::try_from(most).unwrap_or(usize::MAX))
    }
}

impl Door {
    /// Whether the institution at a host has calendars; at no such host, whether any has.
    pub fn has_calendars_at(&self, host: Option<&str>) -> bool {
        let house = self.house.load_full();
        let own = host.and_then(|host| house.served_at(host)?.institution).map(|facts| &facts.id);
        house.tenants.values().any(|tenant| own.is_none_or(|id| tenant.facts.id == *id) && tenant.calendars.is_some())
    }
}
