//! Where each value comes from, for `passerelle check --show-origin`. Secrets are never in the files, so none is shown.

use crate::{Source, template};
use passerelle_core::{SETTINGS, Setting, SettingValue, config::ConfigFault};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where from.
    pub from: From,
    /// Whose setting it is; `None` is the installation's.
    pub institution: Option<String>,
    /// The dotted key.
    pub key: String,
    /// The value as it is written.
    pub value: String,
}

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// Nobody says it.
    Default,
    /// The template that the institution's file names, and the line in it, counted from 1.
    Template(PathBuf, usize),
    /// A file of its own.
    File(PathBuf, usize),
    /// State: changed at run time, by this change.
    Overlay(u64),
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Template(file, line) => write!(f, "{}:{line} (template)", file.display()),
            Self::File(file, line) => write!(f, "{}:{line}", file.display()),
            Self::Overlay(version) => write!(f, "changed at run time ({version})"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, institution, key, value } = self;
        match (from, institution) {
            // The path of the file says whose it is.
            (From::File(..), _) | (_, None) => write!(f, "{from}: {key} = {value}"),
            (_, Some(institution)) => write!(f, "{from}: {institution}: {key} = {value}"),
        }
    }
}

/// Every value of every file of a configuration, file by file and in order of the keys; of institutions also what their
/// templates say, and the defaults of what may be changed at run time.
///
/// # Errors
/// The first file that cannot be read as TOML.
pub fn origins(folder: &Path) -> Result<Vec<Origin>, ConfigFault> {
    let mut found = Vec::new();
    show(&Source::read(&folder.join("passerelle.toml"))?, None, &mut found)?;
    let mut institutions = Vec::new();
    if let Ok(entries) = std::fs::read_dir(folder.join("institutions")) {
        institutions.extend(entries.flatten().map(|entry| entry.path()));
    }
    institutions.sort();
    for own in institutions {
        let file = own.join("institution.toml");
        if file.exists() {
            let id = own.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            show(&template::over(folder, Source::read(&file)?, &own)?, Some(id), &mut found)?;
        }
    }
    Ok(found)
}

/// Puts what was changed at run time of an institution in the place of what its files say: settings with the change that
/// set them.
pub fn with_overlay(
    origins: &mut Vec<Origin>,
    institution: &str,
    changed: &[(&'static Setting, u64, Option<SettingValue>)],
) {
    for (setting, version, value) in changed {
        let is_it = |key: &str| key.strip_prefix(setting.name).is_some_and(|it| it.is_empty() || it.starts_with('.'));
        let ours = |it: &Origin| it.institution.as_deref() == Some(institution) && is_it(&it.key);
        let at = origins.iter().position(ours).unwrap_or(origins.len());
        origins.retain(|origin| !ours(origin));
        let origin = Origin {
            from: From::Overlay(*version),
            institution: Some(institution.to_owned()),
            key: setting.name.to_owned(),
            value: value.clone().map(|value| setting.shown(value).to_string()).unwrap_or_default(),
        };
        origins.insert(at.min(origins.len()), origin);
    }
}

fn show(source: &Source, institution: Option<&str>, found: &mut Vec<Origin>) -> Result<(), ConfigFault> {
    let table = source.0.table()?;
    let begin = found.len();
    if let DeValue::Table(table) = table.get_ref() {
        walk(source, institution, "", table, found);
    }
    let Some(id) = institution else { return Ok(()) };
    for setting in SETTINGS {
        let below = format!("{}.", setting.name);
        let said = |origin: &Origin| origin.key == setting.name || origin.key.starts_with(&below);
        if !found.iter().skip(begin).any(said) {
            let (from, institution) = (From::Default, Some(id.to_owned()));
            found.push(Origin { from, institution, key: setting.name.to_owned(), value: setting.default() });
        }
    }
    Ok(())
}

fn walk(source: &Source, institution: Option<&str>, above: &str, table: &DeTable<'_>, found: &mut Vec<Origin>) {
    for (key, value) in table {
        let key = if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => walk(source, institution, &key, inner, found),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                let (file, line) = source.0.place(value.span().start);
                let from = match file == source.0.file() {
                    true => From::File(file.to_path_buf(), line),
                    false => From::Template(file.to_path_buf(), line),
                };
                let value = source.0.written(value.span()).to_owned();
                found.push(Origin { from, institution: institution.map(str::to_owned), key, value });
            }
        }
    }
}
