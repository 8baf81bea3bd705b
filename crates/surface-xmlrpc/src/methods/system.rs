//! Introspection and `system.multicall`.

use super::{
    Effect, Method, Together, all, find,
    run::{run, run_together},
};
use crate::{
    arguments::{Arguments, text_of},
    caller::Caller,
    fault::Refusal,
    params::{KEY, Kind, Needed, Param, needed},
    values::{text, texts},
};
use dxr::{Value, multicall};
use std::{collections::BTreeSet, iter::Peekable};

/// Most calls in one multicall.
pub(crate) const MOST_CALLS: usize = 100;
/// The one method whose parameter is not described by a [`Kind`]: an array of structs.
pub(crate) const MULTICALL: &str = "system.multicall";
/// The method whose calls in a row are made together.
const TOGETHER: Together = super::account::CREATE;

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
        help: "Up to 100 calls in one: an array of {methodName, params}. They are made one after the other; accounts that are made in a row are looked for together, and come out as if they were made one after the other. Each answer is an array of one value, or a fault of its own.",
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

/// Makes the calls of a multicall, in their order; those of [`TOGETHER`] that follow one another, together.
pub(crate) async fn multi(caller: &Caller, params: Vec<Value>) -> Result<Value, Refusal> {
    let calls = multicall::from_multicall_params(params)?;
    if calls.len() > MOST_CALLS {
        return Err(Refusal::Params(format!("at most {MOST_CALLS} calls in one")));
    }
    let mut answers = Vec::with_capacity(calls.len());
    let mut calls = calls.into_iter().peekable();
    while let Some(first) = calls.next() {
        let row = match first {
            Ok((name, params)) if name == TOGETHER.name => row(params, &mut calls),
            Ok((name, params)) => {
                answers.push(run(caller, &name, params, None).await);
                continue;
            }
            Err(error) => {
                answers.push(Err(error.into()));
                continue;
            }
        };
        answers.extend(run_together(caller, &TOGETHER, row).await);
    }
    let told = answers.into_iter().map(|answer| {
        if let Err(Refusal::Failed(error)) = &answer {
            crate::log(error, &caller.request);
        }
        answer.map_err(|refusal| refusal.fault())
    });
    Ok(multicall::into_multicall_response(told.collect()))
}

/// The parameters of a call and of those like it behind it. One with a key that another has ends the row: it is answered
/// by what became of the other.
fn row<E>(
    first: Vec<Value>,
    calls: &mut Peekable<impl Iterator<Item = Result<(String, Vec<Value>), E>>>,
) -> Vec<Vec<Value>> {
    let mut keys: BTreeSet<String> = key(&first).map(str::to_owned).into_iter().collect();
    let mut row = vec![first];
    while let Some(Ok((_, params))) = calls.next_if(|next| {
        matches!(next, Ok((name, params)) if name == TOGETHER.name && key(params).is_none_or(|key| !keys.contains(key)))
    }) {
        keys.extend(key(&params).map(str::to_owned));
        row.push(params);
    }
    row
}

/// The key among a call's parameters: what is said by name comes last.
fn key(params: &[Value]) -> Option<&str> {
    match params.last()? {
        Value::Struct(members) => members.get(KEY).and_then(text_of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, members: &[(&str, &str)]) -> Result<(String, Vec<Value>), Refusal> {
        let members = members.iter().map(|(name, text)| ((*name).to_owned(), Value::String((*text).to_owned())));
        Ok((method.to_owned(), vec![Value::String("u".to_owned()), Value::Struct(members.collect())]))
    }

    #[track_caller]
    fn check(calls: Vec<Result<(String, Vec<Value>), Refusal>>, in_a_row: usize) {
        let first = call("account.create", &[(KEY, "first")]).map(|(_, params)| params).unwrap_or_default();
        assert_eq!(row(first, &mut calls.into_iter().peekable()).len(), in_a_row);
    }

    #[test]
    fn what_is_made_together() {
        let create = |members: &[(&str, &str)]| call("account.create", members);
        check(vec![], 1);
        check(vec![create(&[]), create(&[]), create(&[(KEY, "second")])], 4);
        check(vec![create(&[]), create(&[(KEY, "first")]), create(&[])], 2);
        check(vec![create(&[(KEY, "x")]), create(&[(KEY, "x")])], 2);
        check(vec![create(&[]), call("account.delete", &[]), create(&[])], 2);
        check(vec![create(&[]), Err(Refusal::NoMethod), create(&[])], 2);
    }
}
