//! Conditions that are joined by AND, OR and NOT (RFC 8620 §5.5), read within bounds.

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::Value;

/// Deepest conditions in conditions, and most of them.
const DEEPEST: usize = 12;
const MOST: usize = 150;

/// A filter of these conditions.
#[derive(Debug)]
pub(crate) enum Filter<C> {
    Joined(Logic, Vec<Filter<C>>),
    One(Box<C>),
}

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logic {
    And,
    Or,
    /// None of them.
    Not,
}

impl<'de, C: DeserializeOwned> Deserialize<'de> for Filter<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut left = MOST;
        Self::of(Value::deserialize(deserializer)?, &mut left, DEEPEST).map_err(D::Error::custom)
    }
}

impl<C> Filter<C> {
    /// Whether this is said of any of its conditions.
    pub(crate) fn any(&self, one: &dyn Fn(&C) -> bool) -> bool {
        match self {
            Self::One(it) => one(it),
            Self::Joined(_, all) => all.iter().any(|it| it.any(one)),
        }
    }

    /// Whether it holds, where this says it of a condition.
    pub(crate) fn holds(&self, one: &dyn Fn(&C) -> bool) -> bool {
        match self {
            Self::One(it) => one(it),
            Self::Joined(Logic::And, all) => all.iter().all(|it| it.holds(one)),
            Self::Joined(Logic::Or, all) => all.iter().any(|it| it.holds(one)),
            Self::Joined(Logic::Not, all) => !all.iter().any(|it| it.holds(one)),
        }
    }
}

impl<C: DeserializeOwned> Filter<C> {
    /// Takes the value apart, so that nothing of it is ever there twice.
    fn of(mut value: Value, left: &mut usize, depth: usize) -> Result<Self, String> {
        let many = || "the filter has too many conditions".to_owned();
        *left = left.checked_sub(1).ok_or_else(many)?;
        let depth = depth.checked_sub(1).ok_or_else(many)?;
        let Some(operator) = value.get("operator") else {
            return serde_json::from_value(value).map(|it| Self::One(Box::new(it))).map_err(|error| error.to_string());
        };
        let logic = match operator.as_str() {
            Some("AND") => Logic::And,
            Some("OR") => Logic::Or,
            Some("NOT") => Logic::Not,
            _ => return Err("the operator is AND, OR or NOT".to_owned()),
        };
        if value.as_object().is_some_and(|it| it.len() != 2) {
            return Err("an operator has conditions and nothing else".to_owned());
        }
        match value.get_mut("conditions").map(Value::take) {
            Some(Value::Array(conditions)) => {
                let all = conditions.into_iter().map(|it| Self::of(it, left, depth));
                Ok(Self::Joined(logic, all.collect::<Result<_, _>>()?))
            }
            _ => Err("an operator has a list of conditions".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Filter<Value>, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn filters_are_read_within_bounds() {
        assert!(matches!(read(json!({ "a": 1 })), Ok(Filter::One(_))));
        let joined = json!({ "operator": "NOT", "conditions": [{}, { "operator": "OR", "conditions": [] }] });
        assert!(matches!(read(joined), Ok(Filter::Joined(Logic::Not, all)) if all.len() == 2));
        let mut deep = json!({});
        for _ in 0..20 {
            deep = json!({ "operator": "AND", "conditions": [deep] });
        }
        for bad in [
            deep,
            json!({ "operator": "AND", "conditions": vec![json!({}); 200] }),
            json!({ "operator": "XOR", "conditions": [] }),
            json!({ "operator": "AND" }),
            json!({ "operator": "AND", "conditions": [], "a": 1 }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
