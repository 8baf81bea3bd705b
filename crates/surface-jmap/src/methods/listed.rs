//! `/query` and `/queryChanges` (RFC 8620 §5.5, §5.6) of what is so few that all of it is at hand.

use crate::{
    error::MethodError,
    methods::{arguments::Common, conditions::Filter, paging::Start},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{cmp::Ordering, fmt::Display};

/// Most keys of an order.
const MOST_KEYS: usize = 8;

/// The arguments of a `/query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "C: DeserializeOwned, K: DeserializeOwned")]
pub(crate) struct Query<C, K = Comparator> {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) filter: Option<Filter<C>>,
    #[serde(default)]
    pub(crate) sort: Option<Vec<K>>,
    #[serde(default)]
    pub(crate) position: i64,
    #[serde(default)]
    pub(crate) anchor: Option<String>,
    #[serde(default)]
    pub(crate) anchor_offset: i64,
    #[serde(default)]
    pub(crate) limit: Option<u64>,
    #[serde(default)]
    pub(crate) calculate_total: bool,
}

impl<C: DeserializeOwned, K: DeserializeOwned> Common for Query<C, K> {
    const NAMES: &'static [&'static str] =
        &["accountId", "filter", "sort", "position", "anchor", "anchorOffset", "limit", "calculateTotal"];
}

/// The arguments of a `/queryChanges`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "C: DeserializeOwned, K: DeserializeOwned")]
pub(crate) struct QueryChanges<C, K = Comparator> {
    pub(crate) account_id: String,
    pub(crate) since_query_state: String,
    #[serde(default)]
    pub(crate) filter: Option<Filter<C>>,
    #[serde(default)]
    pub(crate) sort: Option<Vec<K>>,
    #[serde(default)]
    max_changes: Option<u64>,
    #[serde(default)]
    pub(crate) up_to_id: Option<String>,
    #[serde(default)]
    pub(crate) calculate_total: bool,
}

impl<C: DeserializeOwned, K: DeserializeOwned> Common for QueryChanges<C, K> {
    const NAMES: &'static [&'static str] =
        &["accountId", "sinceQueryState", "filter", "sort", "maxChanges", "upToId", "calculateTotal"];
}

/// A key of an order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparator {
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

/// How a list has become another: taken out first, put in one after the other from the front, it makes the new one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference<T> {
    pub(crate) removed: Vec<T>,
    /// With their places in the new list, the first one first.
    pub(crate) added: Vec<(usize, T)>,
}

impl<C, K> QueryChanges<C, K> {
    /// Whether anything has changed: what, is asked again, and costs the same.
    ///
    /// # Errors
    /// `cannotCalculateChanges`.
    pub(crate) fn answer(&self, state: &str) -> Result<Value, MethodError> {
        if state != self.since_query_state {
            return Err(MethodError::new("cannotCalculateChanges"));
        }
        self.told::<String>(state, &Difference { removed: Vec::new(), added: Vec::new() }, None)
    }

    /// What has changed, and how many there are now, where that is known.
    ///
    /// # Errors
    /// `tooManyChanges` where they are more than the client takes.
    pub(crate) fn told<T: Display>(
        &self,
        state: &str,
        difference: &Difference<T>,
        total: Option<usize>,
    ) -> Result<Value, MethodError> {
        let Difference { removed, added } = difference;
        let count = u64::try_from(removed.len().saturating_add(added.len())).unwrap_or(u64::MAX);
        if self.max_changes.is_some_and(|most| count > most) {
            return Err(MethodError::new("tooManyChanges"));
        }
        let added = added.iter().map(|(at, id)| json!({ "id": id.to_string(), "index": at }));
        let mut answer = json!({
            "accountId": self.account_id,
            "oldQueryState": self.since_query_state,
            "newQueryState": state,
            "removed": removed.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "added": added.collect::<Vec<_>>(),
        });
        if let (true, Some(total), Some(answer)) = (self.calculate_total, total, answer.as_object_mut()) {
            answer.insert("total".to_owned(), json!(total));
        }
        Ok(answer)
    }
}
