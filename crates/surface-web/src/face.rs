//! The face of an institution in a language: what every page shows. Before somebody has signed on it is the host's, which
//! several institutions may share; afterwards it is that of the person's own institution.

use crate::{branding, routes::ROUTES, words};
use fluent_bundle::FluentValue;
use http::Method;
use passerelle_core::{Branding, Door, Look, Result, Session, Tool};
use passerelle_net::http::{Exchange, Found, own_page};
use passerelle_words::{LANGUAGE_COOKIE, direction, known, language_of};
use std::collections::BTreeMap;

/// The parameter that names the institution whose style or logo is wanted.
pub(crate) const OF: &str = "of";
/// The parameter that chooses a language.
const LANG: &str = "lang=";
/// Where one goes on from what no address shows again.
const HOME: &str = "/basic";

/// An institution's look and words.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) look: Look,
    pub(crate) language: &'static str,
    /// A language that was chosen on the way here, to be kept for the pages that come.
    pub(crate) chosen: Option<&'static str>,
    /// Whether this browser has a choice of language, or makes one now.
    pub(crate) is_chosen: bool,
    pub(crate) name: String,
    /// The address that shows this page, or what comes closest to it, without a language.
    here: String,
}

/// A language that the page can be read in.
pub(crate) struct Tongue {
    pub(crate) tag: &'static str,
    /// Its name in itself.
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) current: bool,
}

/// A link at the foot of the page, in the reader's language.
pub(crate) struct Link<'a> {
    pub(crate) address: &'a str,
    pub(crate) label: &'a str,
}

impl Face {
    /// By the host that was asked, in the language that the address asks for, that was chosen before or that the browser prefers, of
    /// those that the institution offers.
    pub(crate) fn of(door: &Door, exchange: &Exchange) -> Option<Self> {
        let look = door.look_at(exchange.host())?;
        let query = exchange.uri().query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| known(pair.strip_prefix(LANG)?));
        let chosen = asked.filter(|asked| is_offered(&look, asked));
        let language = chosen.unwrap_or_else(|| language_of(exchange, &look.branding().languages));
        let name = look.name_in(language).to_owned();
        let is_chosen = chosen.is_some() || exchange.cookie(LANGUAGE_COOKIE).is_some();
        let here = here(exchange.method(), exchange.uri().path(), query);
        Some(Self { look, language, chosen, is_chosen, name, here })
    }

    /// The same in a language that was chosen in the office, if it is offered.
    pub(crate) fn spoken_in(self, language: &'static str) -> Self {
        if !is_offered(&self.look, language) {
            return self;
        }
        let name = self.look.name_in(language).to_owned();
        Self { language, chosen: Some(language), is_chosen: true, name, ..self }
    }

    /// The same page in the same language with another look.
    pub(crate) fn with(&self, look: Look) -> Self {
        let name = look.name_in(self.language).to_owned();
        Self { look, name, ..self.clone() }
    }

    /// The same for a page that must not tell what it answers: what is hidden looks as what is missing, octet for octet.
    pub(crate) fn anywhere(&self) -> Self {
        Self { here: format!("{HOME}?"), ..self.clone() }
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

    /// From where its words are written, as HTML says it.
    pub(crate) fn direction(&self) -> &'static str {
        direction(self.language)
    }

    /// The languages that the page can be read in.
    pub(crate) fn tongues(&self) -> Vec<Tongue> {
        let tongue = |tag| Tongue {
            tag,
            name: words::own_name(tag),
            address: format!("{}{LANG}{tag}", self.here),
            current: tag == self.language,
        };
        let offered = words::LANGUAGES.into_iter().map(|(tag, _)| tag).filter(|tag| is_offered(&self.look, tag));
        offered.map(tongue).collect()
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

fn is_offered(look: &Look, language: &str) -> bool {
    let offered = &look.branding().languages;
    offered.is_empty() || offered.iter().any(|it| it == language)
}

/// The address that shows a page again, up to where a parameter can follow. What answers a form is shown by the address above that
/// has a page, or else by the home.
fn here(method: &Method, path: &str, query: &str) -> String {
    let shows = |path: &&str| method == Method::GET || matches!(ROUTES.find(&Method::GET, path), Found::Page(_));
    let path = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
    let path = path.filter(|path| !path.is_empty()).find(shows).unwrap_or(HOME);
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with(LANG)).collect();
    let sign = if kept.is_empty() { "" } else { "&" };
    format!("{}?{}{sign}", own_page(path), kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_chosen_for_the_page_that_is_shown() {
        for (method, path, query, expected) in [
            (Method::GET, "/login", "", "/login?"),
            (Method::GET, "/login", "lang=ar&next=%2Fadmin", "/login?next=%2Fadmin&"),
            (Method::POST, "/login", "", "/login?"),
            (Method::POST, "/share/link/remove", "owner=a&folder=b+c", "/share?owner=a&folder=b+c&"),
            (Method::POST, "/s/abc/upload", "", "/s/abc?"),
            (Method::POST, "/upload", "folder=a", "/basic?folder=a&"),
            (Method::GET, "/nothing/here", "", "/nothing/here?"),
            (Method::GET, "//evil.test/x", "a=1", "/?a=1&"),
        ] {
            assert_eq!(here(&method, path, query), expected, "{method} {path}?{query}");
        }
    }
}
