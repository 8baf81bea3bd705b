//! Templates: `templates/<name>.toml`, which an institution's file stands on. What the file does not say, its template
//! does, so that a change of the template changes all who use it. In a template `{id}`, `{host}` and `{domain}` stand for
//! the institution's id and the first of its hosts and mail domains.

use crate::{Source, read_text};
use passerelle_core::config::{ConfigFault, Document};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What of an institution's file its template needs.
#[derive(Deserialize)]
struct Own {
    template: Option<Spanned<String>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    #[serde(default)]
    mail_domains: Vec<Spanned<String>>,
}

/// Where a template of this name is.
pub(crate) fn path(config: &Path, name: &str) -> PathBuf {
    config.join("templates").join(format!("{name}.toml"))
}

/// Whether a word can name a template: it must not lead elsewhere.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    !name.is_empty() && name.len() <= 64 && name.bytes().all(fits)
}

/// A file over its template, if it names one.
pub(crate) fn over(config: &Path, source: Source, folder: &Path) -> Result<Source, ConfigFault> {
    let own: Own = source.parse()?;
    let Some(name) = &own.template else { return Ok(source) };
    let at = name.span().start;
    if !is_name(name.get_ref()) {
        return Err(source.fault(at, "template: this is no name", "name a file of templates/ without its .toml"));
    }
    let file = path(config, name.get_ref());
    let text = read_text(&file).map_err(|fault| {
        source.fault(at, format!("{}: {}", file.display(), fault.what), "make the template readable")
    })?;
    let id = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let first = |names: &[Spanned<String>]| names.first().map(|name| name.get_ref().clone());
    let names = Names { id: Some(id.to_owned()), host: first(&own.hosts), domain: first(&own.mail_domains) };
    let text = names.fill(&text).map_err(|missing| {
        let (key, placeholder) = missing;
        source.fault(0, format!("the template needs {placeholder}, and there are no {key}"), format!("write {key}"))
    })?;
    let template = Source(Document::new(file, text));
    if let Some(other) = template.parse::<Own>()?.template {
        return Err(template.fault(other.span().start, "a template stands on no other one", "take the line out"));
    }
    Ok(Source(source.0.over(&template.0)))
}

/// What stands for the placeholders.
#[derive(Debug, Default, Clone)]
pub struct Names {
    /// The institution's id.
    pub id: Option<String>,
    /// Its first host.
    pub host: Option<String>,
    /// Its first mail domain.
    pub domain: Option<String>,
}

impl Names {
    /// Puts them in, line by line as it was; or says which key is missing for which placeholder.
    ///
    /// # Errors
    /// The key that must be written, and the placeholder.
    pub fn fill(&self, text: &str) -> Result<String, (&'static str, &'static str)> {
        let mut text = text.to_owned();
        for (placeholder, key, value) in
            [("{id}", "id", &self.id), ("{host}", "hosts", &self.host), ("{domain}", "mail_domains", &self.domain)]
        {
            if text.contains(placeholder) {
                // What could end a text of TOML is no host.
                let fits =
                    |value: &&String| value.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_:".contains(&it));
                let value = value.as_ref().filter(fits).ok_or((key, placeholder))?;
                text = text.replace(placeholder, value);
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn placeholders() {
        let names = Names { id: Some("nord".into()), host: Some("nord.test".into()), domain: None };
        let text = "path = \"/srv/{id}/{login}\"\nurl = \"https://{host}/\"\n";
        assert_eq!(names.fill(text).unwrap(), "path = \"/srv/nord/{login}\"\nurl = \"https://nord.test/\"\n");
        assert_eq!(names.fill("x = \"{domain}\"").unwrap_err(), ("mail_domains", "{domain}"));
        let hostile = Names { host: Some("a\"\n[mail]".into()), ..Names::default() };
        assert!(hostile.fill("{host}").is_err());
    }

    #[test]
    fn names_lead_nowhere_else() {
        for (name, fine) in
            [("regional", true), ("r-2", true), ("", false), ("../x", false), ("A", false), ("a/b", false)]
        {
            assert_eq!(is_name(name), fine, "{name}");
        }
    }
}
