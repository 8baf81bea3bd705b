//! The words, from `locales/*.ftl`. Every key stands in every language; a test holds that.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The languages there are, the fallback first.
pub(crate) const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("../locales/en.ftl")), ("fr", include_str!("../locales/fr.ftl"))];

static BUNDLES: LazyLock<Vec<(&'static str, FluentBundle<FluentResource>)>> =
    LazyLock::new(|| LANGUAGES.iter().map(|(language, text)| (*language, bundle(language, text))).collect());

fn bundle(language: &str, text: &str) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks would show in titles and attributes; names get dir="auto" where they stand.
    bundle.set_use_isolating(false);
    // A resource with faults still gives what is right in it; the test of parity fails then.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The best language for an `Accept-Language` header (RFC 9110 §12.5.4), of those that are offered: all when the list is
/// empty, else the first of the list for whom none of them suits.
pub(crate) fn choose(accepted: &str, offered: &[String]) -> &'static str {
    let is_offered = |language: &str| offered.is_empty() || offered.iter().any(|it| it == language);
    let own = offered.iter().find_map(|it| LANGUAGES.iter().find(|(known, _)| known == it));
    let mut wanted: Vec<(u16, &str)> = accepted
        .split(',')
        .take(16)
        .filter_map(|range| {
            let (tag, weight) =
                range.split_once(";q=").map_or((range, 1.0), |(tag, q)| (tag, q.trim().parse().unwrap_or(0.0)));
            let language = tag.trim().split('-').next()?;
            let (known, _) =
                LANGUAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(language) && is_offered(known))?;
            Some((thousandths(weight), *known))
        })
        .filter(|(weight, _)| *weight > 0)
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.first().map(|(_, language)| *language).or(own.map(|(own, _)| *own)).unwrap_or("en")
}

fn thousandths(weight: f32) -> u16 {
    (0..=1000_u16).rev().find(|step| f32::from(*step) <= weight.clamp(0.0, 1.0) * 1000.0).unwrap_or(0)
}

/// A message; its key where there is none, so that a fault shows.
pub(crate) fn say(language: &str, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let bundles = &*BUNDLES;
    let Some((_, bundle)) = bundles.iter().find(|(known, _)| *known == language).or_else(|| bundles.first()) else {
        return key.to_owned();
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { return key.to_owned() };
    let mut named = FluentArgs::new();
    for (name, value) in arguments {
        named.set((*name).to_owned(), value.clone());
    }
    bundle.format_pattern(pattern, Some(&named), &mut Vec::new()).into_owned()
}

/// A message with texts in it.
pub(crate) fn say_with(language: &str, key: &str, texts: &[(&str, &str)]) -> String {
    let arguments: Vec<_> = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
    say(language, key, &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
            .filter(|key| !key.starts_with(' '))
            .collect()
    }

    #[test]
    fn every_language_has_every_key() {
        let [(_, first), rest @ ..] = &LANGUAGES;
        for (language, text) in rest {
            assert_eq!(keys(first), keys(text), "{language}");
        }
        for (language, text) in &LANGUAGES {
            assert!(FluentResource::try_new((*text).to_owned()).is_ok(), "{language}");
            for key in keys(text) {
                assert_ne!(say(language, key, &[("name", "x".into()), ("count", 1.into()), ("id", "y".into())]), key);
            }
        }
    }

    #[test]
    fn languages_by_weight() {
        for (accepted, offered, expected) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", &[][..], "fr"),
            ("de,en;q=0.5,fr;q=0.7", &[], "fr"),
            ("fr;q=0,en", &[], "en"),
            ("ja", &[], "en"),
            ("", &[], "en"),
            ("fr", &["en"], "en"),
            ("ja", &["fr", "en"], "fr"),
            ("ja,en;q=0.1", &["fr", "en"], "en"),
            ("ja", &["xx"], "en"),
        ] {
            let offered: Vec<String> = offered.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(choose(accepted, &offered), expected, "{accepted} of {offered:?}");
        }
    }

    #[test]
    fn the_gate_knows_the_languages_of_the_pages() {
        assert_eq!(LANGUAGES.map(|(language, _)| language), passerelle_core::LANGUAGES);
    }

    #[test]
    fn numbers_choose_their_form() {
        assert_eq!(say("en", "unread", &[("count", 1.into())]), "1 unread message in your inbox");
        assert_eq!(say("fr", "unread", &[("count", 0.into())]), "Aucun message non lu dans votre boîte de réception");
    }
}
