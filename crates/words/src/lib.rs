//! What the server says to people, by Fluent: each surface has a file of its own for each language, and this finds the language and
//! the message. It must never say nothing: a message that is not there is told by its key.

mod faults;
mod language;

pub use faults::faults;
pub use language::{LANGUAGE_COOKIE, choice_cookie, direction, known, language_of};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::fmt;
use unic_langid::LanguageIdentifier;

/// A surface's files: the tag of each language with its text, the fallback first.
pub type Texts = [(&'static str, &'static str)];

/// The words of a surface.
pub struct Words(Vec<(&'static str, FluentBundle<FluentResource>)>);

impl Words {
    /// Of its files. One with faults still gives what is right in it; a test of the surface holds [`faults`] against it.
    pub fn of(texts: &Texts) -> Self {
        Self(texts.iter().map(|(language, text)| (*language, bundle(language, text))).collect())
    }

    /// A message; its key where there is none, so that a fault shows.
    pub fn say(&self, language: &str, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.found(language, key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// A message, if there is one.
    pub fn found(&self, language: &str, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let (_, bundle) = self.0.iter().find(|(known, _)| *known == language).or_else(|| self.0.first())?;
        let pattern = bundle.get_message(key).and_then(|message| message.value())?;
        let mut named = FluentArgs::new();
        for (name, value) in arguments {
            named.set((*name).to_owned(), value.clone());
        }
        Some(bundle.format_pattern(pattern, Some(&named), &mut Vec::new()).into_owned())
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_list().entries(self.0.iter().map(|(language, _)| language)).finish()
    }
}

fn bundle(language: &str, text: &str) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around what is put in keep a name or a number from tearing a sentence that is written from the right (UAX #9 §2.4.2).
    // From the left they would stand in titles and attributes for nothing: there names have dir="auto" where they stand alone.
    bundle.set_use_isolating(direction(language) == "rtl");
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &Texts = &[
        (
            "en",
            "of = Files of { $name }\nleft = { $count ->\n    [one] { $count } file\n   *[other] { $count } files\n}\n",
        ),
        (
            "ar",
            "of = ملفات { $name }\nleft = { $count ->\n    [zero] لا\n    [one] واحد\n    [two] اثنان\n    [few] { $count } ملفات\n    [many] { $count } ملفًا\n   *[other] { $count } ملف\n}\n",
        ),
    ];

    #[test]
    fn numbers_choose_their_form() {
        let words = Words::of(TEXTS);
        let left = |language: &str, count: u32| words.say(language, "left", &[("count", count.into())]);
        for (language, count, expected) in [
            ("en", 1, "1 file"),
            ("en", 12_345, "12345 files"),
            ("ar", 0, "لا"),
            ("ar", 1, "واحد"),
            ("ar", 2, "اثنان"),
            ("ar", 3, "\u{2068}3\u{2069} ملفات"),
            ("ar", 11, "\u{2068}11\u{2069} ملفًا"),
            ("ar", 100, "\u{2068}100\u{2069} ملف"),
        ] {
            assert_eq!(left(language, count), expected, "{language} {count}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_by_its_key_and_an_unknown_language_is_the_first() {
        let words = Words::of(TEXTS);
        assert_eq!(words.say("ar", "nothing", &[]), "nothing");
        assert_eq!(words.found("en", "nothing", &[]), None);
        assert_eq!(words.say("xx", "of", &[("name", "a".into())]), "Files of a");
    }
}
