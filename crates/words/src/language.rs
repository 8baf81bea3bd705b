//! In which language an answer is: the one that somebody chose on our pages, else the one that their browser likes best.

use http::{HeaderValue, header::ACCEPT_LANGUAGE};
use passerelle_core::LANGUAGES;
use passerelle_net::http::{Exchange, SentWith, cookie_for};

/// What a browser keeps of a choice of language. It proves nothing.
pub const LANGUAGE_COOKIE: &str = "__Host-passerelle-language";

/// For how long, in seconds: a year.
const LASTS: i64 = 31_536_000;
/// Most ranges of a header that are looked at.
const MOST_RANGES: usize = 16;
/// The languages that are written from the right.
const FROM_THE_RIGHT: [&str; 1] = ["ar"];

/// The language of whoever asks, of those that are offered: all when the list is empty. The first of the list is for whom none of
/// them suits.
pub fn language_of(exchange: &Exchange, offered: &[String]) -> &'static str {
    let accepted = exchange.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    best(exchange.cookie(LANGUAGE_COOKIE), accepted, offered)
}

/// A language by its tag (RFC 5646 §2.1), when there are words in it.
pub fn known(tag: &str) -> Option<&'static str> {
    let language = tag.split(['-', '_']).next()?;
    LANGUAGES.into_iter().find(|known| known.eq_ignore_ascii_case(language))
}

/// From where it is written, as `dir` says it (HTML §3.2.6.4).
pub fn direction(language: &str) -> &'static str {
    if FROM_THE_RIGHT.contains(&language) { "rtl" } else { "ltr" }
}

/// The header that lets a browser keep a choice.
pub fn choice_cookie(language: &'static str) -> Option<HeaderValue> {
    cookie_for(LANGUAGE_COOKIE, language, LASTS, SentWith::OwnSite)
}

/// By what was chosen, else by an `Accept-Language` header (RFC 9110 §12.5.4).
fn best(chosen: Option<&str>, accepted: &str, offered: &[String]) -> &'static str {
    let is_offered = |language: &&'static str| offered.is_empty() || offered.iter().any(|it| it == language);
    let chosen = chosen.and_then(known).filter(is_offered);
    let mut wanted: Vec<(u16, &str)> = accepted
        .split(',')
        .take(MOST_RANGES)
        .filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()).unwrap_or(0.0);
            Some((thousandths(weight), known(tag.trim()).filter(is_offered)?))
        })
        .filter(|(weight, _)| *weight > 0)
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let own = offered.iter().find_map(|it| known(it));
    chosen.or(wanted.first().map(|(_, language)| *language)).or(own).unwrap_or("en")
}

fn thousandths(weight: f32) -> u16 {
    (0..=1000_u16).rev().find(|step| f32::from(*step) <= weight.clamp(0.0, 1.0) * 1000.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_then_by_weight_then_the_institutions_own() {
        for (chosen, accepted, offered, expected) in [
            (None, "fr-FR,fr;q=0.9,en;q=0.8", &[][..], "fr"),
            (None, "de,en;q=0.5,fr;q=0.7", &[], "de"),
            (None, "ja, pt-BR; q=0.5, it;q=0.7", &[], "it"),
            (None, "fr;q=0,en", &[], "en"),
            (None, "ar-MA", &[], "ar"),
            (None, "ja", &[], "en"),
            (None, "", &[], "en"),
            (None, "fr", &["en"], "en"),
            (None, "ja", &["fr", "en"], "fr"),
            (None, "ja,en;q=0.1", &["fr", "en"], "en"),
            (None, "ja", &["xx"], "en"),
            (Some("nl"), "fr", &[], "nl"),
            (Some("nl"), "fr", &["en", "fr"], "fr"),
            (Some("\"><script>"), "es", &[], "es"),
        ] {
            let offered: Vec<String> = offered.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(best(chosen, accepted, &offered), expected, "{chosen:?} {accepted} of {offered:?}");
        }
    }

    #[test]
    fn tags_and_directions() {
        assert_eq!(known("fr_FR"), Some("fr"));
        assert_eq!(known("AR-dz"), Some("ar"));
        assert_eq!(known("../fr"), None);
        assert_eq!(LANGUAGES.map(direction).iter().filter(|it| **it == "rtl").count(), 1);
        assert_eq!(direction("ar"), "rtl");
    }
}
