//! The face of an institution in a language: what every page shows. Before somebody has signed on it is the host's, which
//! several institutions may share; afterwards it is that of the person's own institution.

use crate::{branding, words};
use fluent_bundle::FluentValue;
use http::header::ACCEPT_LANGUAGE;
use passerelle_core::{Branding, Door, Look, Result, Session};
use passerelle_net::http::Exchange;

/// The parameter that names the institution whose style or logo is wanted.
pub(crate) const OF: &str = "of";

/// An institution's look and words.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) look: Look,
    pub(crate) language: &'static str,
    pub(crate) name: String,
    pub(crate) has_logo: bool,
}

impl Face {
    /// By the host that was asked, in the language that the browser prefers.
    pub(crate) fn of(door: &Door, exchange: &Exchange) -> Option<Self> {
        let accepted =
            exchange.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Some(Self::new(door.look_at(exchange.host())?, words::choose(accepted)))
    }

    fn new(look: Look, language: &'static str) -> Self {
        let name = look.name_in(language).to_owned();
        Self { has_logo: look.branding.logo.is_some(), look, language, name }
    }

    /// The same language with another look.
    pub(crate) fn with(&self, look: Look) -> Self {
        Self::new(look, self.language)
    }

    /// The face that somebody who has signed on sees.
    pub(crate) fn of_session(&self, session: &Session) -> Result<Self> {
        Ok(self.with(session.look()?))
    }

    pub(crate) fn branding(&self) -> &Branding {
        &self.look.branding
    }

    /// Which institution the style and the logo are asked for, as a query: at a shared host they are not the host's.
    fn whose(&self) -> String {
        self.look.institution.as_ref().map(|id| format!("?{OF}={id}")).unwrap_or_default()
    }

    /// Where the colours are.
    pub(crate) fn colours(&self) -> String {
        format!("/branding.css{}", self.whose())
    }

    /// Where the style of all pages is; it changes when the style does, so that no browser keeps an old one.
    pub(crate) fn style(&self) -> &'static str {
        &branding::STYLE
    }

    /// The logo's address, or that of what stands in for it.
    pub(crate) fn logo(&self) -> String {
        let path = if self.has_logo { "/branding/logo" } else { "/branding/initial.svg" };
        format!("{path}{}", self.whose())
    }

    /// A message.
    pub(crate) fn say(&self, key: &str) -> String {
        words::say(self.language, key, &[])
    }

    /// A message with a text in it.
    pub(crate) fn say_with(&self, key: &str, name: &str, value: &str) -> String {
        words::say_with(self.language, key, &[(name, value)])
    }

    /// A message with a number in it, as `count`.
    pub(crate) fn say_number(&self, key: &str, count: impl TryInto<u32>) -> String {
        words::say(self.language, key, &[("count", FluentValue::from(count.try_into().unwrap_or(u32::MAX)))])
    }
}
