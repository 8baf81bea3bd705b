//! `EmailSubmission/set` (RFC 8621 §7.5): each that is created is a message sent. What is to become of the messages that were sent is
//! an `Email/set` behind it.

use super::{STATE, send::send};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::set::{Done, Set},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most messages that one call sends.
const MOST_SENT: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Submit {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    #[serde(default)]
    create: Option<Map<String, Value>>,
    #[serde(default)]
    update: Option<Map<String, Value>>,
    #[serde(default)]
    destroy: Option<Vec<String>>,
    #[serde(default)]
    on_success_update_email: Option<Map<String, Value>>,
    #[serde(default)]
    on_success_destroy_email: Option<Vec<String>>,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: Submit) -> Result<Value, MethodError> {
    let Submit { account_id, if_in_state, create, update, destroy, .. } = arguments;
    let set = Set { account_id, if_in_state, create, update, destroy };
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
    let update: Map<String, Value> = arguments
        .on_success_update_email
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, patch)| Some((email_of(&name)?, patch)))
        .collect();
    let destroy: Vec<String> =
        arguments.on_success_destroy_email.unwrap_or_default().iter().filter_map(email_of).collect();
    if !update.is_empty() || !destroy.is_empty() {
        let follow_up = json!({ "accountId": set.account_id, "update": update, "destroy": destroy });
        desk.follow_up = follow_up.as_object().map(|arguments| ("Email/set", arguments.clone()));
    }
    Ok(done.answer(&set.account_id, STATE, STATE))
}
