//! A settings file with what it stands on: what the file does not say, its template does. Tables are joined key by key; any
//! other value, and a table written in braces, is the first one's as a whole. A fault names the file that is wrong.

use super::{ConfigFault, fault_of, line_at};
use serde::de::DeserializeOwned;
use std::{fmt, path::Path, sync::Arc};
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// Texts of TOML, the first over the others. Offsets count through all of them: those of the second begin behind the first.
#[derive(Debug, Clone)]
pub struct Document(Arc<[Layer]>);

#[derive(Clone)]
struct Layer {
    file: Arc<Path>,
    text: Arc<str>,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({})", self.file.display())
    }
}

impl Document {
    /// One file.
    pub fn new(file: impl Into<Arc<Path>>, text: impl Into<Arc<str>>) -> Self {
        Self([Layer { file: file.into(), text: text.into() }].into())
    }

    /// This one over another.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        Self(self.0.iter().chain(below.0.iter()).cloned().collect())
    }

    /// The file that stands over the others, which relative paths start from: also those of its template, which stands for
    /// lines of this file.
    pub fn file(&self) -> &Path {
        self.0.first().map_or(Path::new(""), |layer| &layer.file)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.file().parent().unwrap_or(Path::new("."))
    }

    /// The whole as one table.
    ///
    /// # Errors
    /// A fault in the file that is no TOML.
    pub fn table(&self) -> Result<Spanned<DeValue<'_>>, ConfigFault> {
        let mut whole: Option<Spanned<DeValue<'_>>> = None;
        let mut begins = 0_usize;
        for layer in self.0.iter() {
            let table = DeTable::parse(&layer.text).map_err(|error| fault_of(&layer.file, &layer.text, &error))?;
            let span = table.span();
            let value = moved(Spanned::new(span, DeValue::Table(table.into_inner())), begins);
            begins = begins.saturating_add(layer.text.len()).saturating_add(1);
            whole = Some(match whole {
                None => value,
                Some(mut over) => {
                    self.join(&mut over, value);
                    over
                }
            });
        }
        whole.ok_or_else(|| self.fault(0, "there is no file", "name one"))
    }

    /// The whole as typed settings.
    ///
    /// # Errors
    /// A fault at the line that is wrong, of the file that it is in.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigFault> {
        T::deserialize(ValueDeserializer::from(self.table()?)).map_err(|error| self.told(&error))
    }

    /// A fault at an offset.
    pub fn fault(&self, at: usize, what: impl fmt::Display, remedy: impl fmt::Display) -> ConfigFault {
        let (file, line) = self.place(at);
        ConfigFault { file: file.to_path_buf(), line, what: what.to_string(), remedy: remedy.to_string() }
    }

    /// The file and line of an offset.
    pub fn place(&self, at: usize) -> (&Path, usize) {
        self.layer(at).map_or((self.file(), 0), |(layer, at)| (&*layer.file, line_at(&layer.text, at)))
    }

    /// How a value is written.
    pub fn written(&self, span: std::ops::Range<usize>) -> &str {
        let found = self.layer(span.start).and_then(|(layer, at)| layer.text.get(at..at.checked_add(span.len())?));
        found.unwrap_or_default()
    }

    /// A fault of a text that is TOML and not what was awaited.
    pub(super) fn told(&self, error: &toml::de::Error) -> ConfigFault {
        match error.span().and_then(|span| self.layer(span.start)) {
            Some((layer, at)) => {
                let whole = fault_of(&layer.file, &layer.text, error);
                ConfigFault { line: line_at(&layer.text, at), ..whole }
            }
            None => self.0.first().map_or_else(
                || self.fault(0, error.message(), "name a file"),
                |layer| fault_of(&layer.file, &layer.text, error),
            ),
        }
    }

    fn layer(&self, at: usize) -> Option<(&Layer, usize)> {
        let mut begins = 0_usize;
        self.0.iter().find_map(|layer| {
            let here = at.checked_sub(begins).filter(|at| *at <= layer.text.len()).map(|at| (layer, at));
            begins = begins.saturating_add(layer.text.len()).saturating_add(1);
            here
        })
    }

    fn join<'a>(&self, over: &mut Spanned<DeValue<'a>>, below: Spanned<DeValue<'a>>) {
        let in_braces = self.written(over.span()).starts_with('{');
        let (DeValue::Table(over), DeValue::Table(below)) = (over.get_mut(), below.into_inner()) else { return };
        if in_braces {
            return;
        }
        for (key, value) in below {
            match over.get_mut(key.get_ref().as_ref()) {
                Some(held) => self.join(held, value),
                None => drop(over.insert(key, value)),
            }
        }
    }
}

