//! Handles on mail accounts that people have elsewhere ([decision](../../../../docs/decisions/0017-external-accounts.md)).
//!
//! The password lies in State, sealed under the installation's keys and bound to its owner, the server and the login there:
//! neither the database nor the settings alone open it, and a row that was changed or given to somebody else opens nothing.

use super::maildrop_uids::KeptUids;
use crate::{
    Allows, Authorized, Error, LONGEST_PASSWORD, Lookup, Manage, Permit, Read, Resource, Result,
    house::House,
    ports::{
        ExternalFault, ExternalProtocol, ExternalServer, RelayConnection,
        state::{ExternalAccount, FoldersNoted, LONGEST_FOLDERS},
    },
    seal::{self, Purpose},
};
use passerelle_model::{Account, AccountRef, ExternalId, ExternalRef, Rights, Secret};
use std::fmt;

/// Most external accounts of one owner.
pub const MOST_EXTERNAL: usize = 10;
/// Longest label, in characters.
pub const LONGEST_LABEL: usize = 40;
/// For how long a list of folders is told again before the server is asked anew, in seconds.
const FRESH: i64 = 30;
/// For how long a server that failed is left alone, in seconds, unless somebody opens one of its folders.
const LEFT_ALONE: i64 = 60;

/// A folder of an external account, as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalFolder {
    /// Its name, with `/` between levels.
    pub name: String,
    /// What can be said of it, joined by spaces: `\Noselect \HasChildren`.
    pub attributes: String,
}

/// How far what is known of an account's folders can be told without asking its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// They were just read.
    Fresh,
    /// The server just failed, or waits for its owner: it is left alone.
    Failing,
    /// The server is to be asked.
    Stale,
}

/// Why an account was not added.
#[derive(Debug)]
pub enum ExternalRefused {
    /// The server was tried.
    Server(ExternalFault),
    /// It did not come to that.
    Gate(Error),
}

impl From<Error> for ExternalRefused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// The person's external accounts, by their labels; none where the institution does not offer them.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn external_accounts(&self) -> Result<Vec<ExternalAccount>> {
        if !self.offers_external() {
            return Ok(Vec::new());
        }
        self.house.state.externals_of(&self.target().0).await
    }

    /// Whether one may be reached without TLS.
    pub fn external_takes_clear(&self) -> bool {
        let tenant = self.house.tenant(&self.target().0.institution);
        tenant.is_ok_and(|tenant| tenant.external.as_ref().is_some_and(|external| external.takes_clear()))
    }

    /// Whether the person's institution offers external accounts.
    pub fn offers_external(&self) -> bool {
        self.house.tenant(&self.target().0.institution).is_ok_and(|tenant| tenant.external.is_some())
    }
}

impl<R: Allows<Manage>> Authorized<AccountRef, R> {
    /// Adds an account that the person has elsewhere, once it has let us in.
    ///
    /// # Errors
    /// What the server did; `Invalid` for a label or password that cannot be, `Conflict` for a label that is there,
    /// `OverQuota` beyond 10 of them, `Unsupported` where the institution does not offer them.
    pub async fn add_external(
        &self,
        label: &str,
        server: ExternalServer,
        password: &Secret,
    ) -> Result<ExternalAccount, ExternalRefused> {
        let label = checked_label(label)?;
        check_password(password)?;
        let owner = self.target().0.clone();
        let there = self.house.state.externals_of(&owner).await?;
        if there.iter().any(|row| row.label.to_lowercase() == label.to_lowercase()) {
            return Err(Error::Conflict.into());
        }
        if there.len() >= MOST_EXTERNAL {
            return Err(Error::OverQuota.into());
        }
        let id = new_id()?;
        self.attempt(&id, &server, password).await?;
        let mut row = ExternalAccount {
            id,
            owner,
            label,
            server,
            sealed: String::new(),
            made: (self.house.clock)(),
            fault: None,
            folders: None,
            uids: None,
        };
        row.sealed = sealed(&self.house, &row, password)?;
        self.house.state.add_external(&row).await?;
        Ok(row)
    }

