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
    // Isolation marks would show in titles; names get dir="auto" where they stand.
    bundle.set_use_isolating(false);
    // A resource with faults still gives what is right in it; the test of parity fails then.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// A language by its tag, when there are words in it.
pub(crate) fn known(tag: &str) -> Option<&'static str> {
    let language = tag.split(['-', '_']).next()?;
    LANGUAGES.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(language))
}

/// The first language of an `Accept-Language` header that there are words in (RFC 9110 §12.5.4). Portals hand on what a browser
/// sent, and browsers write their languages in order.
pub(crate) fn choose(accepted: &str) -> &'static str {
    let ranges = accepted.split(',').take(16).filter(|range| !range.replace(' ', "").ends_with(";q=0"));
    let mut wanted = ranges.filter_map(|range| known(range.split(';').next()?.trim()));
    wanted.next().unwrap_or("en")
}

/// A message; its key where there is none, so that a fault shows.
pub(crate) fn say(language: &str, key: &str, arguments: &[(&'static str, FluentValue<'_>)]) -> String {
    found(language, key, arguments).unwrap_or_else(|| key.to_owned())
}

/// A message, if there is one.
pub(crate) fn found(language: &str, key: &str, arguments: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
    let bundles = &*BUNDLES;
    let (_, bundle) = bundles.iter().find(|(known, _)| *known == language).or_else(|| bundles.first())?;
    let pattern = bundle.get_message(key).and_then(|message| message.value())?;
    let mut named = FluentArgs::new();
    for (name, value) in arguments {
        named.set(*name, value.clone());
    }
    Some(bundle.format_pattern(pattern, Some(&named), &mut Vec::new()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<&str> {
        let keys = text.lines().filter_map(|line| line.split_once(" = ").map(|(key, _)| key));
        keys.filter(|key| !key.starts_with(' ')).collect()
    }

    #[test]
    fn every_language_has_every_key() {
        let [(_, first), rest @ ..] = &LANGUAGES;
        for (language, text) in rest {
            assert_eq!(keys(first), keys(text), "{language}");
        }
        for (language, text) in &LANGUAGES {
            assert!(FluentResource::try_new((*text).to_owned()).is_ok(), "{language}");
        }
    }

    #[test]
    fn languages_and_numbers() {
        for (accepted, expected) in
            [("fr-FR,fr;q=0.9,en;q=0.8", "fr"), ("de,en;q=0.5", "en"), ("fr;q=0,en", "en"), ("ja", "en"), ("", "en")]
        {
            assert_eq!(choose(accepted), expected, "{accepted}");
        }
        assert_eq!(known("fr_FR"), Some("fr"));
        assert_eq!(known("../fr"), None);
        assert_eq!(say("en", "unread", &[("count", 1.into())]), "1 unread message");
        assert_eq!(say("fr", "unread", &[("count", 3.into())]), "3 messages non lus");
        assert_eq!(say("fr", "unread", &[("count", 12_345.into())]), "12345 messages non lus");
    }
}
