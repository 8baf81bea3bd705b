//! Introspection and `system.multicall`.

use super::{Effect, Method, all, find, run::run};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Needed, Param, needed},
    values::{text, texts},
};
use dxr::{Value, multicall};

/// Most calls in one multicall.
pub(crate) const MOST_CALLS: usize = 100;
/// The one method whose parameter is not described by a [`Kind`]: an array of structs.
pub(crate) const MULTICALL: &str = "system.multicall";

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
        help: "Up to 100 calls in one: an array of {methodName, params}. They are made one after the other; each answer is an array of one value, or a fault of its own.",
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
    for call in calls {
        let answer = match call {
            Ok((name, params)) => run(caller, &name, params, None).await,
            Err(error) => Err(error.into()),
        };
        if let Err(Refusal::Failed(error)) = &answer {
            crate::log(error, &caller.request);
        }
        answers.push(answer.map_err(|refusal| refusal.fault()));
    }
    Ok(multicall::into_multicall_response(answers))
}