    /// Gives one another password, once that has let us in.
    ///
    /// # Errors
    /// As [`Self::add_external`]; `NotFound` when there is none of this id.
    pub async fn renew_external(&self, id: &ExternalId, password: &Secret) -> Result<(), ExternalRefused> {
        check_password(password)?;
        let row = self.house.state.external(&self.target().0, id).await?.ok_or(Error::NotFound)?;
        self.attempt(id, &row.server, password).await?;
        let renewed = sealed(&self.house, &row, password)?;
        match self.house.state.reseal_external(&row.owner, id, &row.sealed, &renewed).await? {
            true => Ok(()),
            false => Err(Error::Conflict.into()),
        }
    }

    /// Removes one, with its password; `false` when there is none of this id.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn remove_external(&self, id: &ExternalId) -> Result<bool> {
        self.house.state.remove_external(&self.target().0, id).await
    }

    async fn attempt(
        &self,
        id: &ExternalId,
        server: &ExternalServer,
        password: &Secret,
    ) -> Result<(), ExternalRefused> {
        let at = ExternalRef { owner: self.target().0.clone(), id: id.clone() };
        let port = at.port(&self.house)?;
        let permit: Permit<ExternalRef, Lookup> = Permit::mint(at, self.permit.actor_shared(), None);
        let uids = KeptUids::of(&self.house, permit.target());
        // The connection ends here: a server bears that from clients which vanish.
        port.reach(&permit, server, password, uids).await.map(drop).map_err(ExternalRefused::Server)
    }
}

impl<R: Allows<Lookup>> Authorized<ExternalRef, R> {
    /// A raw stream to the server, logged in as the person there. Nothing that comes from it is to be believed.
    ///
    /// # Errors
    /// `NotFound` when the account was removed, `Unavailable` with an [`ExternalFault`] as its cause.
    pub async fn reach(&self) -> Result<RelayConnection> {
        let row = self.row().await?;
        if let Some((fault, _)) = row.fault.filter(|(fault, _)| fault.waits_for_owner()) {
            return Err(failed(fault));
        }
        let reached = match opened(&self.house, &row) {
            Ok(password) => {
                let uids = KeptUids::of(&self.house, self.target());
                self.port.reach(&self.permit.narrow(), &row.server, &password, uids).await
            }
            Err(_) => Err(ExternalFault::Sealed),
        };
        match reached {
            Ok(connection) => {
                if row.fault.is_some() {
                    self.house.state.note_external_fault(&row.owner, &row.id, None).await?;
                }
                Ok(connection)
            }
            Err(fault) => {
                let now = (self.house.clock)();
                let is_told = row.fault.is_some_and(|(known, at)| known == fault && now < at.plus(LEFT_ALONE));
                if !is_told {
                    self.house.state.note_external_fault(&row.owner, &row.id, Some((fault, now))).await?;
                }
                Err(failed(fault))
            }
        }
    }

    /// Whether it is still there.
    ///
    /// # Errors
    /// `NotFound` when it is not, `Unavailable` when State cannot say.
    pub async fn check_is_there(&self) -> Result<()> {
        self.row().await.map(drop)
    }

    /// Its folders when they were last listed whole, `None` when they never were; and whether they may be told as they are.
    ///
    /// # Errors
    /// As [`Self::check_is_there`].
    pub async fn known_folders(&self) -> Result<(Option<Vec<ExternalFolder>>, Freshness)> {
        let row = self.row().await?;
        let now = (self.house.clock)();
        let known = folders_of(&self.house, &row);
        let is_failing = row.fault.is_some_and(|(fault, at)| fault.waits_for_owner() || now < at.plus(LEFT_ALONE));
        let is_fresh = row.folders.as_ref().is_some_and(|(_, listed)| known.is_some() && now < listed.plus(FRESH));
        let freshness = match (is_failing, is_fresh) {
            (true, _) => Freshness::Failing,
            (false, true) => Freshness::Fresh,
            (false, false) => Freshness::Stale,
        };
        Ok((known, freshness))
    }

