//! `EmailSubmission/set` (RFC 8621 §7.5): each that is created is a message sent. What is to become of the messages that were sent is
//! an `Email/set` behind it.

use super::send::send;
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::{
        arguments::With,
        nothing::STATE,
        set::{Done, Set},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most messages that one call sends.
const MOST_SENT: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OnSuccess {
    #[serde(default)]
    on_success_update_email: Option<Map<String, Value>>,
    #[serde(default)]
    on_success_destroy_email: Option<Vec<String>>,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, OnSuccess>) -> Result<Value, MethodError> {
    let With { common: set, own: on_success } = arguments;
    desk.check_account(&set.account_id)?;
    set.check(STATE)?;
    if set.create.as_ref().is_some_and(|all| all.len() > MOST_SENT) {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut done, mut sent) = (Done::default(), Map::new());
    for (name, submission) in set.create.unwrap_or_default() {
        match send(desk, &submission).await {
            Ok(made) => {
                sent.insert(format!("#{name}"), json!(made.email));
                done.created(desk, &name, made.id, made.value);
            }
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    // What was sent cannot be called back, and is not remembered.
    for id in set.update.unwrap_or_default().keys() {
        done.not_updated(desk, id, &SetError::new("notFound"));
    }
    for id in set.destroy.unwrap_or_default() {
        done.not_destroyed(desk, &id, &SetError::new("notFound"));
    }
    // The names of submissions become the ids of their messages; of what was not sent nothing follows.
    let email_of = |name: &String| sent.get(name).and_then(Value::as_str).map(str::to_owned);
    let update: Map<String, Value> = on_success
        .on_success_update_email
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, patch)| Some((email_of(&name)?, patch)))
        .collect();
    let destroy: Vec<String> =
        on_success.on_success_destroy_email.unwrap_or_default().iter().filter_map(email_of).collect();
    if !update.is_empty() || !destroy.is_empty() {
        let follow_up = json!({ "accountId": set.account_id, "update": update, "destroy": destroy });
        desk.follow_up = follow_up.as_object().map(|arguments| ("Email/set", arguments.clone()));
    }
    Ok(done.answer(&set.account_id, STATE, STATE))
}
