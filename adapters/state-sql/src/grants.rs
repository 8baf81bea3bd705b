//! Grants. What hangs on a target holds for all below it, so that a decision asks for the target and all above at once.

use crate::{
    database::{Database, Query, Sql, sql},
    store::SqlState,
    values::{account_text, granted, grantee_text, groups_of, target_and_above, target_text, tree_text},
};
use passerelle_core::ports::{
    Fut,
    state::{Granted, Grants},
};
use passerelle_model::{Account, Grant, Grantee, InstitutionId, Target};

pub(crate) const AT: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE " AT " ORDER BY target, grantee");
pub(crate) const BELOW: Sql = sql!(
    "SELECT target, grantee, rights, ends FROM grants WHERE " BELOW " ORDER BY target, grantee LIMIT $3"
);
pub(crate) const TO: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE grantee " ONE_OF " ORDER BY target, grantee");
pub(crate) const BY: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE " BELOW " ORDER BY target, grantee");
pub(crate) const TO_RANGE: &str =
    "SELECT target, grantee, rights, ends FROM grants WHERE grantee >= $1 AND grantee < $2 ORDER BY target, grantee";
const SET: Sql = sql!(
    "INSERT INTO grants (target, grantee, rights, ends) VALUES ($1, $2, $3, $4) ON CONFLICT (" KEY ", grantee) \
     DO UPDATE SET rights = excluded.rights, ends = excluded.ends"
);
const HERE_NOW: Sql = sql!("SELECT target, grantee, rights, ends FROM grants WHERE " HERE);
pub(crate) const REMOVE: Sql = sql!("DELETE FROM grants WHERE " HERE " AND grantee = $2");

impl<D: Database> Grants for SqlState<D> {
    fn grants_at<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Granted>> {
        Box::pin(
            async move { self.rows("reading grants", Query::new(AT).keys(target_and_above(target)?), granted).await },
        )
    }

    fn grants_below<'a>(&'a self, target: &'a Target, limit: usize) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let query = Query::new(BELOW).below(&target_text(target)?).int(limit);
            self.rows("reading grants", query, granted).await
        })
    }

    fn granted_to<'a>(&'a self, grantees: &'a [Grantee]) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            let query = Query::new(TO).texts(grantees.iter().map(grantee_text).collect());
            self.rows("reading grants", query, granted).await
        })
    }

    fn granted_by<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move { self.rows("reading grants", Query::new(BY).below(&account_text(owner)), granted).await })
    }

    fn granted_to_groups_of<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            self.rows("reading grants", Query::new(TO_RANGE).below(&groups_of(institution)), granted).await
        })
    }

    fn granted_in_spaces<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            // U+007F is the character after '~', with which no other owner begins.
            let query = Query::new(BY).text(format!("{institution}/~")).text(format!("{institution}/\u{7f}"));
            self.rows("reading grants", query, granted).await
        })
    }

    fn set_grant<'a>(&'a self, target: &'a Target, grant: &'a Grant) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut open = self.begin("setting a grant").await?;
            // A move that carries a grant to this very place would otherwise fail on the one that came there meanwhile.
            open.serialise(&tree_text(target)?).await?;
            let set = Query::new(SET).text(target_text(target)?).text(grantee_text(&grant.to));
            open.write(set.int(grant.rights.bits().into()).maybe_int(grant.until.map(|until| until.0))).await?;
            open.grants_changed(target).await?;
            open.commit().await
        })
    }

    fn replace_grants<'a>(&'a self, target: &'a Target, grants: &'a [Grant]) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut open = self.begin("replacing grants").await?;
            open.serialise(&tree_text(target)?).await?;
            let here = target_text(target)?;
            for gone in open.rows(Query::new(HERE_NOW).key(here.clone()), granted).await? {
                if !matches!(gone.grant.to, Grantee::Link(_)) {
                    let remove = Query::new(REMOVE).key(here.clone()).text(grantee_text(&gone.grant.to));
                    open.write(remove).await?;
                }
            }
            for grant in grants {
                let set = Query::new(SET).text(here.clone()).text(grantee_text(&grant.to));
                open.write(set.int(grant.rights.bits().into()).maybe_int(grant.until.map(|until| until.0))).await?;
            }
            open.grants_changed(target).await?;
            open.commit().await
        })
    }

    fn remove_grant<'a>(&'a self, target: &'a Target, to: &'a Grantee) -> Fut<'a, bool> {
        Box::pin(async move {
            let mut open = self.begin("removing a grant").await?;
            let remove = Query::new(REMOVE).key(target_text(target)?).text(grantee_text(to));
            if open.write(remove).await? == 0 {
                return Ok(false);
            }
            open.grants_changed(target).await?;
            open.commit().await?;
            Ok(true)
        })
    }
}
