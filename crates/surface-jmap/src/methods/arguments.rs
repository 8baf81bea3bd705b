//! Arguments that methods of a kind have in common, and those that one of them has beside. A name that is neither is refused, as
//! one that was written wrongly.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};

/// What methods of a kind have in common.
pub(crate) trait Common: DeserializeOwned {
    /// The names of it.
    const NAMES: &'static [&'static str];
}

/// The arguments of one that has some beside.
#[derive(Debug)]
pub(crate) struct With<C, M> {
    pub(crate) common: C,
    pub(crate) own: M,
}

impl<'de, C: Common, M: DeserializeOwned> Deserialize<'de> for With<C, M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::<String, Value>::deserialize(deserializer)?;
        let (common, own): (Map<_, _>, Map<_, _>) =
            all.into_iter().partition(|(name, _)| C::NAMES.contains(&name.as_str()));
        let common = serde_json::from_value(Value::Object(common)).map_err(D::Error::custom)?;
        Ok(Self { common, own: serde_json::from_value(Value::Object(own)).map_err(D::Error::custom)? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::methods::Get;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Own {
        #[serde(default)]
        is_large: bool,
    }

    #[test]
    fn each_argument_is_known() {
        let read = |value: Value| serde_json::from_value::<With<Get, Own>>(value);
        let good = read(json!({ "accountId": "A", "ids": ["x"], "isLarge": true })).unwrap();
        assert_eq!((good.common.account_id.as_str(), good.own.is_large), ("A", true));
        assert!(!read(json!({ "accountId": "A" })).unwrap().own.is_large);
        for bad in [
            json!({}),
            json!({ "accountId": "A", "x": 1 }),
            json!({ "accountId": 1 }),
            json!({ "accountId": "A", "isLarge": 1 }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
