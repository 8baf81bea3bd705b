//! What is wrong with the files of a surface, for its tests: messages that are missing, other arguments, what nobody translated, and
//! numbers that have not every form.

use crate::Texts;
use fluent_bundle::FluentResource;
use passerelle_core::LANGUAGES;
use std::collections::{BTreeMap, BTreeSet};

/// The forms of a number by language, where they are not `one` and `other` (CLDR, plural rules).
const FORMS: [(&str, &[&str]); 1] = [("ar", &["zero", "one", "two", "few", "many", "other"])];

/// What is wrong. `same` are the messages that are written as in the first language, each with the languages for which that is right.
pub fn faults(texts: &Texts, same: &[(&str, &[&str])]) -> Vec<String> {
    let mut found = Vec::new();
    if !texts.iter().map(|(language, _)| *language).eq(LANGUAGES) {
        found.push(format!("there are not the languages {LANGUAGES:?} in this order"));
    }
    let Some((_, first)) = texts.first() else { return found };
    let first = messages(first);
    for (language, text) in texts {
        if let Err((_, errors)) = FluentResource::try_new((*text).to_owned()) {
            found.push(format!("{language}: {errors:?}"));
        }
        let own = messages(text);
        let keys = |of: &BTreeMap<&str, Message<'_>>| of.keys().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
        found.extend(
            keys(&first).symmetric_difference(&keys(&own)).map(|key| format!("{language}: {key} is not in both")),
        );
        for (key, message) in &own {
            let Some(english) = first.get(key) else { continue };
            if message.arguments != english.arguments {
                found.push(format!("{language}: {key} has {:?}, not {:?}", message.arguments, english.arguments));
            }
            let may_be_same = same.iter().any(|(it, languages)| it == key && languages.contains(language));
            if *language != "en" && (message.text == english.text) != may_be_same {
                found
                    .push(format!("{language}: {key} is as in English, or is said to be and is not: {}", message.text));
            }
            found.extend(message.missing_forms(language).map(|form| format!("{language}: {key} has no [{form}]")));
        }
    }
    found
}

/// A message of a file.
struct Message<'t> {
    text: &'t str,
    arguments: BTreeSet<&'t str>,
}

impl Message<'_> {
    fn missing_forms(&self, language: &str) -> impl Iterator<Item = &'static str> {
        let forms = FORMS.iter().find(|(of, _)| *of == language).map_or(&["one", "other"][..], |(_, forms)| forms);
        let chooses = self.text.contains("->");
        forms.iter().copied().filter(move |form| chooses && !self.text.contains(&format!("[{form}]")))
    }
}

/// By key. A message begins where a line begins with a letter.
fn messages(text: &str) -> BTreeMap<&str, Message<'_>> {
    let starts = text.match_indices('\n').map(|(at, _)| at.saturating_add(1)).chain([0]);
    let is_message =
        |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut starts: Vec<usize> = starts.filter(is_message).collect();
    starts.sort_unstable();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let entries = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end)?.split_once(" = "));
    entries.map(|(key, text)| (key, Message { text: text.trim(), arguments: arguments(text) })).collect()
}

fn arguments(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1);
    names.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(german: &'static str) -> Vec<(&'static str, &'static str)> {
        let english = "# A comment\nname = Name of { $name }\nleft = { $count ->\n    [one] one\n   *[other] { $count }\n}\nx = X\n";
        let others = "name = N { $name }\nleft = { $count ->\n    [zero] z\n    [one] o\n    [two] t\n    [few] f\n    [many] m\n   *[other] { $count }\n}\nx = Y\n";
        let text = |language| match language {
            "en" => english,
            "de" => german,
            _ => others,
        };
        LANGUAGES.map(|language| (language, text(language))).to_vec()
    }

    #[test]
    fn what_is_wrong_is_found() {
        let good = "name = Name von { $name }\nleft = { $count ->\n    [one] eins\n   *[other] { $count }\n}\nx = X\n";
        let same: &[(&str, &[&str])] = &[("x", &["de"])];
        assert_eq!(faults(&texts(good), same), Vec::<String>::new());
        assert_eq!(faults(&texts(good), &[]).len(), 1, "nobody has said that it may be as in English");
        for (bad, told) in [
            ("name = Name von { $name }\nx = X\n", "left is not in both"),
            (
                "name = Name von { $nam }\nleft = { $count ->\n    [one] eins\n   *[other] { $count }\n}\nx = X\n",
                "name has",
            ),
            ("name = Name von { $name }\nleft = { $count ->\n   *[other] { $count }\n}\nx = X\n", "no [one]"),
            (
                "name = Name von { $name }\nleft = { $count ->\n    [one] eins\n   *[other] { $count }\n}\nx = Z\n",
                "is said to be",
            ),
        ] {
            let found = faults(&texts(bad), same);
            assert!(found.len() == 1 && found.iter().all(|fault| fault.contains(told)), "{bad}: {found:?}");
        }
        assert!(faults(&texts(good).split_off(1), same).iter().any(|fault| fault.contains("languages")));
    }
}
