//! Accounts and groups under another name: all that hangs on them in one transaction.

use crate::{
    database::{Database, Query, Sql, sql},
    gateway_groups,
    places::{self, carried},
    store::{Open, SqlState},
    values::{account_text, grantee_text, group_text},
};
use passerelle_core::{
    Error, Result,
    ports::{Fut, state::Renames},
};
use passerelle_model::{Account, Grantee, GroupRef, ResourceKind, Target};

pub(crate) const DROP_TO: &str = "DELETE FROM grants WHERE grantee = $1";
pub(crate) const MOVE_TO: &str = "UPDATE grants SET grantee = $2 WHERE grantee = $1";
pub(crate) const MOVE_LOCKS: Sql =
    sql!("UPDATE locks SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
/// What names an account in a column of its own: what drops it, and what renames it.
pub(crate) const NAMED: [(&str, &str); 7] = [
    ("DELETE FROM links WHERE made_by = $1", "UPDATE links SET made_by = $2 WHERE made_by = $1"),
    ("DELETE FROM app_passwords WHERE account = $1", "UPDATE app_passwords SET account = $2 WHERE account = $1"),
    (
        "DELETE FROM external_accounts WHERE account = $1",
        "UPDATE external_accounts SET account = $2 WHERE account = $1",
    ),
    ("DELETE FROM locks WHERE holder = $1", "UPDATE locks SET holder = $2 WHERE holder = $1"),
    ("DELETE FROM account_cards WHERE account = $1", "UPDATE account_cards SET account = $2 WHERE account = $1"),
    ("DELETE FROM preferences WHERE account = $1", "UPDATE preferences SET account = $2 WHERE account = $1"),
    (gateway_groups::LEAVE_ALL, "UPDATE gateway_members SET member = $2 WHERE member = $1"),
];

impl<D: Database> Renames for SqlState<D> {
    fn renamed_account<'a>(&'a self, from: &'a Account, to: &'a Account) -> Fut<'a, ()> {
        Box::pin(async move {
            check_home(&from.institution, &to.institution)?;
            if from == to {
                return Ok(());
            }
            let (old, new) = (account_text(from), account_text(to));
            let mut open = self.begin("renaming an account").await?;
            for drop in [places::DROP_GRANTS, places::DROP_LINKS, places::DROP_LOCKS, places::DROP_PROPERTIES] {
                open.write(Query::new(drop).within(&new)).await?;
            }
            for carry in [places::MOVE_GRANTS, places::MOVE_LINKS, MOVE_LOCKS, places::MOVE_PROPERTIES] {
                open.write(carried(carry, &old, &new)).await?;
            }
            for (drop, rename) in NAMED {
                open.write(Query::new(drop).text(&new)).await?;
                open.write(Query::new(rename).text(&old).text(&new)).await?;
            }
            rename_grantee(&mut open, &Grantee::Account(from.clone()), &Grantee::Account(to.clone())).await?;
            for account in [from, to] {
                open.grants_changed(&whole(account)).await?;
            }
            open.commit().await
        })
    }

    fn renamed_group<'a>(&'a self, from: &'a GroupRef, to: &'a GroupRef) -> Fut<'a, ()> {
        Box::pin(async move {
            check_home(&from.institution, &to.institution)?;
            if from == to {
                return Ok(());
            }
            let (old, new) = (group_text(from), group_text(to));
            let mut open = self.begin("renaming a group").await?;
            open.serialise(&old).await?;
            for rename in gateway_groups::RENAME {
                open.write(Query::new(rename).text(&old).text(&new)).await?;
            }
            rename_grantee(&mut open, &Grantee::Group(from.clone()), &Grantee::Group(to.clone())).await?;
            open.commit().await
        })
    }

    fn dropped_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, ()> {
        Box::pin(async move {
            let name = group_text(group);
            let mut open = self.begin("dropping a group's grants").await?;
            open.serialise(&name).await?;
            for drop in gateway_groups::DROP {
                open.write(Query::new(drop).text(&name)).await?;
            }
            open.write(Query::new(DROP_TO).text(grantee_text(&Grantee::Group(group.clone())))).await?;
            open.commit().await
        })
    }
}

async fn rename_grantee<D: Database>(open: &mut Open<'_, D>, from: &Grantee, to: &Grantee) -> Result<()> {
    let (from, to) = (grantee_text(from), grantee_text(to));
    open.write(Query::new(DROP_TO).text(&to)).await?;
    open.write(Query::new(MOVE_TO).text(from).text(to)).await.map(drop)
}

fn check_home<T: PartialEq>(from: &T, to: &T) -> Result<()> {
    if from == to { Ok(()) } else { Err(Error::invalid("an account or group stays in its institution")) }
}

/// Whose grants changed, as the watchers are told.
pub(crate) fn whole(account: &Account) -> Target {
    Target {
        institution: account.institution.clone(),
        owner: Some(account.id.clone()),
        kind: ResourceKind::Account,
        tree: String::new(),
        path: String::new(),
    }
}
