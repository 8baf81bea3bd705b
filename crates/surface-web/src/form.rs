//! Small forms.

use passerelle_core::{Error, Result, Session};
use passerelle_model::{Secret, Timestamp};
use passerelle_net::http::{RequestBody, read_whole};
use std::collections::HashMap;
use time::{Date, format_description::well_known::Iso8601};

/// Largest form, in octets.
const LARGEST: usize = 16 * 1024;

/// Largest form of an institution's settings, in octets: texts in each language, written with escapes.
pub(crate) const LARGEST_OF_SETTINGS: usize = 256 * 1024;

/// A form's fields. Passwords may be among them, so it is never printed.
pub(crate) struct Form(HashMap<String, Secret>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` (WHATWG URL §5).
    pub(crate) async fn read(body: RequestBody) -> Result<Self> {
        Self::read_up_to(body, LARGEST).await
    }

    async fn read_up_to(body: RequestBody, most: usize) -> Result<Self> {
        let body = read_whole(body, most).await.map_err(|_| Error::invalid("the form is too large"))?;
        let fields =
            form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), Secret::new(value.as_bytes())));
        Ok(Self(fields.collect()))
    }

    /// Reads a form and checks that our own page made it for this session.
    pub(crate) async fn read_own(body: RequestBody, session: &Session) -> Result<Self> {
        Self::read_own_up_to(body, session, LARGEST).await
    }

    /// The same for a form that may be larger or smaller than others.
    pub(crate) async fn read_own_up_to(body: RequestBody, session: &Session, most: usize) -> Result<Self> {
        let form = Self::read_up_to(body, most).await?;
        if session.form_token_holds(form.text("token")) { Ok(form) } else { Err(Error::Forbidden) }
    }

    /// A field's text; empty when it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Secret::expose_str).unwrap_or_default()
    }

    /// The end of the day in a date field, in UTC; `None` when it is empty.
    pub(crate) fn end_of_day(&self, name: &str) -> Result<Option<Timestamp>> {
        match self.text(name) {
            "" => Ok(None),
            day => end_of(day).map(Some).ok_or_else(|| Error::invalid("the end is no day")),
        }
    }

    /// A field that must not be printed.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        self.0.get(name).cloned().unwrap_or_else(|| Secret::new(""))
    }
}

/// The end of a day, as a date field writes it (HTML §2.3.5.2), in UTC.
pub(crate) fn end_of(day: &str) -> Option<Timestamp> {
    let next = Date::parse(day, &Iso8601::DATE).ok()?.next_day()?;
    Some(Timestamp(next.midnight().assume_utc().unix_timestamp()))
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
