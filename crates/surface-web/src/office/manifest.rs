//! `/manifest.webmanifest` (W3C Web Application Manifest): the office as a program of its own on a device, with the
//! institution's name, colour and logo as they are now.

use crate::{branding, face::Face, respond};
use http::{HeaderValue, header};
use passerelle_net::http::{Exchange, Response, body_of};

/// Longest name that fits under an icon, in characters.
const SHORT: usize = 12;

pub(crate) fn manifest(face: &Face, _exchange: &Exchange) -> Response {
    // A name that is too long is cut by what shows it; its last word tells most: "Université de Garonne".
    let is_long = face.name.chars().count() > SHORT;
    let short = face.name.split_whitespace().next_back().filter(|_| is_long).unwrap_or(&face.name);
    let text = serde_json::json!({
        "name": face.name,
        "short_name": short,
        "lang": face.language,
        "dir": face.direction(),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": branding::colour(face),
        "icons": [{ "src": face.icon(), "sizes": "any" }, { "src": "/branding/initial.svg", "sizes": "any", "type": "image/svg+xml" }],
    });
    let mut response = http::Response::new(body_of(text.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    respond::for_this_browser(response)
}