    /// Notes that its server failed after it had let us in.
    ///
    /// # Errors
    /// As [`Self::check_is_there`].
    pub async fn note_fault(&self, fault: ExternalFault) -> Result<()> {
        let ExternalRef { owner, id } = self.target();
        self.house.state.note_external_fault(owner, id, Some((fault, (self.house.clock)()))).await
    }

    /// Notes a whole list of its folders, to be told while the server is away. One too long to be kept is not.
    ///
    /// # Errors
    /// As [`Self::check_is_there`].
    pub async fn note_folders(&self, folders: &[ExternalFolder]) -> Result<()> {
        let row = self.row().await?;
        let kept = sealed_folders(&self.house, &row, folders)?;
        let noted = FoldersNoted { sealed: &kept, listed: (self.house.clock)() };
        let noted = (kept.len() <= LONGEST_FOLDERS).then_some(noted);
        self.house.state.note_external_folders(&row.owner, &row.id, noted).await
    }

    /// The list of its folders is not as it was: it was changed through us.
    ///
    /// # Errors
    /// As [`Self::check_is_there`].
    pub async fn folders_changed(&self) -> Result<()> {
        let row = self.row().await?;
        let Some((kept, _)) = &row.folders else { return Ok(()) };
        // Still told while the server is away; asked for anew when it is not.
        let stale = FoldersNoted { sealed: kept, listed: passerelle_model::Timestamp(0) };
        self.house.state.note_external_folders(&row.owner, &row.id, Some(stale)).await
    }

    /// Whether nothing may be changed in it.
    pub fn only_reads(&self) -> bool {
        !self.held.contains(Rights::EDIT)
    }

    async fn row(&self) -> Result<ExternalAccount> {
        let ExternalRef { owner, id } = self.target();
        self.house.state.external(owner, id).await?.ok_or(Error::NotFound)
    }
}

fn failed(fault: ExternalFault) -> Error {
    Error::unavailable("a mail server elsewhere", "reaching an external account", fault)
}

impl Error {
    /// What an external server did, where this is about one: nobody's fault here.
    pub fn external_fault(&self) -> Option<ExternalFault> {
        match self {
            Self::Unavailable { cause, .. } => cause.downcast_ref::<ExternalFault>().copied(),
            _ => None,
        }
    }

    /// An external server that was reached and then failed.
    pub fn of_external(fault: ExternalFault) -> Self {
        failed(fault)
    }
}

/// `\x1f` and line ends cannot be in what is kept: attributes are words of ours, names have no control characters.
fn written_folders(folders: &[ExternalFolder]) -> String {
    let lines: Vec<String> = folders.iter().map(|it| format!("{}\x1f{}", it.attributes, it.name)).collect();
    lines.join("\n")
}

fn read_folders(text: &[u8]) -> Option<Vec<ExternalFolder>> {
    let read = |line: &str| {
        let (attributes, name) = line.split_once('\x1f')?;
        Some(ExternalFolder { name: name.to_owned(), attributes: attributes.to_owned() })
    };
    std::str::from_utf8(text).ok()?.lines().map(read).collect()
}

/// What a sealed text of a row belongs to. No part of it has a NUL.
pub(super) fn bound(row: &ExternalAccount) -> Vec<u8> {
    let ExternalAccount { id, owner, server, .. } = row;
    let port = server.port().to_string();
    let mut facts =
        [&owner.to_string(), id.as_str(), server.host(), &port, server.tls().as_str(), server.login()].join("\0");
    if server.protocol() != ExternalProtocol::Imap {
        // What was sealed before there was another has no word for it.
        facts = format!("{facts}\0{}", server.protocol().as_str());
    }
    facts.into_bytes()
}

fn sealed(house: &House, row: &ExternalAccount, password: &Secret) -> Result<String> {
    house.sealer.seal_bound(Purpose::ExternalPassword, &bound(row), password.expose())
}

