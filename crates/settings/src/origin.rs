//! Where each value comes from, for `passerelle check --show-origin`. Secrets are never in the files, so none is shown.

use crate::Source;
use passerelle_core::config::{ConfigFault, line_at};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The dotted key.
    pub key: String,
    /// The value as it is written.
    pub value: String,
}

/// Every value of every file of a configuration, file by file and in order of the keys.
///
/// # Errors
/// The first file that cannot be read as TOML.
pub fn origins(folder: &Path) -> Result<Vec<Origin>, ConfigFault> {
    let mut files = vec![folder.join("passerelle.toml")];
    if let Ok(entries) = std::fs::read_dir(folder.join("institutions")) {
        let mut more: Vec<_> = entries.flatten().map(|entry| entry.path().join("institution.toml")).collect();
        more.sort();
        files.extend(more.into_iter().filter(|file| file.exists()));
    }
    let mut found = Vec::new();
    for file in files {
        let source = Source::read(&file)?;
        let table = DeTable::parse(&source.text)
            .map_err(|error| passerelle_core::config::fault(&source.path, &source.text, &error))?;
        walk(&source, "", table.get_ref(), &mut found);
    }
    Ok(found)
}

fn walk(source: &Source, above: &str, table: &DeTable<'_>, found: &mut Vec<Origin>) {
    for (key, value) in table {
        let key = if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => walk(source, &key, inner, found),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => found.push(Origin {
                file: source.path.to_path_buf(),
                line: line_at(&source.text, value.span().start),
                key,
                value: source.text.get(value.span()).unwrap_or_default().to_owned(),
            }),
        }
    }
}
