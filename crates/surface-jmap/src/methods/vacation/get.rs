//! `VacationResponse/get` (RFC 8621 §8.1).

use super::ID;
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Get, check_count, distinct, properties},
    sieve::{Ours, Scripts, handle},
};
use mail_parser::DateTime;
use passerelle_core::Read;
use serde_json::{Map, Value, json};

const PROPERTIES: [&str; 7] = ["id", "isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody"];

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let scripts = Scripts::of(&handle::<Read>(desk.session).await?).await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    let ids = arguments.ids.unwrap_or_else(|| vec![ID.to_owned()]);
    check_count(ids.len())?;
    for id in distinct(ids) {
        if id == ID { list.push(told(&scripts, &wanted)) } else { missing.push(id) }
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "state": scripts.absence_state(),
        "list": list,
        "notFound": missing,
    }))
}

fn told(scripts: &Scripts, wanted: &[&str]) -> Value {
    let absence = match &scripts.ours {
        Ours::Written(absence) => absence.clone(),
        // What somebody has written by hand is told as the script that it is.
        Ours::None | Ours::ByHand => crate::sieve::Absence::default(),
    };
    let date = |at: Option<i64>| json!(at.map(|at| DateTime::from_timestamp(at).to_rfc3339()));
    let mut all = Map::new();
    for property in wanted {
        let value = match *property {
            "id" => json!(ID),
            "isEnabled" => json!(scripts.answers),
            "fromDate" => date(absence.from),
            "toDate" => date(absence.to),
            "subject" => json!(absence.subject),
            "textBody" => json!(absence.text),
            "htmlBody" => json!(absence.html),
            _ => continue,
        };
        all.insert((*property).to_owned(), value);
    }
    Value::Object(all)
}
