//! The parameters of a call, held against what the method takes. They come one after the other, or as one struct by their
//! names; or the first ones in order and the rest in a struct behind them. What is not known is refused by name: a misspelt
//! member would silently mean something else.

use crate::{
    fault::Refusal,
    params::{INSTITUTION, KEY, Kind, Needed, OF_ANY_CALL, Param},
    values::{Struct, setting},
};
use dxr::{DateTime, Value};
use passerelle_core::{AskedFor, SETTINGS, Setting};
use passerelle_model::{Secret, Timestamp};
use std::collections::BTreeMap;

/// A call's parameters, by name, of the right types.
#[derive(Debug, Default)]
pub(crate) struct Arguments(BTreeMap<&'static str, Value>);

impl Arguments {
    /// Sorts a call's values by the names of its method's parameters.
    pub(crate) fn take(params: &'static [Param], values: Vec<Value>) -> Result<Self, Refusal> {
        let mut taken = Self::default();
        let count = values.len();
        for (at, value) in values.into_iter().enumerate() {
            let param = params.get(at);
            let last = at.saturating_add(1) == count;
            match (value, param) {
                (Value::Struct(members), _) if last && is_by_name(&members, params, at) => {
                    taken.merge(params, members)?;
                }
                (value, Some(param)) => taken.put(param, value)?,
                (_, None) => {
                    return Err(Refusal::Params(format!(
                        "at most {} parameters are taken, {count} came",
                        params.len()
                    )));
                }
            }
        }
        match params.iter().find(|param| param.needed == Needed::Always && !taken.0.contains_key(param.name)) {
            Some(param) => Err(Refusal::Params(format!("{} is missing: {}", param.name, param.help))),
            None => Ok(taken),
        }
    }

    fn merge(&mut self, params: &'static [Param], members: Struct) -> Result<(), Refusal> {
        for (name, value) in members {
            let known = params.iter().chain(OF_ANY_CALL).find(|param| param.name == name);
            let param = known.ok_or_else(|| unknown(&name, params))?;
            if self.0.contains_key(param.name) {
                return Err(Refusal::Params(format!("{name} is said twice")));
            }
            self.put(param, value)?;
        }
        Ok(())
    }

    fn put(&mut self, param: &'static Param, value: Value) -> Result<(), Refusal> {
        if !matches!(value, Value::Nil) {
            self.0.insert(param.name, checked(param, value)?);
        }
        Ok(())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text; empty when it was left out.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.maybe_text(name).unwrap_or_default()
    }

    pub(crate) fn maybe_text(&self, name: &str) -> Option<&str> {
        text_of(self.0.get(name)?)
    }

    pub(crate) fn secret(&self, name: &str) -> Option<Secret> {
        self.maybe_text(name).map(Secret::new)
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).map(texts_of).unwrap_or_default()
    }

    /// Octets; none when they were left out.
    pub(crate) fn octets(&self, name: &str) -> &[u8] {
        match self.0.get(name) {
            Some(Value::Base64(octets)) => octets,
            _ => &[],
        }
    }

    pub(crate) fn limit(&self, name: &str, usual: usize) -> Result<usize, Refusal> {
        match self.0.get(name) {
            None => Ok(usual),
            Some(value) => number_of(value)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| Refusal::Params(format!("{name} is not negative"))),
        }
    }

    pub(crate) fn moment(&self, name: &str) -> Option<Timestamp> {
        moment_of(self.0.get(name)?)
    }

    pub(crate) fn members(&self, name: &str) -> Option<&Struct> {
        match self.0.get(name)? {
            Value::Struct(members) => Some(members),
            _ => None,
        }
    }

    /// A whole number that is not negative, where one was given.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let number = number_of(value).and_then(|number| u64::try_from(number).ok());
        number.map(Some).ok_or_else(|| Refusal::Params(format!("{name} is not negative")))
    }

    pub(crate) fn institution(&self) -> Option<&str> {
        self.maybe_text(INSTITUTION)
    }

    /// What says whose trail a call is written to, when the call itself has been consumed.
    pub(crate) fn of_institution(arguments: &Self) -> Self {
        let named = arguments.0.get(INSTITUTION).map(|value| (INSTITUTION, value.clone()));
        Self(named.into_iter().collect())
    }

    /// These, with one text more or another one.
    pub(crate) fn with_text(&self, name: &'static str, text: &str) -> Self {
        let mut all = self.0.clone();
        all.insert(name, Value::String(text.to_owned()));
        Self(all)
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.maybe_text(KEY)
    }

    /// The call in one text, the same for the same call however it was written: with secrets, for a MAC only.
    pub(crate) fn whole(&self, method: &str) -> Vec<u8> {
        let said: BTreeMap<&str, &Value> =
            self.0.iter().filter(|(name, _)| **name != KEY).map(|(name, value)| (*name, value)).collect();
        format!("{method} {said:?}").into_bytes()
    }

    /// What was asked for, for the trail: never a secret, nor what is the target anyway.
    pub(crate) fn shown(&self, params: &[Param], target: &str) -> String {
        let said = params.iter().filter(|param| param.name != target);
        let said = said.filter_map(|param| Some((param, self.0.get(param.name)?)));
        let asked = said.fold(AskedFor::default(), |asked, (Param { name, kind, .. }, value)| match (kind, value) {
            (Kind::Secret | Kind::Octets, _) => asked.hidden(name),
            (Kind::Text, Value::String(text)) => asked.text(name, text),
            (Kind::Texts, Value::Array(_)) => asked.texts(name, &texts_of(value)),
            (kind, value) => asked.written(name, &shown(*kind, value)),
        });
        asked.into_text()
    }
}

