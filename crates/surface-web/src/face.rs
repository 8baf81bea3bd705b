//! The face of an institution in a language: what every page shows.

use crate::{branding, words};
use fluent_bundle::FluentValue;
use http::header::ACCEPT_LANGUAGE;
use passerelle_core::{Branding, Door, Institution, Tool};
use passerelle_net::http::Exchange;
use std::{collections::BTreeMap, sync::Arc};

/// An institution's look and words.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) institution: Arc<Institution>,
    pub(crate) language: &'static str,
    pub(crate) name: String,
}

/// A link at the foot of the page, in the reader's language.
pub(crate) struct Link<'a> {
    pub(crate) address: &'a str,
    pub(crate) label: &'a str,
}

impl Face {
    /// By the host that was asked, in the language that the browser prefers of those that the institution offers.
    pub(crate) fn of(door: &Door, exchange: &Exchange) -> Option<Self> {
        let institution = door.institution_at(exchange.host())?;
        let accepted =
            exchange.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let language = words::choose(accepted, &institution.branding.languages);
        let name = institution.name_in(language).to_owned();
        Some(Self { institution, language, name })
    }

    pub(crate) fn branding(&self) -> &Branding {
        &self.institution.branding
    }

    /// Whether its people have a tool.
    pub(crate) fn has(&self, tool: Tool) -> bool {
        self.institution.tools.has(tool)
    }

    /// Where the style of all pages is; it changes when the style does, so that no browser keeps an old one.
    pub(crate) fn style(&self) -> &'static str {
        &branding::STYLE
    }

    /// Where the institution's own style is, with a mark of it.
    pub(crate) fn own_style(&self) -> String {
        branding::own_style(self)
    }

    /// The logo's address with a mark of it, or that of what stands in for it.
    pub(crate) fn logo(&self) -> String {
        branding::logo_address(self)
    }

    /// The address of the small image of tabs and bookmarks.
    pub(crate) fn icon(&self) -> String {
        branding::icon_address(self)
    }

    /// The links at the foot.
    pub(crate) fn legal(&self) -> Vec<Link<'_>> {
        let links = self.branding().legal.iter();
        links.map(|link| Link { address: &link.address, label: self.of_language(&link.label) }).collect()
    }

    /// What the sign-in page says to the institution's people, paragraph by paragraph.
    pub(crate) fn sign_in_text(&self) -> Vec<String> {
        let text = self.of_language(&self.branding().sign_in).replace("\r\n", "\n");
        text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect()
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

    /// A text of the institution's own in the reader's language, or in any.
    fn of_language<'a>(&self, texts: &'a BTreeMap<String, String>) -> &'a str {
        texts.get(self.language).or_else(|| texts.values().next()).map_or("", String::as_str)
    }
}
