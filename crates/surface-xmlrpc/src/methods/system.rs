//! Introspection and `system.multicall`.

use super::{METHODS, dispatch, find};
use crate::{
    fault::Refusal,
    values::{one, text, texts},
};
use dxr::{Value, multicall};
use passerelle_core::Session;

/// Most calls in one multicall.
const MOST_CALLS: usize = 100;

pub(super) fn list_methods(params: &[Value]) -> Result<Value, Refusal> {
    if params.is_empty() {
        Ok(texts(METHODS.iter().map(|method| method.name)))
    } else {
        Err(Refusal::Params("no parameter is needed".to_owned()))
    }
}

pub(super) fn method_help(params: Vec<Value>) -> Result<Value, Refusal> {
    Ok(text(find(&one::<String>(params)?)?.help))
}

pub(super) fn method_signature(params: Vec<Value>) -> Result<Value, Refusal> {
    let signatures = find(&one::<String>(params)?)?.signatures;
    Ok(Value::Array(signatures.iter().map(|types| texts(types.iter().copied())).collect()))
}

pub(super) async fn multicall(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let calls = multicall::from_multicall_params(params)?;
    if calls.len() > MOST_CALLS {
        return Err(Refusal::Params(format!("at most {MOST_CALLS} calls in one")));
    }
    let mut answers = Vec::with_capacity(calls.len());
    for call in calls {
        let answer = match call {
            // A multicall in a multicall would multiply the bound away.
            Ok((name, _)) if name == "system.multicall" => {
                Err(Refusal::Params("a multicall holds no multicall".into()))
            }
            Ok((name, params)) => dispatch(session, &name, params).await,
            Err(error) => Err(error.into()),
        };
        if let Err(Refusal::Failed(error)) = &answer {
            crate::log(error, "");
        }
        answers.push(answer.map_err(|refusal| refusal.fault()));
    }
    Ok(multicall::into_multicall_response(answers))
}