fn opened(house: &House, row: &ExternalAccount) -> Result<Secret> {
    house.sealer.open_bound(Purpose::ExternalPassword, &bound(row), &row.sealed).map(Secret::new)
}

fn sealed_folders(house: &House, row: &ExternalAccount, folders: &[ExternalFolder]) -> Result<String> {
    house.sealer.seal_bound(Purpose::ExternalFolders, &bound(row), written_folders(folders).as_bytes())
}

fn folders_of(house: &House, row: &ExternalAccount) -> Option<Vec<ExternalFolder>> {
    let (kept, _) = row.folders.as_ref()?;
    read_folders(&house.sealer.open_bound(Purpose::ExternalFolders, &bound(row), kept).ok()?)
}

/// An account's rows as they are under another login: what is sealed in them is bound to that, where it can be opened.
pub(super) async fn rebound(house: &House, from: &Account, to: &Account) -> Result<Vec<Rebound>> {
    let rows = house.state.externals_of(from).await?;
    Ok(rows.into_iter().filter_map(|row| Rebound::of(house, row, to)).collect())
}

/// What of a row is to be put in the place of what its old owner's login opened.
pub(super) struct Rebound {
    row: ExternalAccount,
    sealed: String,
    folders: Option<String>,
}

impl Rebound {
    fn of(house: &House, row: ExternalAccount, to: &Account) -> Option<Self> {
        let (password, known) = (opened(house, &row).ok()?, folders_of(house, &row));
        let row = ExternalAccount { owner: to.clone(), ..row };
        let sealed = sealed(house, &row, &password).ok()?;
        let folders = known.and_then(|known| sealed_folders(house, &row, &known).ok());
        Some(Self { row, sealed, folders })
    }

    /// Puts it there, once the rows are the new login's.
    pub(super) async fn put(&self, house: &House) -> Result<()> {
        let ExternalAccount { owner, id, sealed, .. } = &self.row;
        house.state.reseal_external(owner, id, sealed, &self.sealed).await?;
        let listed = passerelle_model::Timestamp(0);
        let noted = self.folders.as_ref().map(|kept| FoldersNoted { sealed: kept, listed });
        house.state.note_external_folders(owner, id, noted).await
    }
}

/// Puts passwords that were sealed under an old key under the newest one; how many. What cannot be opened stays as it is.
pub(crate) async fn reseal_all(house: &House) -> Result<usize> {
    const AT_ONCE: usize = 200;
    let (mut last, mut renewed) = (String::new(), 0_usize);
    loop {
        let rows = house.state.externals_after(&last, AT_ONCE).await?;
        let Some(end) = rows.last() else { return Ok(renewed) };
        last = end.id.to_string();
        for row in rows.iter().filter(|row| !house.sealer.is_newest(&row.sealed)) {
            let Ok(password) = opened(house, row) else { continue };
            let text = sealed(house, row, &password)?;
            if house.state.reseal_external(&row.owner, &row.id, &row.sealed, &text).await? {
                renewed = renewed.saturating_add(1);
            }
        }
    }
}

/// A label is a level in the names of mailboxes.
fn checked_label(label: &str) -> Result<String> {
    let label = label.trim();
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '%' | '*' | '\\' | '"' | '&');
    if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.contains(is_odd) {
        return Err(Error::invalid("a label has 1 to 40 characters, without / % * & \\ and quotation marks"));
    }
    Ok(label.to_owned())
}

fn check_password(password: &Secret) -> Result<()> {
    let octets = password.expose();
    if octets.is_empty() || octets.len() > LONGEST_PASSWORD || octets.iter().any(|it| matches!(it, 0 | b'\r' | b'\n')) {
        return Err(Error::invalid("this is no password"));
    }
    Ok(())
}

fn new_id() -> Result<ExternalId> {
    ExternalId::parse(&seal::letters::<16>()?).map_err(|error| Error::internal("drawing an id", error))
}

impl fmt::Display for ExternalRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(fault) => write!(f, "the server: {fault}"),
            Self::Gate(error) => error.fmt(f),
        }
    }
}
impl std::error::Error for ExternalRefused {}
