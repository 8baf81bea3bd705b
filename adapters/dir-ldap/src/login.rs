//! The filter that finds who signs on: a template with `{login}` and `{address}` in values. What a person typed is put
//! in as a value, never as text, so that no sign of it can change the filter.

use passerelle_model::Login;
use passerelle_wire_filter::{Filter, Pieces};

const LOGIN: &str = "{login}";
const ADDRESS: &str = "{address}";

/// A login filter, checked.
#[derive(Debug)]
pub(crate) struct Template(Filter);

impl Template {
    /// Reads a template. It must ask for `{login}` or `{address}`, and not below a `!`: that would be everybody else.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let filter = Filter::parse(text).map_err(|error| error.to_string())?;
        if !asks(&filter) {
            return Err("neither {login} nor {address} is a value in it".to_owned());
        }
        if negated(&filter) {
            return Err("{login} or {address} stands below `!`".to_owned());
        }
        Ok(Self(selective_first(filter)))
    }

    /// The filter for a login; `None` when it could match nobody, as one that asks for an address only and was given none.
    pub(crate) fn fill(&self, login: &Login) -> Option<Filter> {
        let address = login.address();
        fill(&self.0, &Values { login: login.local(), address: address.as_deref() })
    }
}

/// What asks for a login stands before what holds of everybody: servers that judge the parts of an "and" in their order
/// look through the list of all people otherwise, and be it to find that nobody has the login.
fn selective_first(filter: Filter) -> Filter {
    match filter {
        Filter::And(parts) => {
            let mut parts: Vec<Filter> = parts.into_iter().map(selective_first).collect();
            parts.sort_by_key(|part| !asks(part));
            Filter::And(parts)
        }
        Filter::Or(parts) => Filter::Or(parts.into_iter().map(selective_first).collect()),
        other => other,
    }
}

struct Values<'a> {
    login: &'a str,
    address: Option<&'a str>,
}

impl Values<'_> {
    /// One pass, so that what a person typed is not filled in again. `None` where an address is asked for and there is none.
    fn put_into(&self, value: &[u8]) -> Option<Vec<u8>> {
        let Ok(text) = std::str::from_utf8(value) else { return Some(value.to_vec()) };
        let parts = text.split(LOGIN).map(|part| match self.address {
            Some(address) => Some(part.replace(ADDRESS, address)),
            None if part.contains(ADDRESS) => None,
            None => Some(part.to_owned()),
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join(self.login).into_bytes())
    }
}

/// `None` is false: what asks for an address that is not there.
fn fill(filter: &Filter, values: &Values<'_>) -> Option<Filter> {
    Some(match filter {
        Filter::And(parts) => Filter::And(parts.iter().map(|part| fill(part, values)).collect::<Option<_>>()?),
        Filter::Or(parts) => {
            let mut parts: Vec<Filter> = parts.iter().filter_map(|part| fill(part, values)).collect();
            match parts.len() {
                0 => return None,
                1 => parts.swap_remove(0),
                _ => Filter::Or(parts),
            }
        }
        Filter::Not(part) => Filter::Not(part.clone()),
        Filter::Equal { attribute, value } => {
            Filter::Equal { attribute: attribute.clone(), value: values.put_into(value)? }
        }
        Filter::Approx { attribute, value } => {
            Filter::Approx { attribute: attribute.clone(), value: values.put_into(value)? }
        }
        Filter::Extensible { attribute, dn, rule, value } => Filter::Extensible {
            attribute: attribute.clone(),
            dn: *dn,
            rule: rule.clone(),
            value: values.put_into(value)?,
        },
        Filter::Substring { attribute, pieces } => {
            let some = |piece: &Option<Vec<u8>>| match piece {
                Some(piece) => values.put_into(piece).map(Some),
                None => Some(None),
            };
            let any = pieces.any.iter().map(|piece| values.put_into(piece)).collect::<Option<_>>()?;
            let pieces = Pieces { initial: some(&pieces.initial)?, any, last: some(&pieces.last)? };
            Filter::Substring { attribute: attribute.clone(), pieces }
        }
        Filter::Present { .. } | Filter::GreaterOrEqual { .. } | Filter::LessOrEqual { .. } => filter.clone(),
    })
}

/// Whether a value that is filled in has a placeholder.
fn asks(filter: &Filter) -> bool {
    let has =
        |value: &[u8]| std::str::from_utf8(value).is_ok_and(|value| value.contains(LOGIN) || value.contains(ADDRESS));
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(asks),
        Filter::Not(part) => asks(part),
        Filter::Equal { value, .. } | Filter::Approx { value, .. } | Filter::Extensible { value, .. } => has(value),
        Filter::Substring { pieces, .. } => {
            pieces.initial.iter().chain(&pieces.any).chain(&pieces.last).any(|piece| has(piece))
        }
        Filter::Present { .. } | Filter::GreaterOrEqual { .. } | Filter::LessOrEqual { .. } => false,
    }
}

fn negated(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(negated),
        Filter::Not(part) => asks(part),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const DEFAULT: &str = "(&(objectClass=inetOrgPerson)(|(uid={login})(mail={address})(supannAliasLogin={login})))";

    #[track_caller]
    fn check(template: &str, typed: &str, filled: Option<&str>) {
        let login = Login::parse(typed.as_bytes()).unwrap();
        let text = Template::parse(template).unwrap().fill(&login).map(|filter| filter.to_string());
        assert_eq!(text.as_deref(), filled);
    }

    #[test]
    fn an_address_is_asked_for_only_where_there_is_one() {
        check(
            DEFAULT,
            "u1@a.test",
            Some("(&(|(uid=u1)(mail=u1@a.test)(supannAliasLogin=u1))(objectClass=inetOrgPerson))"),
        );
        check(DEFAULT, "u1", Some("(&(|(uid=u1)(supannAliasLogin=u1))(objectClass=inetOrgPerson))"));
        check("(|(mail={address})(uid={login}))", "u1", Some("(uid=u1)"));
        check("(mail={address})", "u1", None);
        // Dropping the condition would leave everybody.
        check("(&(objectClass=person)(mail={address}))", "u1", None);
    }

    #[test]
    fn what_was_typed_stays_a_value() {
        check("(uid={login})", "*", Some("(uid=\\2a)"));
        check("(uid={login})", "x)(uid=*", Some("(uid=x\\29\\28uid=\\2a)"));
        check("(uid={login})", "\\2a", Some("(uid=\\5c2a)"));
        check("(|(uid={login})(mail={address}))", "{address}", Some("(uid={address})"));
        check("(mail={login}@{address})", "{address}@x", Some("(mail={address}@{address}@x)"));
        check("(uid=*{login}*)", "a*b", Some("(uid=*a\\2ab*)"));
    }

    #[test]
    fn templates_that_cannot_be_meant() {
        for text in ["(uid=x)", "(!(uid={login}))", "uid={login}", "(&(uid={login})(!(mail={address})))", "({login}=x)"]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
