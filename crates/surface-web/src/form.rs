//! Small forms.

use passerelle_core::{Error, Result, Session};
use passerelle_model::Secret;
use passerelle_net::http::{RequestBody, read_whole};
use std::collections::HashMap;

/// Largest form, in octets.
const LARGEST: usize = 16 * 1024;

/// Largest form of an institution's settings, in octets: texts in each language, written with escapes.
pub(crate) const LARGEST_OF_SETTINGS: usize = 128 * 1024;

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

    /// A field that must not be printed.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        self.0.get(name).cloned().unwrap_or_else(|| Secret::new(""))
    }
}
