//! App passwords.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::{account_text, app_password},
};
use passerelle_core::ports::{
    Fut,
    state::{AppPassword, AppPasswords},
};
use passerelle_model::{Account, Timestamp};

/// A use is noted when the last noted one is this old, in seconds.
const NOTED_EVERY: i64 = 3600;

const ADD: &str = "INSERT INTO app_passwords (id, account, hash, name, scope, made, ends, last_used) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const BY_ID: &str =
    "SELECT id, account, hash, name, scope, made, ends, last_used FROM app_passwords WHERE id = $1";
pub(crate) const OF: &str = "SELECT id, account, hash, name, scope, made, ends, last_used FROM app_passwords \
                             WHERE account = $1 ORDER BY made DESC, id";
pub(crate) const STALE: &str =
    "SELECT made FROM app_passwords WHERE id = $1 AND (last_used IS NULL OR last_used <= $2)";
pub(crate) const USED: &str =
    "UPDATE app_passwords SET last_used = $3 WHERE id = $1 AND (last_used IS NULL OR last_used <= $2)";
pub(crate) const REMOVE: &str = "DELETE FROM app_passwords WHERE id = $1 AND account = $2";

impl<D: Database> AppPasswords for SqlState<D> {
    fn add_app_password<'a>(&'a self, row: &'a AppPassword) -> Fut<'a, ()> {
        Box::pin(async move {
            let add = Query::new(ADD).text(&row.id).text(account_text(&row.account)).blob(row.hash).text(&row.name);
            let add = add.text(row.scope.as_str()).int(row.made.0).maybe_int(row.until.map(|until| until.0));
            let add = add.maybe_int(row.last_used.map(|used| used.0));
            self.write("adding an app password", add, Keep::Safe).await.map(drop)
        })
    }

    fn app_password<'a>(&'a self, id: &'a str) -> Fut<'a, Option<AppPassword>> {
        Box::pin(async move { self.one("reading an app password", Query::new(BY_ID).text(id), app_password).await })
    }

    fn app_passwords_of<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<AppPassword>> {
        Box::pin(async move {
            self.rows("reading app passwords", Query::new(OF).text(account_text(account)), app_password).await
        })
    }

    fn app_password_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            let doing = "noting the use of an app password";
            let before = now.plus(-NOTED_EVERY).0;
            // Asked at each log-in: it reads first, because a write would wait for its turn.
            if self.one(doing, Query::new(STALE).text(id).int(before), |_| Ok(())).await?.is_none() {
                return Ok(());
            }
            self.write(doing, Query::new(USED).text(id).int(before).int(now.0), Keep::Brief).await.map(drop)
        })
    }

    fn remove_app_password<'a>(&'a self, account: &'a Account, id: &'a str) -> Fut<'a, bool> {
        Box::pin(async move {
            let remove = Query::new(REMOVE).text(id).text(account_text(account));
            Ok(self.write("removing an app password", remove, Keep::Safe).await? > 0)
        })
    }
}
