//! What people have set for themselves.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::{account_text, preference},
};
use passerelle_core::ports::{Fut, state::Preferences};
use passerelle_model::Account;

pub(crate) const OF: &str = "SELECT account, name, value FROM preferences WHERE account = $1 ORDER BY name";
const SET: &str = "INSERT INTO preferences (account, name, value) VALUES ($1, $2, $3) \
                   ON CONFLICT (account, name) DO UPDATE SET value = excluded.value";
pub(crate) const DROP: &str = "DELETE FROM preferences WHERE account = $1 AND name = $2";

impl<D: Database> Preferences for SqlState<D> {
    fn preferences_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<(String, String)>> {
        Box::pin(async move {
            let query = Query::new(OF).text(account_text(owner));
            self.rows("reading preferences", query, preference).await
        })
    }

    fn set_preference<'a>(&'a self, owner: &'a Account, name: &'a str, value: Option<&'a str>) -> Fut<'a, ()> {
        Box::pin(async move {
            let set = match value {
                Some(value) => Query::new(SET).text(account_text(owner)).text(name).text(value),
                None => Query::new(DROP).text(account_text(owner)).text(name),
            };
            self.write("setting a preference", set, Keep::Safe).await.map(drop)
        })
    }
}
