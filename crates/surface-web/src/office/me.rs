//! `GET /api/me`: who has signed on, for the shell of the office.

use crate::{admin, answer};
use passerelle_core::{Result, Session};
use passerelle_net::http::Response;

/// Name, addresses and groups as the directory has them; what the plain pages' forms carry, so that the office can sign out.
pub(crate) async fn me(session: &Session) -> Result<Response> {
    let principal = session.principal()?;
    let person = principal.person();
    Ok(answer::json(&serde_json::json!({
        "login": session.name_of(principal.account()),
        "name": person.display_name,
        "mails": person.mails,
        "groups": person.groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "administers": admin::administers(session).await,
        "formToken": session.form_token(),
    })))
}