/// Whether a struct at the end says parameters by their names: where no struct is awaited, or where it has the name of
/// the one that is.
fn is_by_name(members: &Struct, params: &[Param], at: usize) -> bool {
    match params.get(at) {
        Some(param) if param.kind.is_struct() => {
            let needs_more = params.iter().skip(at.saturating_add(1)).any(|rest| rest.needed == Needed::Always);
            members.contains_key(param.name) || needs_more
        }
        Some(_) | None => true,
    }
}

fn unknown(name: &str, params: &[Param]) -> Refusal {
    let known: Vec<&str> = params.iter().chain(OF_ANY_CALL).map(|param| param.name).collect();
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Refusal::Params(format!("{name} is not known: {} are", known.join(", ")))
}

fn checked(param: &Param, value: Value) -> Result<Value, Refusal> {
    let wanted = |what: &str| Refusal::Params(format!("{}: {what} is wanted", param.name));
    match param.kind {
        Kind::Text | Kind::Secret => text_of(&value).map(drop).ok_or_else(|| wanted("a string"))?,
        Kind::Octets if matches!(value, Value::Base64(_)) => {}
        Kind::Octets => return Err(wanted("base64")),
        Kind::Number => number_of(&value).map(drop).ok_or_else(|| wanted("an int"))?,
        Kind::Moment => {
            moment_of(&value)
                .map(drop)
                .ok_or_else(|| wanted("a number of seconds since 1970 or a dateTime.iso8601"))?;
        }
        Kind::Texts => check_texts(&value).ok_or_else(|| wanted("an array of strings"))?,
        Kind::Named => {
            let Value::Struct(members) = &value else { return Err(wanted("a struct")) };
            for (name, held) in members {
                check_texts(held).ok_or_else(|| {
                    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                    wanted(&format!("a string or an array of strings as {name}"))
                })?;
            }
        }
        Kind::Settings => {
            let Value::Struct(members) = &value else { return Err(wanted("a struct")) };
            if let Some(name) = members.keys().find(|name| Setting::named(name).is_none()) {
                let known: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                let what = format!("{}: {name} is no setting: {} are", param.name, known.join(", "));
                return Err(Refusal::Params(what));
            }
        }
        Kind::Members(known) => {
            let Value::Struct(members) = value else { return Err(wanted("a struct")) };
            let mut kept = Struct::new();
            for (name, held) in members {
                let member = known.iter().find(|member| member.name == name).ok_or_else(|| {
                    let Refusal::Params(what) = unknown(&name, known) else { return wanted("a struct") };
                    Refusal::Params(format!("{}: {what}", param.name))
                })?;
                if !matches!(held, Value::Nil) {
                    kept.insert(name, checked(member, held)?);
                }
            }
            if let Some(missing) =
                known.iter().find(|member| member.needed == Needed::Always && !kept.contains_key(member.name))
            {
                return Err(Refusal::Params(format!("{}: {} is missing", param.name, missing.name)));
            }
            return Ok(Value::Struct(kept));
        }
    }
    Ok(value)
}

