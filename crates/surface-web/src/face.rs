//! The face of an institution in a language: what every page shows.

use crate::{branding, words};
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

    /// Where the style of all pages is; it changes when the style does, so that no browser keeps an old one.
    pub(crate) fn style(&self) -> &'static str {
        &branding::STYLE
    }

    /// The logo's address, or that of what stands in for it.
    pub(crate) fn logo(&self) -> &'static str {
        if self.has_logo { "/branding/logo" } else { "/branding/initial.svg" }
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
