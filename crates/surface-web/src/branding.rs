//! `/branding.css`, `/branding.json`, the images or what stands in for the logo, and the style that all pages share. All of
//! it may change at run time: it is asked for by an address with a mark of its content, which may be kept for good, or by
//! its plain address, which is asked for again each time (RFC 9110 §13.1.2, RFC 8246).

use crate::{colour::Colour, face::Face, respond};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use passerelle_core::{Image, Tool};
use passerelle_net::http::{Exchange, Response, body_of, empty};
use std::{
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

const SITE_CSS: &str = include_str!("../assets/site.css");
/// Nothing in an image may act, whoever opens it by its address: an SVG's own style is all that counts.
const IMAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The address of [`site_css`], with a mark of its text.
pub(crate) static STYLE: LazyLock<String> = LazyLock::new(|| format!("/assets/site.css?{}", mark(SITE_CSS.as_bytes())));

/// The institution's own style: its colour, and what can be read on it and in it.
pub(crate) fn css(face: &Face, exchange: &Exchange) -> Response {
    kept("text/css; charset=utf-8", own_css(face).into_bytes(), exchange)
}

pub(crate) fn json(face: &Face, exchange: &Exchange) -> Response {
    let branding = face.branding();
    let legal: Vec<_> =
        branding.legal.iter().map(|link| serde_json::json!({ "address": link.address, "label": link.label })).collect();
    let tools: serde_json::Map<String, serde_json::Value> =
        Tool::ALL.iter().map(|tool| (tool.name().to_owned(), face.has(*tool).into())).collect();
    let text = serde_json::json!({
        "institution": face.look.institution().map(|facts| facts.id.as_str()),
        "name": face.look.name(),
        "colour": own_colour(face).to_string(),
        "colourDark": dark_colour(face).to_string(),
        "logo": branding.logo.as_ref().map(|_| face.logo()),
        "favicon": face.icon(),
        "signIn": branding.sign_in,
        "legal": legal,
        "languages": branding.languages,
        "tools": tools,
    });
    kept("application/json", text.to_string().into_bytes(), exchange)
}

pub(crate) fn logo(face: &Face, exchange: &Exchange) -> Response {
    image(face.branding().logo.as_ref(), exchange)
}

pub(crate) fn favicon(face: &Face, exchange: &Exchange) -> Response {
    image(face.branding().favicon.as_ref().or(face.branding().logo.as_ref()), exchange)
}

/// Stands in for a logo: the institution's first letter on its colour.
pub(crate) fn initial(face: &Face, exchange: &Exchange) -> Response {
    kept("image/svg+xml", drawn_initial(face).into_bytes(), exchange)
}

pub(crate) fn site_css(exchange: &Exchange) -> Response {
    kept("text/css; charset=utf-8", SITE_CSS.as_bytes().to_vec(), exchange)
}

/// The address of [`css`], with a mark of its text.
pub(crate) fn own_style(face: &Face) -> String {
    format!("/branding.css?{}{}", face.whose(), mark(own_css(face).as_bytes()))
}

/// The address of [`logo`], or of [`initial`].
pub(crate) fn logo_address(face: &Face) -> String {
    match &face.branding().logo {
        Some(image) => format!("/branding/logo?{}{}", face.whose(), image.mark()),
        None => format!("/branding/initial.svg?{}{}", face.whose(), mark(drawn_initial(face).as_bytes())),
    }
}

/// The address of [`favicon`], or what stands in for it.
pub(crate) fn icon_address(face: &Face) -> String {
    match &face.branding().favicon {
        Some(image) => format!("/branding/favicon?{}{}", face.whose(), image.mark()),
        None => logo_address(face),
    }
}

fn own_css(face: &Face) -> String {
    let (colour, dark) = (own_colour(face), dark_colour(face));
    let mut text = format!(
        ":root {{ --brand: {colour}; --on-brand: {}; --brand-text: {}; }}\n",
        colour.on(),
        colour.as_text_on_light()
    );
    let _ = writeln!(
        text,
        "@media (prefers-color-scheme: dark) {{ :root {{ --brand: {dark}; --on-brand: {}; --brand-text: {}; }} }}",
        dark.on(),
        dark.as_text_on_dark(),
    );
    // In the office one may choose a theme that is not the system's.
    for (theme, colour, as_text) in
        [("light", &colour, colour.as_text_on_light()), ("dark", &dark, dark.as_text_on_dark())]
    {
        let on = colour.on();
        let _ = writeln!(
            text,
            ":root[data-theme=\"{theme}\"] {{ --brand: {colour}; --on-brand: {on}; --brand-text: {as_text}; }}"
        );
    }
    text
}

fn drawn_initial(face: &Face) -> String {
    let colour = own_colour(face);
    let letter = face.name.chars().find(|c| c.is_alphanumeric()).map(char::to_uppercase).into_iter().flatten();
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="{colour}"/><text x="24" y="33" font-family="Georgia, serif" font-size="26" font-weight="bold" text-anchor="middle" fill="{}">{}</text></svg>"#,
        colour.on(),
        letter.collect::<String>(),
    )
}

/// The institution's colour, as `#rrggbb`.
pub(crate) fn colour(face: &Face) -> String {
    own_colour(face).to_string()
}

/// The institution's colour; a calm blue where the settings name none that can be read.
fn own_colour(face: &Face) -> Colour {
    Colour::parse(&face.branding().colour).unwrap_or(Colour::FALLBACK)
}

fn dark_colour(face: &Face) -> Colour {
    face.branding().colour_dark.as_deref().and_then(Colour::parse).unwrap_or_else(|| own_colour(face))
}

fn image(image: Option<&Image>, exchange: &Exchange) -> Response {
    let Some(image) = image else {
        return respond::plain(StatusCode::NOT_FOUND, "this institution has no such image");
    };
    let mut response = marked(image.media_type(), image.octets().to_vec(), image.mark(), exchange);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(IMAGE_POLICY));
    response
}

/// 16 digits of a content.
fn mark(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn kept(kind: &'static str, body: Vec<u8>, exchange: &Exchange) -> Response {
    let mark = mark(&body);
    marked(kind, body, &mark, exchange)
}

fn marked(kind: &'static str, body: Vec<u8>, mark: &str, exchange: &Exchange) -> Response {
    let tag = format!("\"{mark}\"");
    let fresh = says(exchange.headers(), &tag);
    let mut response = http::Response::new(if fresh { empty() } else { body_of(body) });
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let asked = exchange.uri().query().and_then(|query| query.rsplit('.').next());
    let for_good = asked == Some(mark);
    let cache = if for_good { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether the browser has what it asks for (RFC 9110 §13.1.2); tags are compared weakly.
fn says(headers: &HeaderMap, tag: &str) -> bool {
    let held = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    held.flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|held| held == "*" || held.trim_start_matches("W/") == tag)
}
