//! Making and withdrawing app passwords.

use crate::{
    face::Face,
    form::Form,
    home::{self, Extra},
    respond,
};
use http::StatusCode;
use passerelle_core::{Error, Manage, Result, Session, Tool, ports::state::Scope};
use passerelle_model::{AccountRef, Timestamp};
use passerelle_net::http::{Exchange, Response};
use time::{Date, format_description::well_known::Iso8601};

/// Makes one and shows it this once, in the answer itself: it is never part of an address.
pub(crate) async fn make(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    if !session.institution()?.tools.has(Tool::AppPasswords) {
        return Err(Error::NotFound);
    }
    let scope = Scope::parse(form.text("scope")).ok_or_else(|| Error::invalid("no such scope"))?;
    let until = match form.text("until") {
        "" => None,
        day => Some(end_of(day).ok_or_else(|| Error::invalid("the end is no day"))?),
    };
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    let made = own.make_app_password(form.text("name"), scope, until).await?;
    let extra = Extra { made: Some((made.row.name, made.text)), status: StatusCode::CREATED, notice: None };
    home::page(session, face, None, extra).await
}

/// The end of a day, as a date field writes it (HTML §2.3.5.2), in UTC.
fn end_of(day: &str) -> Option<Timestamp> {
    let next = Date::parse(day, &Iso8601::DATE).ok()?.next_day()?;
    Some(Timestamp(next.midnight().assume_utc().unix_timestamp()))
}

/// Withdraws all of them.
pub(crate) async fn remove_all(session: &Session, exchange: Exchange) -> Result<Response> {
    let _form = Form::read_own(exchange.body, session).await?;
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    own.remove_app_passwords().await?;
    Ok(respond::see_other("/"))
}

/// Withdraws one.
pub(crate) async fn remove(session: &Session, exchange: Exchange) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    if own.remove_app_password(form.text("id")).await? { Ok(respond::see_other("/")) } else { Err(Error::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_to_its_end() {
        assert_eq!(end_of("2026-11-26"), Some(Timestamp(1_795_737_600)));
        for no_day in ["2026-02-30", "26/11/2026", "tomorrow", "9999-12-31", "-1"] {
            assert_eq!(end_of(no_day), None, "{no_day}");
        }
    }
}
