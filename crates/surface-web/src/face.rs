//! The face of an institution in a language: what every page shows. Before somebody has signed on it is the host's, which
//! several institutions may share; afterwards it is that of the person's own institution.

use crate::{branding, words};
use fluent_bundle::FluentValue;
use http::header::ACCEPT_LANGUAGE;
use passerelle_core::{Branding, Door, Look, Result, Session, Tool};
use passerelle_net::http::Exchange;
use std::collections::BTreeMap;

/// The parameter that names the institution whose style or logo is wanted.
pub(crate) const OF: &str = "of";

/// An institution's look and words.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) look: Look,
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
        let accepted =
            exchange.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let look = door.look_at(exchange.host())?;
        let language = words::choose(accepted, &look.branding().languages);
        Some(Self::new(look, language))
    }

    fn new(look: Look, language: &'static str) -> Self {
        let name = look.name_in(language).to_owned();
        Self { look, language, name }
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
        self.look.branding()
    }

    /// Which institution the style and the images are asked for, as a parameter: at a shared host they are not the host's.
    pub(crate) fn whose(&self) -> String {
        self.look.institution().map(|facts| format!("{OF}={}.", facts.id)).unwrap_or_default()
    }

    /// Whether its people have a tool.
    pub(crate) fn has(&self, tool: Tool) -> bool {
        self.look.institution().is_none_or(|facts| facts.tools.has(tool))
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
