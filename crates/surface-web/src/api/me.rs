//! `GET /api/me`: who has signed in, and what the institution gives them.

use super::{Answer, Call, json, moment};
use crate::{admin, words};
use http::StatusCode;
use passerelle_core::{Manage, Tool};
use passerelle_model::{AccountRef, CollectionFamily};
use serde_json::{Map, Value, json};

pub(super) async fn me(call: &Call<'_>) -> Answer {
    let (session, face) = (&call.session, &call.face);
    let principal = session.principal()?;
    let (person, account, facts) = (principal.person(), principal.account(), session.institution()?);
    let own = session.open::<_, Manage>(AccountRef(account.clone())).await?;
    let tools: Map<String, Value> =
        Tool::ALL.into_iter().map(|tool| (tool.name().to_owned(), json!(facts.tools.has(tool)))).collect();
    let institutions: Vec<Value> = session
        .may_share_with()?
        .into_iter()
        .map(|it| json!({ "id": it.id.as_str(), "name": it.name_in(face.language) }))
        .collect();
    let languages: Vec<&str> = words::LANGUAGES
        .into_iter()
        .map(|(language, _)| language)
        .filter(|it| facts.branding.languages.is_empty() || facts.branding.languages.iter().any(|own| own == it))
        .collect();
    Ok(json(
        StatusCode::OK,
        &json!({
            "login": session.name_of(account),
            "name": person.display_name,
            "mails": person.mails,
            "groups": person.groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "language": face.language,
            "languages": languages,
            "institution": { "id": facts.id.as_str(), "name": facts.name_in(face.language) },
            "sharesWith": institutions,
            "tools": tools,
            "hasFiles": session.home_of(account).is_some(),
            "hasCalendars": session.has_collections(account, CollectionFamily::Calendars),
            "hasContacts": session.has_collections(account, CollectionFamily::Contacts),
            "hasExternalMail": own.offers_external(),
            "administers": admin::administers(session).await,
            "longestLinkDays": facts.limits.link_days,
            "longestAppPasswordDays": facts.limits.app_password_days,
            "largestUpload": facts.limits.largest_upload(),
            "formToken": session.form_token(),
            "expires": session.expires().and_then(moment),
        }),
    ))
}
