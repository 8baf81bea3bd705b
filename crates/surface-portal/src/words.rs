//! The words for portals, from `locales/*.ftl`. Every message stands in every language; a test holds that.

use fluent_bundle::FluentValue;
use passerelle_words::Words;
use std::sync::LazyLock;

/// The languages with their files, the fallback first.
pub(crate) const LANGUAGES: [(&str, &str); 8] = [
    ("en", include_str!("../locales/en.ftl")),
    ("fr", include_str!("../locales/fr.ftl")),
    ("nl", include_str!("../locales/nl.ftl")),
    ("de", include_str!("../locales/de.ftl")),
    ("es", include_str!("../locales/es.ftl")),
    ("it", include_str!("../locales/it.ftl")),
    ("pt", include_str!("../locales/pt.ftl")),
    ("ar", include_str!("../locales/ar.ftl")),
];

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&LANGUAGES));

/// A message; its key where there is none, so that a fault shows.
pub(crate) fn say(language: &str, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    WORDS.say(language, key, arguments)
}

/// A message, if there is one.
pub(crate) fn found(language: &str, key: &str) -> Option<String> {
    WORDS.found(language, key, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is right as it is in English, in these languages.
    const SAME: &[(&str, &[&str])] = &[
        ("mail", &["de"]),
        ("decimal-mark", &["ar"]),
        ("size-b", &["nl", "de", "es", "it", "pt"]),
        ("size-kb", &["nl", "de", "es", "it", "pt"]),
        ("size-mb", &["nl", "de", "es", "it", "pt"]),
        ("size-gb", &["nl", "de", "es", "it", "pt"]),
        ("size-tb", &["nl", "de", "es", "it", "pt"]),
    ];

    #[test]
    fn every_language_says_everything() {
        assert_eq!(passerelle_words::faults(&LANGUAGES, SAME), Vec::<String>::new());
    }

    #[test]
    fn numbers_choose_their_form() {
        let unread = |language: &str, count: u32| say(language, "unread", &[("count", count.into())]);
        assert_eq!(unread("en", 1), "1 unread message");
        assert_eq!(unread("fr", 3), "3 messages non lus");
        assert_eq!(unread("fr", 12_345), "12345 messages non lus");
        assert_eq!(unread("ar", 2), "رسالتان غير مقروءتين");
    }
}
