//! A back-end's own part of the settings, handed to its adapter with the place in the file it came from, so that each
//! fault says `file:line` and what to do.

mod document;
mod network;
mod owner_path;
mod trust;

pub use document::Document;
pub use network::{InvalidNetwork, Network};
pub use owner_path::{around_owner, not_around_owner, owner_path};
pub use trust::trust;

use passerelle_model::Secret;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A table of a settings file, not yet understood.
#[derive(Clone)]
pub struct Block {
    document: Document,
    at: Arc<[Step]>,
    name: Arc<str>,
    is_space: bool,
}

/// One step down into a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a table, by key.
    Key(String),
    /// Into an array, by position.
    Index(usize),
}

/// A fault in the settings: where it is, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1; 0 when the fault is the file's as a whole.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}, {}", self.file.display(), self.line, self.what, self.remedy)
    }
}
impl std::error::Error for ConfigFault {}

impl Block {
    /// The table at this place of a file. `name` is how messages call the back-end: `garonne.directory`.
    pub fn new(file: Arc<Path>, text: Arc<str>, at: impl Into<Arc<[Step]>>, name: impl Into<Arc<str>>) -> Self {
        Self::within(&Document::new(file, text), at, name)
    }

    /// The table at this place of a file that may stand on another one.
    pub fn within(document: &Document, at: impl Into<Arc<[Step]>>, name: impl Into<Arc<str>>) -> Self {
        Self { document: document.clone(), at: at.into(), name: name.into(), is_space: false }
    }

    /// A whole text as one block, for tests and tools.
    pub fn from_text(name: &str, file: &Path, text: &str) -> Self {
        Self::new(file.into(), text.into(), [], name)
    }

    /// The same, for one tree of files that is nobody's own, instead of one for each owner.
    #[must_use]
    pub fn of_space(self) -> Self {
        Self { is_space: true, ..self }
    }

    /// Whether it is for one tree of files that is nobody's own.
    pub fn is_space(&self) -> bool {
        self.is_space
    }

    /// How messages call the back-end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of the file, which relative paths start from.
    pub fn folder(&self) -> &Path {
        self.document.folder()
    }

    /// A path as written, made absolute from the file's folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder().join(path)
    }

    /// The word after `kind =`, which says what adapter the block is for.
    ///
    /// # Errors
    /// A fault when there is none.
    pub fn kind(&self) -> Result<String, ConfigFault> {
        #[derive(Deserialize)]
        struct Kind {
            kind: String,
        }
        Kind::deserialize(toml::de::ValueDeserializer::from(self.table()?))
            .map(|it| it.kind)
            .map_err(|error| self.document.told(&error))
    }

    /// Reads the block as the adapter's own settings. The type should deny unknown fields; the key `kind` has been taken
    /// out.
    ///
    /// # Errors
    /// A fault at the line that is wrong.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigFault> {
        let mut here = self.table()?;
        if let toml::de::DeValue::Table(table) = here.get_mut() {
            table.remove("kind");
        }
        T::deserialize(toml::de::ValueDeserializer::from(here)).map_err(|error| self.document.told(&error))
    }

    fn table(&self) -> Result<toml::Spanned<toml::de::DeValue<'_>>, ConfigFault> {
        let mut here = self.document.table()?;
        for step in self.at.iter() {
            let missing = || self.document.fault(0, "the block is not in the file", "write it");
            here = match (step, here.into_inner()) {
                (Step::Key(key), toml::de::DeValue::Table(mut table)) => {
                    table.remove(key.as_str()).ok_or_else(missing)?
                }
                (Step::Index(index), toml::de::DeValue::Array(array)) => {
                    array.into_iter().nth(*index).ok_or_else(missing)?
                }
                _ => return Err(missing()),
            };
        }
        Ok(here)
    }

    /// A fault of the block as a whole.
    pub fn fault(&self, what: impl fmt::Display, remedy: impl fmt::Display) -> ConfigFault {
        let start = self.table().map_or(0, |table| table.span().start);
        self.document.fault(start, format!("{}: {what}", self.name), remedy)
    }

    /// Reads a secret from where the settings say it is.
    ///
    /// # Errors
    /// A fault when the file or variable is missing, empty or larger than 64 KiB.
    pub fn secret(&self, source: &SecretSource) -> Result<Secret, ConfigFault> {
        source
            .read(self.folder())
            .map_err(|what| self.fault(what, "make it readable to the gateway, with the secret in it"))
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({} of {})", self.name, self.document.file().display())
    }
}

/// Turns a TOML error into a fault. The remedy names what would be right, as far as the parser knows.
fn fault_of(file: &Path, text: &str, error: &toml::de::Error) -> ConfigFault {
    let message = error.message().trim().replace('\n', " ");
    let (what, remedy) = match message.split_once(", expected ") {
        Some((what, expected)) => (what.to_owned(), format!("write {expected}")),
        None => (message, "see the commented reference in config/".to_owned()),
    };
    let line = error.span().map_or(1, |span| line_at(text, span.start));
    ConfigFault { file: file.to_path_buf(), line, what, remedy }
}

/// The line of an offset, counted from 1.
pub fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|octet| *octet == b'\n').count() + 1
}

/// Where a secret is: never in the settings themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum SecretSource {
    /// A file, without its last line end.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

impl SecretSource {
    /// Largest secret, in octets.
    const LARGEST: u64 = 64 * 1024;

    /// Reads it; the error says what is wrong without saying the secret.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(&self, folder: &Path) -> Result<Secret, String> {
        let octets = match self {
            Self::File(path) => {
                let path = folder.join(path);
                let told = |error: std::io::Error| format!("secret file {}: {error}", path.display());
                let length = std::fs::metadata(&path).map_err(told)?.len();
                if length > Self::LARGEST {
                    return Err(format!("secret file {} is larger than 64 KiB", path.display()));
                }
                let mut octets = std::fs::read(&path).map_err(told)?;
                if octets.last() == Some(&b'\n') {
                    octets.pop();
                }
                octets
            }
            Self::Env(name) => {
                std::env::var(name).map_err(|error| format!("secret variable {name}: {error}"))?.into_bytes()
            }
        };
        if octets.is_empty() { Err("the secret is empty".to_owned()) } else { Ok(Secret::new(octets)) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code, reason = "read by Debug only")]
        url: String,
        password: SecretSource,
    }

    fn block(text: &str) -> Block {
        Block::from_text("garonne.directory", Path::new("conf/x.toml"), text)
    }

    #[test]
    fn an_unknown_key_says_its_line() {
        let fault = block("url = \"x\"\npassword = { env = \"X\" }\nurll = 3\n").parse::<Sample>().unwrap_err();
        assert_eq!(fault.line, 3);
        assert!(fault.to_string().contains("urll"), "{fault}");
    }

    #[test]
    fn a_password_in_the_settings_is_refused() {
        let fault = block("url = \"x\"\npassword = \"hunter2\"\n").parse::<Sample>().unwrap_err();
        assert_eq!(fault.line, 2);
    }

    #[test]
    fn a_missing_secret_names_the_file() {
        let block = block("url = \"x\"\npassword = { file = \"nowhere\" }\n");
        let sample: Sample = block.parse().unwrap();
        assert!(block.secret(&sample.password).unwrap_err().to_string().contains("conf/nowhere"));
    }
}