pub(crate) fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(i64::from(*number)),
        Value::Long(number) => Some(*number),
        _ => None,
    }
}

pub(crate) fn moment_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::DateTime(moment) => Some(seconds(moment)),
        value => number_of(value).map(Timestamp),
    }
}

fn check_texts(value: &Value) -> Option<()> {
    match value {
        Value::String(_) => Some(()),
        Value::Array(values) => values.iter().all(|value| text_of(value).is_some()).then_some(()),
        _ => None,
    }
}

pub(crate) fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().filter_map(text_of).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A date of the protocol has no zone: UTC is meant. The days before its year begin in March, so that the leap day is the
/// year's last.
fn seconds(moment: &DateTime) -> Timestamp {
    let (year, month, day) = (i64::from(moment.year()), i64::from(moment.month()), i64::from(moment.day()));
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days =
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + day
            - 1
            - 719_468;
    let time = i64::from(moment.hour()) * 3600 + i64::from(moment.minute()) * 60 + i64::from(moment.second());
    Timestamp(days * 86_400 + time)
}

fn shown(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Secret | Kind::Octets, _) => "(hidden)".to_owned(),
        (Kind::Members(known), Value::Struct(members)) => {
            let said = known.iter().filter_map(|member| {
                let held = members.get(member.name)?;
                Some(format!("{}={}", member.name, shown(member.kind, held)))
            });
            format!("{{{}}}", said.collect::<Vec<_>>().join(" "))
        }
        (Kind::Named, Value::Struct(members)) => {
            let said = members.iter().map(|(name, held)| format!("{name:?}={:?}", texts_of(held)));
            format!("{{{}}}", said.collect::<Vec<_>>().join(" "))
        }
        (Kind::Settings, Value::Struct(members)) => {
            let said = members.iter().map(|(name, held)| format!("{name}={}", setting_shown(name, held)));
            format!("{{{}}}", said.collect::<Vec<_>>().join(" "))
        }
        (_, Value::String(text)) => format!("{text:?}"),
        (_, Value::Array(_)) => format!("{:?}", texts_of(value)),
        (_, value) => moment_of(value).map_or_else(|| "?".to_owned(), |number| number.0.to_string()),
    }
}

