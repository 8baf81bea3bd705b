//! What an archive says of itself: in the language of whoever takes it away, and in English for who comes by it later.

use crate::words::LANGUAGES;

/// By language, in the order of [`LANGUAGES`].
const TEXTS: [&str; LANGUAGES.len()] = [
    include_str!("../../locales/backup/en.txt"),
    include_str!("../../locales/backup/fr.txt"),
    include_str!("../../locales/backup/nl.txt"),
    include_str!("../../locales/backup/de.txt"),
    include_str!("../../locales/backup/es.txt"),
    include_str!("../../locales/backup/it.txt"),
    include_str!("../../locales/backup/pt.txt"),
    include_str!("../../locales/backup/ar.txt"),
];

pub(super) fn readme(language: &str) -> String {
    let [english, ..] = TEXTS;
    let own = LANGUAGES.iter().zip(TEXTS).find(|((tag, _), _)| *tag == language).map(|(_, text)| text);
    match own.filter(|own| *own != english) {
        Some(own) => format!("{own}\n\n{english}"),
        None => english.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_what_is_in_the_archive() {
        let names = [
            "mail/",
            "files/",
            "calendars/",
            "contacts/",
            "settings/calendars.json",
            "settings/preferences.json",
            "settings/filters/",
            "NOT-IN-HERE.txt",
            "RFC 4155",
        ];
        for (language, _) in LANGUAGES {
            let own = readme(language);
            for name in names {
                assert_eq!(own.matches(name).count(), if language == "en" { 1 } else { 2 }, "{language}: {name}");
            }
        }
        assert!(readme("de").starts_with("Dieses Archiv") && readme("xx").starts_with("This archive"));
    }
}
