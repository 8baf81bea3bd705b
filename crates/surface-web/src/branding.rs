//! `/branding.css`, `/branding.json`, the logo or what stands in for it, and the style that all pages share.

use crate::{colour::Colour, face::Face, respond};
use http::{HeaderValue, StatusCode, header};
use passerelle_model::InstitutionId;
use passerelle_net::http::{Response, body_of};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

const SITE_CSS: &str = include_str!("../assets/site.css");

/// The address of [`site_css`], with a mark of its text.
pub(crate) static STYLE: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    SITE_CSS.hash(&mut hasher);
    format!("/assets/site.css?{:016x}", hasher.finish())
});

pub(crate) fn css(face: &Face) -> Response {
    let colour = own_colour(face);
    let text = format!(
        ":root {{ --brand: {colour}; --on-brand: {}; --brand-text: {}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ --brand-text: {}; }} }}\n",
        colour.on(),
        colour.as_text_on_light(),
        colour.as_text_on_dark(),
    );
    typed("text/css; charset=utf-8", text, "public, max-age=60")
}

pub(crate) fn json(face: &Face) -> Response {
    let text = serde_json::json!({
        "institution": face.look.institution.as_ref().map(InstitutionId::as_str),
        "name": face.look.name,
        "colour": face.branding().colour,
        "logo": face.has_logo.then(|| face.logo()),
    });
    typed("application/json", text.to_string(), "public, max-age=60")
}

pub(crate) fn logo(face: &Face) -> Response {
    match &face.branding().logo {
        Some(logo) => typed(logo.media_type, logo.octets.to_vec(), "public, max-age=3600"),
        None => respond::plain(StatusCode::NOT_FOUND, "this institution has no logo"),
    }
}

/// Stands in for a logo: the institution's first letter on its colour.
pub(crate) fn initial(face: &Face) -> Response {
    let colour = own_colour(face);
    let letter = face.name.chars().find(|c| c.is_alphanumeric()).map(char::to_uppercase).into_iter().flatten();
    let text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="{colour}"/><text x="24" y="33" font-family="Georgia, serif" font-size="26" font-weight="bold" text-anchor="middle" fill="{}">{}</text></svg>"#,
        colour.on(),
        letter.collect::<String>(),
    );
    typed("image/svg+xml", text, "public, max-age=60")
}

pub(crate) fn site_css() -> Response {
    typed("text/css; charset=utf-8", SITE_CSS, "public, max-age=3600")
}

/// The institution's colour; a calm blue where the settings name none that can be read.
fn own_colour(face: &Face) -> Colour {
    Colour::parse(&face.branding().colour).unwrap_or(Colour::FALLBACK)
}

fn typed(kind: &'static str, body: impl Into<Vec<u8>>, cache: &'static str) -> Response {
    let mut response = http::Response::new(body_of(body.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
