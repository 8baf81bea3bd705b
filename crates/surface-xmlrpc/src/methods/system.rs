//! Introspection and `system.multicall`.

use super::{Effect, Method, all, find, run::run};
use crate::{
    arguments::{Arguments, text_of},
    caller::Caller,
    fault::Refusal,
    params::{KEY, Kind, Needed, Param, needed},
    values::{text, texts},
};
use dxr::{Fault, Value, multicall};
use futures::{StreamExt, stream};
use std::collections::BTreeSet;

/// Most calls in one multicall.
pub(crate) const MOST_CALLS: usize = 100;
/// The one method whose parameter is not described by a [`Kind`]: an array of structs.
pub(crate) const MULTICALL: &str = "system.multicall";
/// The method whose calls in a row are made side by side, and how many of them at once.
const SIDE_BY_SIDE: &str = "account.create";
const AT_ONCE: usize = 16;

const NAME: Param = needed("name", Kind::Text, "a method");

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "system.listMethods",
        params: &[],
        answer: "array",
        help: "The names of all methods, sorted.",
        effect: Effect::Tells,
        run: |_, _| Box::pin(std::future::ready(Ok(list_methods()))),
    },
    Method {
        name: "system.methodHelp",
        params: &[NAME],
        answer: "string",
        help: "What a method does, and what it takes.",
        effect: Effect::Tells,
        run: |_, arguments| Box::pin(std::future::ready(method_help(&arguments))),
    },
    Method {
        name: "system.methodSignature",
        params: &[NAME],
        answer: "array",
        help: "The signatures of a method: the type of the answer, then those of the parameters.",
        effect: Effect::Tells,
        run: |_, arguments| Box::pin(std::future::ready(method_signature(&arguments))),
    },
    Method {
        name: MULTICALL,
        params: &[],
        answer: "array",
        help: "Up to 100 calls in one: an array of {methodName, params}. They are made one after the other, but for accounts that are made in a row: those have nothing to do with each other and are made side by side. Each answer is an array of one value, or a fault of its own.",
        effect: Effect::Tells,
        run: |_, _| Box::pin(std::future::ready(Err(Refusal::Params("a multicall holds no multicall".to_owned())))),
    },
];

fn list_methods() -> Value {
    let mut names: Vec<&str> = all().map(|method| method.name).collect();
    names.sort_unstable();
    texts(names)
}

fn method_help(arguments: &Arguments) -> Result<Value, Refusal> {
    let method = find(arguments.text("name"))?;
    let params = method.params.iter().map(|param| {
        let wanted = if param.needed == Needed::Always { "" } else { ", may be left out" };
        format!("\n{} ({}{wanted}): {}", param.name, param.kind.type_name(), param.help)
    });
    Ok(text(format!("{}{}", method.help, params.collect::<String>())))
}

fn method_signature(arguments: &Arguments) -> Result<Value, Refusal> {
    let signatures = signatures(find(arguments.text("name"))?);
    Ok(Value::Array(signatures.into_iter().map(texts).collect()))
}

/// The ways to call a method: in order with ever more of what may be left out, and all by name in one struct.
pub(crate) fn signatures(method: &Method) -> Vec<Vec<&'static str>> {
    if method.name == MULTICALL {
        return vec![vec!["array", "array"]];
    }
    let types = method.params.iter().map(|param| param.kind.type_name());
    let needed = method.params.iter().filter(|param| param.needed == Needed::Always).count();
    let whole: Vec<&str> = std::iter::once(method.answer).chain(types).collect();
    let mut all: Vec<Vec<&str>> =
        (needed..=method.params.len()).filter_map(|count| whole.get(..=count).map(<[_]>::to_vec)).collect();
    let by_name = vec![method.answer, "struct"];
    if method.effect != Effect::Tells && !all.contains(&by_name) {
        all.push(by_name);
    }
    all
}

/// Makes the calls of a multicall.
pub(crate) async fn multi(caller: &Caller, params: Vec<Value>) -> Result<Value, Refusal> {
    let calls = multicall::from_multicall_params(params)?;
    if calls.len() > MOST_CALLS {
        return Err(Refusal::Params(format!("at most {MOST_CALLS} calls in one")));
    }
    let mut answers = Vec::with_capacity(calls.len());
    let mut calls = calls.into_iter().peekable();
    while let Some(first) = calls.next() {
        let mut named = first.as_ref().ok().and_then(names);
        let mut row = vec![first];
        while let (Some(all), Some(Some(theirs))) =
            (&mut named, calls.peek().map(|next| next.as_ref().ok().and_then(names)))
            && all.is_disjoint(&theirs)
        {
            all.extend(theirs);
            row.extend(calls.next());
        }
        answers.extend(stream::iter(row).map(|call| one(caller, call)).buffered(AT_ONCE).collect::<Vec<_>>().await);
    }
    Ok(multicall::into_multicall_response(answers))
}

/// A call of a multicall.
type Call = (String, Vec<Value>);

async fn one<E: Into<Refusal>>(caller: &Caller, call: Result<Call, E>) -> Result<Value, Fault> {
    let answer = match call {
        Ok((name, params)) => run(caller, &name, params, None).await,
        Err(error) => Err(error.into()),
    };
    if let Err(Refusal::Failed(error)) = &answer {
        crate::log(error, &caller.request);
    }
    answer.map_err(|refusal| refusal.fault())
}

/// What the making of an account names that another call may name too: its login, addresses and key. Two calls that share
/// none of it come out alike in whatever order they are made. `None` for all other calls.
fn names((method, params): &Call) -> Option<BTreeSet<String>> {
    if method != SIDE_BY_SIDE {
        return None;
    }
    let mut named = BTreeSet::new();
    match params.as_slice() {
        [Value::Struct(members)] => {
            for name in ["login", KEY] {
                named.extend(members.get(name).and_then(text_of).map(str::to_lowercase));
            }
        }
        [login, ..] => named.extend(text_of(login).map(str::to_lowercase)),
        [] => {}
    }
    let logins: Vec<String> =
        named.iter().filter_map(|name| name.split_once('@')).map(|(login, _)| login.to_owned()).collect();
    named.extend(logins);
    params.iter().for_each(|value| addresses(value, &mut named));
    Some(named)
}

fn addresses(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains('@') => drop(named.insert(text.to_lowercase())),
        Value::Array(values) => values.iter().for_each(|value| addresses(value, named)),
        Value::Struct(members) => members.values().for_each(|value| addresses(value, named)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn call(method: &str, members: &[(&str, &str)]) -> Call {
        let members = members.iter().map(|(name, text)| ((*name).to_owned(), Value::String((*text).to_owned())));
        (method.to_owned(), vec![Value::Struct(members.collect())])
    }

    #[test]
    fn what_two_calls_must_not_share() {
        let one =
            names(&call("account.create", &[("login", "U1@a.test"), ("mails", "x@a.test"), ("name", "X Y")])).unwrap();
        for (members, apart) in [
            (&[("login", "u2"), ("mails", "y@a.test"), ("name", "X Y")][..], true),
            (&[("login", "u1")], false),
            (&[("login", "u2"), ("mails", "X@A.test")], false),
            (&[("login", "u2"), ("idempotencyKey", "u1")], false),
        ] {
            assert_eq!(names(&call("account.create", members)).unwrap().is_disjoint(&one), apart, "{members:?}");
        }
        assert!(names(&call("account.delete", &[("login", "u1")])).is_none());
        let plain = ("account.create".to_owned(), vec![Value::String("U1".to_owned())]);
        assert!(!names(&plain).unwrap().is_disjoint(&one));
    }
}
