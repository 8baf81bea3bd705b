//! Handles on an account as a whole: its mail relay, its app passwords, ending what it has open.

use crate::{
    Allows, Authorized, Error, Manage, Read, Result, Tool, WEB_SESSION, app_password,
    authorized::mailbox::until_withdrawn,
    house::House,
    ports::{
        ClientFacts, MailEvents, MailboxListing, RelayConnection,
        state::{AppPassword, Revocation, Scope},
    },
};
use passerelle_model::{Account, AccountRef, Rights, Secret, Timestamp};

/// Most app passwords of one account.
pub const MOST_APP_PASSWORDS: usize = 50;
/// Longest name of an app password, in characters.
pub const LONGEST_NAME: usize = 64;

/// An app password that was just made. Its text is shown once.
#[derive(Debug)]
pub struct NewAppPassword {
    /// The row that is kept.
    pub row: AppPassword,
    /// The text.
    pub text: Secret,
}

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// A raw stream to the account's mail store, logged in as the account. Where only reading is allowed
    /// ([`Self::only_reads`]) the surface lets no command pass that changes anything.
    ///
    /// # Errors
    /// `Unsupported` when the institution has no mail; `Unavailable` when the store cannot be reached.
    pub async fn relay(&self, client: &ClientFacts) -> Result<RelayConnection> {
        let mail = self.port.mail.as_ref().ok_or(Error::Unsupported { what: "mail" })?;
        let relay = mail.as_relay().ok_or(Error::Unsupported { what: "IMAP" })?;
        relay.connect(&self.permit.narrow(), client).await
    }

    /// All of the account's mailboxes, with counts.
    ///
    /// # Errors
    /// As [`crate::ports::MailboxTree::list`]; `Unsupported` where there is no mail, or a store without this power.
    pub async fn mailboxes(&self) -> Result<MailboxListing> {
        let mail = self.port.mail.as_ref().ok_or(Error::Unsupported { what: "mail" })?;
        let tree = mail.as_tree().ok_or(Error::Unsupported { what: "listing mailboxes" })?;
        tree.list(&self.permit.narrow()).await
    }

    /// Watches all of the account's mailboxes until the stream is dropped; ends with `Unauthenticated` when what it was opened
    /// for is withdrawn.
    ///
    /// # Errors
    /// As [`crate::ports::MailWatching::watch_all`]; `Unsupported` where there is no mail, or a store without this power.
    pub async fn watch_mailboxes(&self) -> Result<MailEvents> {
        let mail = self.port.mail.as_ref().ok_or(Error::Unsupported { what: "mail" })?;
        let watching = mail.as_watching().ok_or(Error::Unsupported { what: "watching mailboxes" })?;
        let events = watching.watch_all(&self.permit.narrow()).await?;
        Ok(until_withdrawn(events, self.permit.tie()))
    }

    /// The time by the gate's clock.
    pub fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    /// Whether nothing may be changed.
    pub fn only_reads(&self) -> bool {
        !self.held.contains(Rights::EDIT)
    }
}

impl<R: Allows<Manage>> Authorized<AccountRef, R> {
    /// Makes an app password.
    ///
    /// # Errors
    /// `Invalid` for a name that is empty or too long, `OverQuota` beyond 50 of them, `Unsupported` where the institution
    /// has switched app passwords off.
    pub async fn make_app_password(
        &self,
        name: &str,
        scope: Scope,
        until: Option<Timestamp>,
    ) -> Result<NewAppPassword> {
        new_app_password(&self.house, &self.target().0, name, scope, until).await
    }

    /// The account's app passwords.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn app_passwords(&self) -> Result<Vec<AppPassword>> {
        self.house.state.app_passwords_of(&self.target().0).await
    }

    /// Withdraws one, and ends what it has open on every node; `false` when there is none of that id.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn remove_app_password(&self, id: &str) -> Result<bool> {
        if !self.house.state.remove_app_password(&self.target().0, id).await? {
            return Ok(false);
        }
        let expires = (self.house.clock)().plus(WEB_SESSION);
        let revocation = Revocation::Session { id: app_password::credential(id), expires };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        Ok(true)
    }

    /// Withdraws all of the app passwords and ends what they opened, on every node. How many there were.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; those that were withdrawn until then stay so.
    pub async fn remove_app_passwords(&self) -> Result<usize> {
        let rows = self.app_passwords().await?;
        for row in &rows {
            self.remove_app_password(&row.id).await?;
        }
        Ok(rows.len())
    }

    /// Ends everything that the account has open, on every node: web sessions, relays, remembered passwords; and its app
    /// passwords, because a lost phone must lose its mail.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; then nothing may be taken for ended.
    pub async fn end_everything(&self) -> Result<()> {
        let account = self.target().0.clone();
        for row in self.app_passwords().await? {
            self.house.state.remove_app_password(&account, &row.id).await?;
        }
        let now = (self.house.clock)();
        let revocation = Revocation::Account { account, before: now, expires: now.plus(WEB_SESSION) };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        Ok(())
    }
}

/// Makes an app password for an account that the caller was let act for.
pub(super) async fn new_app_password(
    house: &House,
    account: &Account,
    name: &str,
    scope: Scope,
    until: Option<Timestamp>,
) -> Result<NewAppPassword> {
    app_password_name(name)?;
    let institution = &house.tenant(&account.institution)?.facts;
    if !institution.tools.has(Tool::AppPasswords) {
        return Err(Error::Unsupported { what: "app passwords" });
    }
    if house.state.app_passwords_of(account).await?.len() >= MOST_APP_PASSWORDS {
        return Err(Error::OverQuota);
    }
    let made = app_password::make()?;
    let mut row = AppPassword {
        id: made.id,
        account: account.clone(),
        hash: made.hash,
        name: name.trim().to_owned(),
        scope,
        made: (house.clock)(),
        until,
        last_used: None,
    };
    // What the institution allows at most is told as its end, and holds even when that is shortened later.
    row.until = app_password::ends(&row, institution.limits.app_password_days);
    house.state.add_app_password(&row).await?;
    Ok(NewAppPassword { row, text: made.text })
}

pub(super) fn app_password_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Error::invalid("a name has 1 to 64 characters"));
    }
    Ok(())
}
