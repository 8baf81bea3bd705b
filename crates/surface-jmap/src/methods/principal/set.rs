//! `Principal/set` (RFC 9670 §2.3): the directory makes people, and takes them away.

use super::meant;
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::set::{Done, Set},
    state::UNKNOWN_STATE,
};
use serde_json::Value;

pub(crate) fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    arguments.check(UNKNOWN_STATE)?;
    let why = |id: &str| SetError::new(if meant(id).is_some() { "forbidden" } else { "notFound" });
    let mut done = Done::default();
    for name in arguments.create.unwrap_or_default().keys() {
        done.not_created(desk, name, &SetError::saying("forbidden", "people are the directory's"));
    }
    for id in arguments.update.unwrap_or_default().keys() {
        done.not_updated(desk, id, &why(id));
    }
    for id in arguments.destroy.unwrap_or_default() {
        done.not_destroyed(desk, &id, &why(&id));
    }
    Ok(done.answer(&arguments.account_id, UNKNOWN_STATE, UNKNOWN_STATE))
}
