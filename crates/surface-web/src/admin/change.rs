//! What the page's forms change, and the trail of it.

use super::{administered, check_fresh, fields, is_fixed, shown};
use crate::{
    face::Face,
    form::{Form, LARGEST_OF_SETTINGS},
    home::Notice,
    respond,
};
use http::StatusCode;
use passerelle_core::{AskedFor, Authorized, Error, Manage, Noted, Result, Session, Setting, SettingValue};
use passerelle_model::InstitutionRef;
use passerelle_net::http::{Exchange, Response};
use std::{collections::BTreeMap, net::IpAddr};

/// The changes of a form: settings by their names; `None` is what the file says.
pub(crate) type Changes = BTreeMap<String, Option<SettingValue>>;

/// Takes the form of a section.
pub(crate) async fn update(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let (from, form) = (exchange.peer.ip(), own_form(session, exchange).await?);
    let institution = administered(session).await?;
    let mut changes = fields::read(&form, institution.facts()?.as_ref()).ok_or(Error::NotFound)?;
    let (_, settings) = institution.settings().await?;
    // What is fixed is shown and not sent.
    changes.retain(|name, _| !is_fixed(&settings, name));
    change(session, face, &institution, &changes, version(&form)?, from).await
}

/// Takes a change back.
pub(crate) async fn undo(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let (from, form) = (exchange.peer.ip(), own_form(session, exchange).await?);
    let institution = administered(session).await?;
    let number = form.text("change").parse().map_err(|_| Error::NotFound)?;
    let outcome = institution.undo_settings(number, None).await;
    note(session, &institution, "institution.undo", format!("change={number}"), from, outcome.as_ref().err()).await?;
    answer(session, face, outcome).await
}

/// Changes settings, and answers with the page.
pub(super) async fn change(
    session: &Session,
    face: &Face,
    institution: &Authorized<InstitutionRef, Manage>,
    changes: &Changes,
    version: u64,
    from: IpAddr,
) -> Result<Response> {
    let outcome = institution.change_settings(changes, Some(version)).await;
    note(session, institution, "institution.update", asked_for(changes).into_text(), from, outcome.as_ref().err())
        .await?;
    answer(session, face, outcome).await
}

async fn own_form(session: &Session, exchange: Exchange) -> Result<Form> {
    let form = Form::read_own_up_to(exchange.body, session, LARGEST_OF_SETTINGS).await?;
    check_fresh(session)?;
    Ok(form)
}

/// The version that a form was made for.
fn version(form: &Form) -> Result<u64> {
    form.text("version").parse().map_err(|_| Error::invalid("the form has no version"))
}

/// The page after a change, or with the reason why there was none. What was done is shown by going there again, so that
/// nothing is sent twice.
async fn answer(session: &Session, face: &Face, outcome: Result<u64>) -> Result<Response> {
    let (status, text) = match outcome {
        Ok(_) => return Ok(respond::see_other("/admin?done=1")),
        Err(Error::Conflict) => (StatusCode::CONFLICT, face.say("admin-stale")),
        Err(Error::Forbidden) => (StatusCode::FORBIDDEN, face.say("admin-fixed")),
        Err(Error::Invalid { what }) => {
            let name = what.split(':').next().unwrap_or_default();
            let name = if Setting::named(name).is_some() { fields::label(face, name) } else { String::new() };
            (StatusCode::BAD_REQUEST, face.say_with("admin-invalid", "name", &name))
        }
        Err(error) => return Err(error),
    };
    shown(session, face, status, Some(Notice { good: false, text })).await
}

/// Writes the trail: the same lines as the calls of programs.
async fn note(
    session: &Session,
    institution: &Authorized<InstitutionRef, Manage>,
    method: &str,
    change: String,
    from: IpAddr,
    failed: Option<&Error>,
) -> Result<()> {
    let id = institution.target().0.clone();
    let noted = Noted {
        target: id.to_string(),
        institution: id,
        from: from.to_string(),
        method: method.to_owned(),
        outcome: failed.map_or("done", Error::word).to_owned(),
        change,
    };
    session.note(noted).await?;
    session.secure().await
}

/// Changes as the trail has them.
pub(crate) fn asked_for(changes: &Changes) -> AskedFor {
    let value = |name: &str, value: &Option<SettingValue>| match (Setting::named(name), value) {
        (Some(setting), Some(value)) => setting.shown(value.clone()).to_string(),
        _ => "(file)".to_owned(),
    };
    changes.iter().fold(AskedFor::default(), |asked, (name, it)| asked.written(name, &value(name, it)))
}
