//! The page on which somebody says where they sign on, when a federation has several places. Links, no script: the browser's
//! own search finds a name, and the list is in the order of the reader's language.

use crate::reply::escaped;
use http::{HeaderValue, header};
use passerelle_core::ports::Choice;
use passerelle_net::http::{Response, body_of, own_page};
use passerelle_words::direction;

/// Title, heading and the words before the list, in each language.
const WORDS: [(&str, [&str; 2]); 8] = [
    ("en", ["Where do you sign in?", "Choose your institution."]),
    ("fr", ["Où vous connectez-vous ?", "Choisissez votre établissement."]),
    ("nl", ["Waar meldt u zich aan?", "Kies uw instelling."]),
    ("de", ["Wo melden Sie sich an?", "Wählen Sie Ihre Einrichtung."]),
    ("es", ["¿Dónde inicia sesión?", "Elija su institución."]),
    ("it", ["Dove accede?", "Scelga il suo istituto."]),
    ("pt", ["Onde inicia sessão?", "Escolha a sua instituição."]),
    ("ar", ["أين تسجّل الدخول؟", "اختر مؤسستك."]),
];

/// The page to come back to, from the address that began.
pub(crate) fn next(query: &str) -> String {
    let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next");
    own_page(next.as_ref().map(|(_, value)| value.as_ref()).unwrap_or_default()).to_owned()
}

/// The page.
pub(crate) fn page(choices: &[Choice], path: &str, next: &str, language: &str) -> Response {
    let (language, [title, lead]) = WORDS.iter().find(|(known, _)| *known == language).copied().unwrap_or(WORDS[0]);
    let mut named: Vec<(String, &str)> =
        choices.iter().map(|choice| (name(choice, language), choice.id.as_str())).collect();
    named.sort_by_key(|(name, _)| name.to_lowercase());
    let items: String = named
        .iter()
        .map(|(name, id)| {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("idp", id)
                .append_pair("next", next)
                .finish();
            format!("<li><a href=\"{}?{}\" dir=\"auto\">{}</a></li>", escaped(path), escaped(&query), escaped(name))
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"{language}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/assets/site.css\"><link rel=\"stylesheet\" href=\"/branding.css\"></head>\
         <body><main class=\"narrow\"><div class=\"card\"><h1>{title}</h1><p class=\"lead\">{lead}</p>\
         <ul class=\"choices\">{items}</ul></div></main></body></html>",
        direction(language)
    );
    let mut response = http::Response::new(body_of(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

fn name(choice: &Choice, language: &str) -> String {
    let names = &choice.names;
    names.get(language).or_else(|| names.values().next()).unwrap_or(&choice.id).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_speaks_every_language() {
        assert_eq!(WORDS.map(|(language, _)| language), passerelle_core::LANGUAGES);
    }
}
