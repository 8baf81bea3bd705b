//! Programs that administer: their tokens, and what they may.

use crate::ports::Fut;
use passerelle_model::{InstitutionId, Timestamp};

/// A use is noted when the last noted one is this old, in seconds.
pub const CLIENT_NOTED_EVERY: i64 = 3600;

/// A client. Its token is shown once and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiClient {
    /// Its public id: 8 characters of base32 in lower case.
    pub id: String,
    /// What proves it.
    pub proof: ApiProof,
    /// What its administrator calls it.
    pub name: String,
    /// The institutions that it administers; at least one.
    pub institutions: Vec<InstitutionId>,
    /// The methods that it may call, with `*` for any text: `account.*`.
    pub methods: Vec<String>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Last use, to the hour.
    pub last_used: Option<Timestamp>,
}

/// What proves a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiProof {
    /// SHA-256 of its token.
    Token([u8; 32]),
    /// SHA-256 of its certificate.
    Certificate([u8; 32]),
}

/// The clients.
pub trait ApiClients: Send + Sync {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Conflict` when the id is taken.
    fn add_client<'a>(&'a self, client: &'a ApiClient) -> Fut<'a, ()>;
    /// The client of an id.
    fn client<'a>(&'a self, id: &'a str) -> Fut<'a, Option<ApiClient>>;
    /// All of them, by id. There are a handful.
    fn clients(&self) -> Fut<'_, Vec<ApiClient>>;
    /// Notes a use. Writes only when the last noted one is an hour old.
    fn client_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()>;
    /// Removes one; `false` when there is none of that id.
    fn remove_client<'a>(&'a self, id: &'a str) -> Fut<'a, bool>;
}