/// A value whose offsets count from elsewhere.
fn moved(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    if by == 0 {
        return value;
    }
    let shift = |span: std::ops::Range<usize>| span.start.saturating_add(by)..span.end.saturating_add(by);
    let span = shift(value.span());
    let value = match value.into_inner() {
        DeValue::Table(table) => {
            let key = |key: Spanned<_>| Spanned::new(shift(key.span()), key.into_inner());
            DeValue::Table(table.into_iter().map(|(name, value)| (key(name), moved(value, by))).collect())
        }
        DeValue::Array(array) => DeValue::Array(array.into_iter().map(|value| moved(value, by)).collect()),
        other => other,
    };
    Spanned::new(span, value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        hosts: Vec<String>,
        mail: Mail,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Mail {
        address: String,
        tls: Option<String>,
        password: toml::Table,
    }

    fn two(over: &str, below: &str) -> Document {
        Document::new(Path::new("own.toml"), over).over(&Document::new(Path::new("regional.toml"), below))
    }

    const OVER: &str = "name = \"own\"\nhosts = [\"a\"]\n[mail]\ntls = \"none\"\npassword = { env = \"X\" }\n";
    const BELOW: &str =
        "hosts = [\"b\", \"c\"]\n[mail]\naddress = \"m\"\ntls = \"starttls\"\npassword = { file = \"f\" }\n";

    #[test]
    fn the_first_says_what_it_says_and_the_next_the_rest() {
        let sample: Sample = two(OVER, BELOW).parse().unwrap();
        assert_eq!((sample.name.as_str(), sample.hosts), ("own", vec!["a".to_owned()]));
        assert_eq!((sample.mail.address.as_str(), sample.mail.tls.as_deref()), ("m", Some("none")));
        assert_eq!(sample.mail.password.keys().collect::<Vec<_>>(), ["env"], "a table in braces is one value");
    }

    #[test]
    fn a_fault_names_its_file() {
        let fault = |over: &str, below: &str| {
            let fault = two(over, below).parse::<Sample>().unwrap_err();
            format!("{}:{}", fault.file.display(), fault.line)
        };
        assert_eq!(fault(OVER, &BELOW.replace("address = \"m\"", "address = 7")), "regional.toml:3");
        assert_eq!(fault(OVER, &BELOW.replace("[mail]", "[mail]\nadress = 7")), "regional.toml:3");
        assert_eq!(fault(&OVER.replace("\"none\"", "7"), BELOW), "own.toml:4");
        assert_eq!(fault(OVER, "no toml"), "regional.toml:1");
        assert_eq!(fault("no toml", BELOW), "own.toml:1");
        let document = two(OVER, BELOW);
        let table = document.table().unwrap();
        let mail = table.get_ref().get("mail").unwrap();
        for (key, file, line, written) in [("tls", "own.toml", 4, "\"none\""), ("address", "regional.toml", 3, "\"m\"")]
        {
            let value = mail.get_ref().get(key).unwrap();
            assert_eq!(document.place(value.span().start), (Path::new(file), line));
            assert_eq!(document.written(value.span()), written);
        }
    }
}
