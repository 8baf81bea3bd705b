//! Lists page by page: where the next page begins goes out sealed, and opens for the same list only.

use super::{Admin, Answer, told};
use passerelle_core::Error;
use passerelle_net::http::Response;
use serde_json::{Value, json};

/// How many of a page, when nobody says.
const USUAL: usize = 50;

impl Admin<'_> {
    /// Where to begin, of a list that is told apart by these words.
    pub(super) fn place(&self, list: &str) -> Answer<Option<String>> {
        match self.call.parameter("cursor").as_str() {
            "" => Ok(None),
            sealed => {
                let none = || Error::invalid("the cursor is none of this list: begin again without it");
                Ok(Some(self.call.session.open_place(list, sealed).ok_or_else(none)?))
            }
        }
    }

    /// How many are asked for; the handles know the most.
    pub(super) fn limit(&self) -> Answer<usize> {
        match self.call.parameter("limit").as_str() {
            "" => Ok(USUAL),
            text => Ok(text.parse().map_err(|_| Error::invalid("limit: a number is meant"))?),
        }
    }

    /// Items under a name, and where the next page begins; `null` at the end.
    pub(super) fn page(&self, list: &str, (name, items): (&str, Vec<Value>), next: Option<String>) -> Answer<Response> {
        let next = next.map(|place| self.call.session.seal_place(list, &place)).transpose()?;
        told(&json!({ name: items, "next": next }))
    }
}
