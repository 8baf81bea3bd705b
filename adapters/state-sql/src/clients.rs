//! API clients.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::{api_client, proof_parts},
};
use passerelle_core::ports::{
    Fut,
    state::{ApiClient, ApiClients, CLIENT_NOTED_EVERY},
};
use passerelle_model::Timestamp;

const ADD: &str = "INSERT INTO api_clients (id, proof, hash, name, institutions, methods, made, ends, last_used) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const BY_ID: &str =
    "SELECT id, proof, hash, name, institutions, methods, made, ends, last_used FROM api_clients WHERE id = $1";
const ALL: &str =
    "SELECT id, proof, hash, name, institutions, methods, made, ends, last_used FROM api_clients ORDER BY id";
pub(crate) const STALE: &str = "SELECT made FROM api_clients WHERE id = $1 AND (last_used IS NULL OR last_used <= $2)";
pub(crate) const USED: &str =
    "UPDATE api_clients SET last_used = $3 WHERE id = $1 AND (last_used IS NULL OR last_used <= $2)";
pub(crate) const REMOVE: &str = "DELETE FROM api_clients WHERE id = $1";

impl<D: Database> ApiClients for SqlState<D> {
    fn add_client<'a>(&'a self, client: &'a ApiClient) -> Fut<'a, ()> {
        Box::pin(async move {
            let (proof, hash) = proof_parts(client.proof);
            let institutions: Vec<&str> = client.institutions.iter().map(|it| it.as_str()).collect();
            let add = Query::new(ADD).text(&client.id).text(proof).blob(hash).text(&client.name);
            let add = add.text(institutions.join(" ")).text(client.methods.join(" ")).int(client.made.0);
            let add = add.maybe_int(client.until.map(|it| it.0)).maybe_int(client.last_used.map(|it| it.0));
            self.write("adding an API client", add, Keep::Safe).await.map(drop)
        })
    }

    fn client<'a>(&'a self, id: &'a str) -> Fut<'a, Option<ApiClient>> {
        Box::pin(async move { self.one("reading an API client", Query::new(BY_ID).text(id), api_client).await })
    }

    fn clients(&self) -> Fut<'_, Vec<ApiClient>> {
        Box::pin(async move { self.rows("reading API clients", Query::new(ALL), api_client).await })
    }

    fn client_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            let doing = "noting the use of an API client";
            let before = now.plus(-CLIENT_NOTED_EVERY).0;
            // Asked at each call: it reads first, because a write would wait for its turn.
            if self.one(doing, Query::new(STALE).text(id).int(before), |_| Ok(())).await?.is_none() {
                return Ok(());
            }
            self.write(doing, Query::new(USED).text(id).int(before).int(now.0), Keep::Brief).await.map(drop)
        })
    }

    fn remove_client<'a>(&'a self, id: &'a str) -> Fut<'a, bool> {
        Box::pin(
            async move { Ok(self.write("removing an API client", Query::new(REMOVE).text(id), Keep::Safe).await? > 0) },
        )
    }
}