/// A setting's value for the trail: of an image what it is.
fn setting_shown(name: &str, value: &Value) -> String {
    match (Setting::named(name), setting(value)) {
        (Some(known), Some(value)) => known.shown(value).to_string(),
        _ => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use crate::params::{needed, optional};

    const PARAMS: &[Param] = &[
        needed("login", Kind::Text, "who"),
        needed("password", Kind::Secret, "the word"),
        optional("mails", Kind::Texts, "addresses"),
        optional("card", Kind::Members(&[optional("note", Kind::Text, "a note")]), "a card"),
        optional("until", Kind::Moment, "the end"),
    ];

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn by_name(members: &[(&str, Value)]) -> Value {
        Value::Struct(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[track_caller]
    fn refused(values: Vec<Value>, said: &str) {
        let Err(Refusal::Params(what)) = Arguments::take(PARAMS, values) else { panic!("it was taken") };
        assert!(what.contains(said), "{what}");
    }

    #[test]
    fn in_order_by_name_or_both() {
        let both = [("login", text("u1")), ("password", text("w")), ("mails", Value::Array(vec![text("a@b")]))];
        for values in [
            vec![text("u1"), text("w"), Value::Array(vec![text("a@b")])],
            vec![by_name(&both)],
            vec![text("u1"), by_name(&both[1..])],
            vec![text("u1"), text("w"), by_name(&[("mails", text("a@b"))])],
            vec![text("u1"), text("w"), text("a@b"), Value::Nil, Value::Nil],
        ] {
            let taken = Arguments::take(PARAMS, values).unwrap();
            assert_eq!((taken.text("login"), taken.texts("mails")), ("u1", vec!["a@b".to_owned()]));
            assert_eq!(taken.secret("password").unwrap().expose(), b"w");
        }
        let card = by_name(&[("note", text("x"))]);
        let taken = Arguments::take(PARAMS, vec![text("u1"), text("w"), Value::Nil, card]).unwrap();
        assert_eq!(taken.members("card").unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused(vec![], "login is missing");
        refused(vec![text("u1")], "password is missing");
        refused(vec![text("u1"), text("w"), by_name(&[("mials", text("x"))])], "mials is not known");
        refused(vec![text("u1"), text("w"), by_name(&[("login", text("x"))])], "login is said twice");
        refused(vec![Value::Integer(1), text("w")], "login: a string is wanted");
        refused(vec![text("u1"), text("w"), Value::Boolean(true)], "mails: an array of strings is wanted");
        refused(vec![text("u1"), text("w"), Value::Array(vec![Value::Integer(1)])], "mails");
        refused(
            vec![by_name(&[("login", text("u1")), ("password", text("w")), ("card", by_name(&[("nte", text("x"))]))])],
            "card: nte is not known",
        );
        let many = vec![text("u1"), text("w"), Value::Nil, Value::Nil, Value::Nil, text("x")];
        refused(many, "at most 5");
    }

    #[test]
    fn no_secret_is_shown_and_no_word_of_an_unknown_member() {
        let taken = Arguments::take(PARAMS, vec![text("u1"), text("hunter2"), text("a\nb")]).unwrap();
        assert_eq!(taken.shown(PARAMS, "login"), "password=(hidden) mails=\"a\\nb\"");
        assert!(!taken.shown(PARAMS, "").contains("hunter2"));
        let Err(Refusal::Params(what)) = Arguments::take(PARAMS, vec![by_name(&[("passwrod", text("hunter2"))])])
        else {
            panic!("it was taken")
        };
        assert!(!what.contains("hunter2"), "{what}");
    }

    #[test]
    fn the_same_call_however_it_is_written() {
        let one = Arguments::take(PARAMS, vec![text("u1"), text("w")]).unwrap();
        let members = [("password", text("w")), ("login", text("u1")), ("idempotencyKey", text("k"))];
        let other = Arguments::take(PARAMS, vec![by_name(&members)]).unwrap();
        assert_eq!(one.whole("m"), other.whole("m"));
        assert_eq!(other.key(), Some("k"));
        let third = Arguments::take(PARAMS, vec![text("u1"), text("v")]).unwrap();
        assert_ne!(one.whole("m"), third.whole("m"));
    }

    #[test]
    fn moments() {
        let call = |xml: &str| Value::from_xml(&format!("<value><dateTime.iso8601>{xml}</dateTime.iso8601></value>"));
        for (xml, at) in
            [("19700101T00:00:00", 0), ("20000229T12:00:00", 951_825_600), ("20260301T00:00:01", 1_772_323_201)]
        {
            assert_eq!(moment_of(&call(xml).unwrap()), Some(Timestamp(at)), "{xml}");
        }
    }
}
