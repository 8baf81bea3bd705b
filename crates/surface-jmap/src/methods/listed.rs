//! `/query` and `/queryChanges` (RFC 8620 §5.5, §5.6) of what is so few that all of it is at hand.

use crate::{
    error::MethodError,
    methods::{conditions::Filter, paging::Start},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Most keys of an order.
const MOST_KEYS: usize = 8;

/// The arguments of a `/query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "C: DeserializeOwned")]
pub(crate) struct Query<C> {
    pub(crate) account_id: String,
    #[serde(default)]
    filter: Option<Filter<C>>,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default)]
    position: i64,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default)]
    anchor_offset: i64,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    calculate_total: bool,
}

/// The arguments of a `/queryChanges`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "C: DeserializeOwned")]
pub(crate) struct QueryChanges<C> {
    pub(crate) account_id: String,
    since_query_state: String,
    #[serde(default, rename = "filter")]
    _filter: Option<Filter<C>>,
    #[serde(default, rename = "sort")]
    _sort: Option<Vec<Comparator>>,
    #[serde(default, rename = "maxChanges")]
    _max_changes: Option<u64>,
    #[serde(default, rename = "upToId")]
    _up_to_id: Option<String>,
    #[serde(default, rename = "calculateTotal")]
    _calculate_total: bool,
}

/// A key of an order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comparator {
    property: String,
    #[serde(default)]
    is_ascending: Option<bool>,
}

/// How a property puts two of them in order.
pub(crate) type Compare<T> = fn(&T, &T) -> Ordering;

impl<C> Query<C> {
    /// The answer, of all that there are.
    ///
    /// # Errors
    /// `unsupportedSort`, `anchorNotFound`.
    pub(crate) fn answer<T>(
        &self,
        all: &[T],
        state: &str,
        holds: impl Fn(&C, &T) -> bool,
        order: impl Fn(&str) -> Option<Compare<T>>,
        id: impl Fn(&T) -> String,
    ) -> Result<Value, MethodError> {
        let is_wanted = |one: &&T| self.filter.as_ref().is_none_or(|filter| filter.holds(&|it| holds(it, one)));
        let mut found: Vec<&T> = all.iter().filter(is_wanted).collect();
        let keys = self.sort.as_deref().unwrap_or_default();
        if keys.len() > MOST_KEYS {
            return Err(MethodError::new("unsupportedSort"));
        }
        // The first key is the last one to be sorted by.
        for key in keys.iter().rev() {
            let unknown = || MethodError::saying("unsupportedSort", key.property.clone());
            let compare = order(&key.property).ok_or_else(unknown)?;
            let is_ascending = key.is_ascending.unwrap_or(true);
            found.sort_by(|one, other| if is_ascending { compare(one, other) } else { compare(other, one) });
        }
        let ids: Vec<String> = found.into_iter().map(id).collect();
        let Self { position, anchor_offset, .. } = *self;
        let start = Start { position, anchor: self.anchor.as_deref(), anchor_offset };
        let skip = start.index(ids.len(), |anchor| ids.iter().position(|id| id == anchor))?;
        let most = self.limit.and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
        let part: Vec<&String> = ids.iter().skip(skip).take(most).collect();
        let mut answer = json!({
            "accountId": self.account_id,
            "queryState": state,
            "canCalculateChanges": false,
            "position": skip,
            "ids": part,
        });
        if let (true, Some(answer)) = (self.calculate_total, answer.as_object_mut()) {
            answer.insert("total".to_owned(), json!(ids.len()));
        }
        Ok(answer)
    }
}

impl<C> QueryChanges<C> {
    /// Whether anything has changed: what, is asked again, and costs the same.
    ///
    /// # Errors
    /// `cannotCalculateChanges`.
    pub(crate) fn answer(&self, state: &str) -> Result<Value, MethodError> {
        if state != self.since_query_state {
            return Err(MethodError::new("cannotCalculateChanges"));
        }
        Ok(json!({
            "accountId": self.account_id,
            "oldQueryState": state,
            "newQueryState": state,
            "removed": [],
            "added": [],
        }))
    }
}
