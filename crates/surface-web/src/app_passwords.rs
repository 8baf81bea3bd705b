//! Making and withdrawing app passwords.

use crate::{
    face::Face,
    form::Form,
    home::{self, Extra},
    respond,
};
use http::StatusCode;
use passerelle_core::{Error, Manage, Result, Session, Tool, ports::state::Scope};
use passerelle_model::AccountRef;
use passerelle_net::http::{Exchange, Response};

/// Makes one and shows it this once, in the answer itself: it is never part of an address.
pub(crate) async fn make(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    if !session.institution()?.tools.has(Tool::AppPasswords) {
        return Err(Error::NotFound);
    }
    let scope = Scope::parse(form.text("scope")).ok_or_else(|| Error::invalid("no such scope"))?;
    let until = form.end_of_day("until")?;
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    let made = own.make_app_password(form.text("name"), scope, until).await?;
    let extra = Extra { made: Some((made.row.name, made.text)), status: StatusCode::CREATED, notice: None };
    home::page(session, face, None, extra).await
}

/// Withdraws all of them.
pub(crate) async fn remove_all(session: &Session, exchange: Exchange) -> Result<Response> {
    let _form = Form::read_own(exchange.body, session).await?;
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    own.remove_app_passwords().await?;
    Ok(respond::see_other("/basic"))
}

/// Withdraws one.
pub(crate) async fn remove(session: &Session, exchange: Exchange) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    if own.remove_app_password(form.text("id")).await? {
        Ok(respond::see_other("/basic"))
    } else {
        Err(Error::NotFound)
    }
}
