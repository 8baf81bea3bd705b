//! `/branding.css`, `/branding.json`, the logo, and the style that all pages share.

use crate::{colour::Colour, face::Face, respond};
use http::{HeaderValue, StatusCode, header};
use passerelle_net::http::{Response, body_of};

pub(crate) fn css(face: &Face) -> Response {
    let colour = Colour::parse(&face.branding().colour).or_else(|| Colour::parse("#1f4e79"));
    let text = colour.map_or_else(String::new, |colour| {
        format!(
            ":root {{ --brand: {colour}; --on-brand: {}; --brand-text: {}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ --brand-text: {}; }} }}\n",
            colour.on(),
            colour.as_text_on_light(),
            colour.as_text_on_dark(),
        )
    });
    typed("text/css; charset=utf-8", text, "public, max-age=60")
}

pub(crate) fn json(face: &Face) -> Response {
    let text = serde_json::json!({
        "institution": face.institution.id.as_str(),
        "name": face.institution.name,
        "colour": face.branding().colour,
        "logo": face.has_logo.then_some("/branding/logo"),
    });
    typed("application/json", text.to_string(), "public, max-age=60")
}

pub(crate) fn logo(face: &Face) -> Response {
    match &face.branding().logo {
        Some(logo) => typed(logo.media_type, logo.octets.to_vec(), "public, max-age=3600"),
        None => respond::plain(StatusCode::NOT_FOUND, "this institution has no logo"),
    }
}

pub(crate) fn site_css() -> Response {
    typed("text/css; charset=utf-8", include_str!("../assets/site.css"), "public, max-age=3600")
}

fn typed(kind: &'static str, body: impl Into<Vec<u8>>, cache: &'static str) -> Response {
    let mut response = http::Response::new(body_of(body.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
