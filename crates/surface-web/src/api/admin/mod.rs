//! `/api/admin/`: the console of an institution's administrators, on the same handles and with the same lines of the trail as
//! XML-RPC. For everybody else there is nothing here; who administers and signed on too long ago is told to do so again.

mod account;
mod accounts;
mod app_passwords;
mod card;
mod clients;
mod group;
mod groups;
mod health;
mod import;
mod members;
mod page;
mod settings;
mod trail;
mod usage;

use super::{Answer, Call, json, problem::Refused};
use crate::admin;
use http::StatusCode;
use passerelle_core::{AskedFor, Authorized, Error, Manage, Noted};
use passerelle_model::{Account, AccountId, GroupId, InstitutionRef};
use passerelle_net::http::Response;
use serde_json::json;
use tokio::time::Instant;

/// Most calls of an administrator in a minute, on each node: what a person's hands ask for, a file that is imported in parts too.
const CALLS_A_MINUTE: u32 = 600;
/// Most filters that an administrator tries in a minute, on each node: each is a search of the directory.
const FILTERS_A_MINUTE: u32 = 60;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    About,
    Accounts,
    Account,
    MakeAccount,
    ChangeAccount,
    ChangeCard,
    RenameAccount,
    LockAccount,
    DeleteAccount,
    SetPassword,
    EndSessions,
    AppPasswords,
    RemoveAppPassword,
    Groups,
    Group,
    MakeGroup,
    ChangeGroup,
    RenameGroup,
    DeleteGroup,
    Matching,
    Members,
    AddMembers,
    RemoveMembers,
    Import,
    Trail,
    Clients,
    MakeClient,
    RemoveClient,
    Settings,
    ChangeSettings,
    UndoSettings,
    SettingsHistory,
    Colours,
    Health,
    Usage,
}

/// A call of somebody who administers and has signed on lately.
struct Admin<'w> {
    call: Call<'w>,
    of: Authorized<InstitutionRef, Manage>,
}

/// What a change did: the line of the trail, and the answer.
struct Change {
    method: &'static str,
    target: String,
    asked: AskedFor,
}

pub(super) async fn answer(call: Call<'_>, operation: Operation) -> Answer {
    let of = admin::administered(&call.session).await?;
    if admin::check_fresh(&call.session).is_err() {
        return Err(Refused::Stale(admin::again(&call.web.door, call.exchange.host())));
    }
    let admin = Admin { call, of };
    admin.count("", CALLS_A_MINUTE)?;
    match operation {
        Operation::About => about(&admin),
        Operation::Accounts => accounts::list(&admin).await,
        Operation::Account => account::get(&admin).await,
        Operation::MakeAccount => accounts::make(admin).await,
        Operation::ChangeAccount => account::change(admin).await,
        Operation::ChangeCard => card::change(admin).await,
        Operation::RenameAccount => account::rename(admin).await,
        Operation::LockAccount => account::lock(admin).await,
        Operation::DeleteAccount => account::delete(admin).await,
        Operation::SetPassword => account::set_password(admin).await,
        Operation::EndSessions => account::end_sessions(admin).await,
        Operation::AppPasswords => app_passwords::list(&admin).await,
        Operation::RemoveAppPassword => app_passwords::remove(admin).await,
        Operation::Groups => groups::list(&admin).await,
        Operation::Group => group::get(&admin).await,
        Operation::MakeGroup => groups::make(admin).await,
        Operation::ChangeGroup => group::change(admin).await,
        Operation::RenameGroup => group::rename(admin).await,
        Operation::DeleteGroup => group::delete(admin).await,
        Operation::Matching => groups::matching(&admin).await,
        Operation::Members => members::list(&admin).await,
        Operation::AddMembers => members::add(admin).await,
        Operation::RemoveMembers => members::remove(admin).await,
        Operation::Import => import::import(admin).await,
        Operation::Trail => trail::list(&admin).await,
        Operation::Clients => clients::list(&admin).await,
        Operation::MakeClient => clients::make(admin).await,
        Operation::RemoveClient => clients::remove(admin).await,
        Operation::Settings => settings::list(&admin).await,
        Operation::ChangeSettings => settings::change(admin).await,
        Operation::UndoSettings => settings::undo(admin).await,
        Operation::SettingsHistory => settings::history(&admin).await,
        Operation::Colours => settings::colours(&admin),
        Operation::Health => health::examine(&admin).await,
        Operation::Usage => usage::show(&admin).await,
    }
}

/// What can be done here: a directory may only be read.
fn about(admin: &Admin<'_>) -> Answer {
    let (mounts, mail) = admin.of.stores();
    let told = json!({ "writes": admin.of.may_provision(), "mail": mail, "files": !mounts.is_empty() });
    Ok(json(StatusCode::OK, &told))
}

impl Admin<'_> {
    /// Counts a call of whoever calls, on this node.
    fn count(&self, of: &str, most: u32) -> Answer<()> {
        let who = format!("{of}{}", self.call.session.who());
        let counted = self.call.web.rates.count(&who, most, Instant::now());
        Ok(counted.map_err(|seconds| Error::TooMany { seconds })?)
    }

    /// Counts a filter that is tried.
    fn count_filter(&self) -> Answer<()> {
        self.count("filter ", FILTERS_A_MINUTE)
    }

    /// The account that a name means, of this institution. What cannot be a login is nobody's.
    fn account(&self, name: &str) -> Answer<AccountId> {
        if name.contains('@') {
            let account = self.call.session.account_named(name).ok_or(Error::NotFound)?;
            return if account.institution == self.of.target().0 {
                Ok(account.id)
            } else {
                Err(Error::NotFound.into())
            };
        }
        Ok(AccountId::parse(name).map_err(|_| Error::NotFound)?)
    }

    fn account_of(&self, id: &AccountId) -> Account {
        Account { institution: self.of.target().0.clone(), id: id.clone() }
    }

    /// The group that a name means. What cannot be a name is none.
    fn group(&self, name: &str) -> Answer<GroupId> {
        Ok(GroupId::parse(name).map_err(|_| Error::NotFound)?)
    }

    /// Writes what was done, or why not, into the trail, which is safe there before anybody is answered; and answers.
    async fn noted(&self, change: Change, outcome: Answer) -> Answer {
        let word = outcome.as_ref().map_or_else(Refused::word, |_| "done");
        self.note_all(vec![self.line(change.method, change.target, change.asked.into_text(), word)]).await?;
        outcome
    }

    fn line(&self, method: &str, target: String, change: String, outcome: &str) -> Noted {
        Noted {
            institution: self.of.target().0.clone(),
            from: self.call.exchange.peer.ip().to_string(),
            method: method.to_owned(),
            target,
            outcome: outcome.to_owned(),
            change,
        }
    }

    async fn note_all(&self, lines: Vec<Noted>) -> Answer<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.call.session.note_all(lines).await?;
        Ok(self.call.session.secure().await?)
    }
}

impl Change {
    fn of(method: &'static str, target: &str, asked: AskedFor) -> Self {
        Self { method, target: target.to_owned(), asked }
    }
}

/// Done, with a document.
fn told(body: &serde_json::Value) -> Answer<Response> {
    Ok(json(StatusCode::OK, body))
}
