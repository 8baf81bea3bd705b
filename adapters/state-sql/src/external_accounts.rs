//! Mail accounts that people have elsewhere.

use crate::{
    database::{Database, Keep, Query},
    renames,
    store::SqlState,
    values::{account_text, external_account},
};
use passerelle_core::ports::{
    ExternalFault, Fut,
    state::{ExternalAccount, ExternalAccounts, FoldersNoted},
};
use passerelle_model::{Account, ExternalId, Timestamp};

const ADD: &str = "INSERT INTO external_accounts (id, account, label, host, port, tls, login, sealed, made, fault, \
                   fault_at, folders, listed, protocol, uids) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
pub(crate) const ONE: &str = "SELECT id, account, label, host, port, tls, login, sealed, made, fault, fault_at, folders, \
                              listed, protocol, uids FROM external_accounts WHERE id = $1 AND account = $2";
pub(crate) const OF: &str = "SELECT id, account, label, host, port, tls, login, sealed, made, fault, fault_at, folders, \
                             listed, protocol, uids FROM external_accounts WHERE account = $1 ORDER BY label";
pub(crate) const AFTER: &str = "SELECT id, account, label, host, port, tls, login, sealed, made, fault, fault_at, \
                                folders, listed, protocol, uids FROM external_accounts WHERE id > $1 ORDER BY id LIMIT $2";
pub(crate) const REMOVE: &str = "DELETE FROM external_accounts WHERE id = $1 AND account = $2";
pub(crate) const NOTE_FAULT: &str =
    "UPDATE external_accounts SET fault = $3, fault_at = $4 WHERE id = $1 AND account = $2";
pub(crate) const NOTE_FOLDERS: &str =
    "UPDATE external_accounts SET folders = $3, listed = $4 WHERE id = $1 AND account = $2";
pub(crate) const NOTE_UIDS: &str =
    "UPDATE external_accounts SET uids = $4 WHERE id = $1 AND account = $2 AND COALESCE(uids, '') = $3";
pub(crate) const RESEAL: &str = "UPDATE external_accounts SET sealed = $4, fault = NULL, fault_at = NULL \
                                 WHERE id = $1 AND account = $2 AND sealed = $3";

impl<D: Database> ExternalAccounts for SqlState<D> {
    fn add_external<'a>(&'a self, row: &'a ExternalAccount) -> Fut<'a, ()> {
        Box::pin(async move {
            let ExternalAccount { id, owner, label, server, sealed, made, fault, folders, uids } = row;
            let add = Query::new(ADD).text(id.as_str()).text(account_text(owner)).text(label).text(server.host());
            let add = add.int(i64::from(server.port())).text(server.tls().as_str()).text(server.login()).text(sealed);
            let add = add.int(made.0).maybe_text(fault.map(|(fault, _)| fault.as_str().to_owned()));
            let add = add.maybe_int(fault.map(|(_, at)| at.0));
            let add = add.maybe_text(folders.as_ref().map(|(kept, _)| kept.clone()));
            let add = add.maybe_int(folders.as_ref().map(|(_, listed)| listed.0));
            let add = add.text(server.protocol().as_str()).maybe_text(uids.clone());
            self.write("adding an external account", add, Keep::Safe).await.map(drop)
        })
    }

    fn external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, Option<ExternalAccount>> {
        Box::pin(async move {
            let query = Query::new(ONE).text(id.as_str()).text(account_text(owner));
            self.one("reading an external account", query, external_account).await
        })
    }

    fn externals_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<ExternalAccount>> {
        Box::pin(async move {
            let query = Query::new(OF).text(account_text(owner));
            self.rows("reading external accounts", query, external_account).await
        })
    }

    fn remove_external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, bool> {
        Box::pin(async move {
            let mut open = self.begin("removing an external account").await?;
            let removed = open.write(Query::new(REMOVE).text(id.as_str()).text(account_text(owner))).await? > 0;
            if removed {
                // What is open with it ends, as with a right that is taken back.
                open.grants_changed(&renames::whole(owner)).await?;
            }
            open.commit().await?;
            Ok(removed)
        })
    }

    fn note_external_fault<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        fault: Option<(ExternalFault, Timestamp)>,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let note = Query::new(NOTE_FAULT).text(id.as_str()).text(account_text(owner));
            let note = note.maybe_text(fault.map(|(fault, _)| fault.as_str().to_owned()));
            let note = note.maybe_int(fault.map(|(_, at)| at.0));
            self.write("noting a fault of an external account", note, Keep::Brief).await.map(drop)
        })
    }

    fn note_external_folders<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        folders: Option<FoldersNoted<'a>>,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let note = Query::new(NOTE_FOLDERS).text(id.as_str()).text(account_text(owner));
            let note = note.maybe_text(folders.map(|noted| noted.sealed.to_owned()));
            let note = note.maybe_int(folders.map(|noted| noted.listed.0));
            self.write("noting the folders of an external account", note, Keep::Brief).await.map(drop)
        })
    }

    fn reseal_external<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: &'a str,
        to: &'a str,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let reseal = Query::new(RESEAL).text(id.as_str()).text(account_text(owner)).text(from).text(to);
            Ok(self.write("resealing an external account", reseal, Keep::Safe).await? > 0)
        })
    }

    fn note_external_uids<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: Option<&'a str>,
        to: &'a str,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let note = Query::new(NOTE_UIDS).text(id.as_str()).text(account_text(owner));
            let note = note.text(from.unwrap_or_default()).text(to);
            Ok(self.write("noting the UIDs of an external account", note, Keep::Safe).await? > 0)
        })
    }

    fn externals_after<'a>(&'a self, id: &'a str, limit: usize) -> Fut<'a, Vec<ExternalAccount>> {
        Box::pin(async move {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let query = Query::new(AFTER).text(id).int(limit);
            self.rows("reading external accounts", query, external_account).await
        })
    }
}
