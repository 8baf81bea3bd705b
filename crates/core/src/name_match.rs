//! Whether a name has the words that somebody looks for. Neither case nor accents count (Unicode's compatibility decomposition
//! without marks, UAX #15), so that `resume` finds `Résumé`, whether a file system keeps it composed or not.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// Longest of what is looked for, in characters, and most words.
pub const LONGEST_SEARCHED: usize = 200;
const MOST_WORDS: usize = 16;

/// Words, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Of what was typed, at spaces; `None` when there is none, or too much.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        if typed.chars().nth(LONGEST_SEARCHED).is_some() {
            return None;
        }
        let words: Vec<String> = typed.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect();
        (!words.is_empty() && words.len() <= MOST_WORDS).then_some(Self(words))
    }

    /// Whether all of them are in a name.
    pub(crate) fn are_in(&self, name: &str) -> bool {
        let name = folded(name);
        self.0.iter().all(|word| name.contains(word.as_str()))
    }

    /// Whether names that begin with a dot are meant too.
    pub(crate) fn look_at_hidden(&self) -> bool {
        self.0.iter().any(|word| word.starts_with('.'))
    }
}

/// Without case and accents. Letters that are two in one and have no decomposition are written as the two.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase).nfkd().filter(|c| canonical_combining_class(*c) == 0) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ς' => folded.push('σ'),
            '’' => folded.push('\''),
            _ => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(typed: &str, name: &str, expected: bool) {
        assert_eq!(Words::parse(typed).unwrap().are_in(name), expected, "{typed} in {name}");
    }

    #[test]
    fn words_in_names() {
        check("resume", "Résumé.pdf", true);
        check("RÉSUMÉ", "re\u{301}sume\u{301}.pdf", true);
        check("coeur", "Cœur de ville.odt", true);
        check("rapport 2024", "2024 – Rapport final.docx", true);
        check("rapport 2025", "2024 – Rapport final.docx", false);
        check("l'ete", "L’été.txt", true);
        check("strasse", "Straße", true);
        check("fichier", "ﬁchier", true);
        check("ΣΟΦΟΣ", "σοφός", true);
        check("محمد", "مُحَمَّد.pdf", true);
        check("*", "a.txt", false);
        check(".pdf", "a.pdf", true);
    }

    #[test]
    fn what_cannot_be_looked_for() {
        for typed in ["", "  ", "\u{301}", &"a".repeat(201), &"a ".repeat(17)] {
            assert_eq!(Words::parse(typed), None, "{typed}");
        }
        assert!(Words::parse(".bashrc").unwrap().look_at_hidden() && !Words::parse("a.b").unwrap().look_at_hidden());
    }
}
