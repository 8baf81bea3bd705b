//! The words of the pages and of the office's JSON, from `locales/*.ftl`. Every message stands in every language; a test holds that.

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

/// A message with texts in it.
pub(crate) fn say_with(language: &str, key: &str, texts: &[(&str, &str)]) -> String {
    let arguments: Vec<_> = texts.iter().map(|(name, text)| (*name, FluentValue::from(*text))).collect();
    say(language, key, &arguments)
}

/// A message that will stand in another one. Between the marks that keep its parts apart a reader of the whole would find no letter by which
/// to know its direction, and would read a date of Arabic from the left.
pub(crate) fn within(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// What a language is called in itself.
pub(crate) fn own_name(language: &str) -> String {
    say(language, &format!("language-{language}"), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is right as it is in English, in these languages.
    const SAME: &[(&str, &[&str])] = &[
        ("login", &["nl"]),
        ("password", &["it"]),
        ("sign-in-problem", &["es"]),
        ("mail", &["de"]),
        ("file-name", &["de"]),
        ("size-b", &["nl", "de", "es", "it", "pt"]),
        ("size-kb", &["nl", "de", "es", "it", "pt"]),
        ("size-mb", &["nl", "de", "es", "it", "pt"]),
        ("size-gb", &["nl", "de", "es", "it", "pt"]),
        ("decimal-mark", &["ar"]),
        ("day", &["fr", "nl", "es", "it", "pt", "ar"]),
        ("external-mail-port", &["fr", "de"]),
        ("external-mail-tls", &["fr"]),
        ("scope-mail", &["nl"]),
        ("admin-title", &["fr"]),
        ("admin-of", &["fr"]),
        ("admin-link-label", &["nl", "de"]),
        ("admin-original", &["fr", "es", "pt"]),
        ("setting-name", &["de"]),
        ("setting-branding-logo", &["fr", "nl", "de", "it"]),
        ("setting-tools-mail", &["de"]),
        ("links", &["nl", "de"]),
        ("links-count", &["nl"]),
        ("link-downloads", &["nl", "de"]),
        ("link-upload-file", &["it"]),
        ("published-month", &["fr", "nl", "de", "it", "ar"]),
        ("published-day", &["de", "es"]),
        ("published-in", &["nl", "it"]),
    ];

    #[test]
    fn every_language_says_everything() {
        assert_eq!(passerelle_words::faults(&LANGUAGES, SAME), Vec::<String>::new());
    }

    #[test]
    fn a_date_within_a_message_has_its_own_direction() {
        let day = say_with("ar", "day", &[("day", "28"), ("month", "نوفمبر"), ("year", "2026")]);
        assert_ne!(within(&day), day, "its parts are kept apart");
        assert_eq!(within(&day), "28\u{a0}نوفمبر\u{a0}2026");
    }

    #[test]
    fn numbers_choose_their_form() {
        let unread = |language: &str, count: u32| say(language, "unread", &[("count", count.into())]);
        assert_eq!(unread("en", 1), "1 unread message in your inbox");
        assert_eq!(unread("fr", 0), "Aucun message non lu dans votre boîte de réception");
        assert_eq!(unread("de", 2), "2 ungelesene Nachrichten im Posteingang");
        assert_eq!(unread("ar", 2), "رسالتان غير مقروءتين في بريدك الوارد");
    }

    #[test]
    fn languages_by_their_own_names() {
        let names = LANGUAGES.map(|(language, _)| own_name(language)).join(" ");
        assert_eq!(names, "English Français Nederlands Deutsch Español Italiano Português العربية");
    }
}
