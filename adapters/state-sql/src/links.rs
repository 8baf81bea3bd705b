//! Share links. What a link may do is a grant to it; the two go together.

use crate::{
    database::{Database, Keep, Query, Sql, sql},
    store::SqlState,
    values::{account_text, grantee_text, hex, link, target_text},
};
use passerelle_core::ports::{
    Fut,
    state::{Link, Links},
};
use passerelle_model::{Account, Grantee, LinkId, Target};

const ADD: &str = "INSERT INTO links (id, target, made_by, ends, token_hash, label, password, most_downloads, downloads) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const BY_TOKEN: &str = "SELECT id, target, made_by, ends, token_hash, label, password, most_downloads, \
                                   downloads FROM links WHERE token_hash = $1";
pub(crate) const TO: Sql = sql!(
    "SELECT id, target, made_by, ends, token_hash, label, password, most_downloads, downloads FROM links WHERE " HERE
    " ORDER BY id"
);
pub(crate) const OF: Sql = sql!(
    "SELECT id, target, made_by, ends, token_hash, label, password, most_downloads, downloads FROM links WHERE " BELOW
    " ORDER BY target, id"
);
pub(crate) const BY_ID: &str = "SELECT id, target, made_by, ends, token_hash, label, password, most_downloads, downloads \
                                FROM links WHERE id = $1";
pub(crate) const COUNT: &str = "UPDATE links SET downloads = downloads + 1 \
                                WHERE id = $1 AND (most_downloads IS NULL OR downloads < most_downloads)";
pub(crate) const TAKE: &str = "UPDATE links SET made_by = $2 WHERE id = $1";
pub(crate) const REMOVE: &str = "DELETE FROM links WHERE id = $1";
pub(crate) const REMOVE_GRANTS: &str = "DELETE FROM grants WHERE grantee = $1";

impl<D: Database> Links for SqlState<D> {
    fn add_link<'a>(&'a self, link: &'a Link) -> Fut<'a, ()> {
        Box::pin(async move {
            let add = Query::new(ADD).text(link.id.as_str()).text(target_text(&link.target)?);
            let add = add.text(account_text(&link.made_by)).maybe_int(link.until.map(|until| until.0));
            let add = add.blob(link.token_hash).text(link.label.as_str());
            let add = add.maybe_text(link.password.as_ref().map(|password| hex(password)));
            let add = add.maybe_int(link.most_downloads.map(i64::from)).int(link.downloads.into());
            self.write("adding a link", add, Keep::Safe).await.map(drop)
        })
    }

    fn link_by_token<'a>(&'a self, token_hash: &'a [u8; 32]) -> Fut<'a, Option<Link>> {
        Box::pin(async move { self.one("reading a link", Query::new(BY_TOKEN).blob(*token_hash), link).await })
    }

    fn links_to<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Link>> {
        Box::pin(async move { self.rows("reading links", Query::new(TO).key(target_text(target)?), link).await })
    }

    fn links_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Link>> {
        Box::pin(async move { self.rows("reading links", Query::new(OF).below(&account_text(owner)), link).await })
    }

    fn count_download<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool> {
        Box::pin(async move {
            let count = Query::new(COUNT).text(id.as_str());
            Ok(self.write("counting a download", count, Keep::Safe).await? > 0)
        })
    }

    fn take_link<'a>(&'a self, id: &'a LinkId, made_by: &'a Account) -> Fut<'a, bool> {
        Box::pin(async move {
            let take = Query::new(TAKE).text(id.as_str()).text(account_text(made_by));
            Ok(self.write("taking a link over", take, Keep::Safe).await? > 0)
        })
    }

    fn remove_link<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool> {
        Box::pin(async move {
            let mut open = self.begin("removing a link").await?;
            let Some(found) = open.rows(Query::new(BY_ID).text(id.as_str()), link).await?.into_iter().next() else {
                return Ok(false);
            };
            open.write(Query::new(REMOVE).text(id.as_str())).await?;
            open.write(Query::new(REMOVE_GRANTS).text(grantee_text(&Grantee::Link(id.clone())))).await?;
            open.grants_changed(&found.target).await?;
            open.commit().await?;
            Ok(true)
        })
    }
}
