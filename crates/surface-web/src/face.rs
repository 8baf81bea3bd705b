//! The face of an institution in a language: what every page shows.

use crate::words;
use fluent_bundle::FluentValue;
use http::header::ACCEPT_LANGUAGE;
use passerelle_core::{Branding, Door, Institution};
use passerelle_net::http::Exchange;

/// An institution's look and words.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) institution: Institution,
    pub(crate) language: &'static str,
    pub(crate) name: String,
    pub(crate) has_logo: bool,
}

impl Face {
    /// By the host that was asked, in the language that the browser prefers.
    pub(crate) fn of(door: &Door, exchange: &Exchange) -> Option<Self> {
        let institution = door.institution_at(exchange.host())?;
        let accepted =
            exchange.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let language = words::choose(accepted);
        let name = institution.name_in(language).to_owned();
        Some(Self { has_logo: institution.branding.logo.is_some(), institution, language, name })
    }

    pub(crate) fn branding(&self) -> &Branding {
        &self.institution.branding
    }

    /// A message.
    pub(crate) fn say(&self, key: &str) -> String {
        words::say(self.language, key, &[])
    }

    /// A message with a text in it.
    pub(crate) fn say_with(&self, key: &str, name: &str, value: &str) -> String {
        words::say(self.language, key, &[(name, FluentValue::from(value))])
    }

    /// A message with a number in it, as `count`.
    pub(crate) fn say_number(&self, key: &str, count: impl TryInto<u32>) -> String {
        words::say(self.language, key, &[("count", FluentValue::from(count.try_into().unwrap_or(u32::MAX)))])
    }
}
