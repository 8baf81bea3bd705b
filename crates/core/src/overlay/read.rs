//! Reading the values of settings: each with its bound, and in words that say what is wrong.

use super::SettingValue as Value;
use crate::{Branding, Image, LegalLink};
use std::collections::BTreeMap;

/// The languages that the pages speak, the fallback first. A test of the pages holds theirs against it.
pub const LANGUAGES: [&str; 8] = ["en", "fr", "nl", "de", "es", "it", "pt", "ar"];
/// Longest name of an institution, and of a link, in characters.
const LONGEST_NAME: usize = 120;
/// Longest text of the sign-in page in one language, in characters.
pub const LONGEST_TEXT: usize = 2_000;
/// Most links at the foot of a page.
pub const MOST_LINKS: usize = 10;
/// Longest address of one, in octets.
const LONGEST_ADDRESS: usize = 1024;
/// Most languages of one text: beyond those of the pages there are those to come.
const MOST_LANGUAGES: usize = 32;

type Read<T> = Result<T, String>;

/// `true` or `false`.
pub(super) fn flag(value: &Value) -> Read<bool> {
    value.as_bool().ok_or_else(|| "write true or false".to_owned())
}

/// A whole number from 1 on; 0 is no limit.
pub(super) fn limit(value: &Value) -> Read<Option<u32>> {
    let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
    let number =
        number.filter(|number| *number <= 1_000_000).ok_or("write a whole number up to 1000000, 0 for none")?;
    Ok((number > 0).then_some(number))
}

/// `#rrggbb`
pub(super) fn colour(value: &Value) -> Read<String> {
    let text = text(value)?;
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("write a colour as #rrggbb".to_owned())
    }
}

/// An image in base64.
pub(super) fn image(value: &Value) -> Read<Image> {
    Image::parse_base64(text(value)?)
}

/// Names by language: one line each, at least one.
pub(super) fn names(value: &Value) -> Read<BTreeMap<String, String>> {
    let names = by_language(value, LONGEST_NAME)?;
    let fine = |name: &String| !name.is_empty() && !name.contains(char::is_control);
    if !names.is_empty() && names.values().all(fine) {
        Ok(names)
    } else {
        Err("write one line for each language".to_owned())
    }
}

/// Texts by language, of several lines.
pub(super) fn texts(value: &Value) -> Read<BTreeMap<String, String>> {
    let mut texts = by_language(value, LONGEST_TEXT)?;
    texts.retain(|_, text| !text.is_empty());
    if texts.values().any(|text| text.contains(|c: char| c.is_control() && c != '\n' && c != '\r')) {
        return Err("leave out control characters".to_owned());
    }
    Ok(texts)
}

/// `[{address = "https://...", label = {en = "..."}}]`
pub(super) fn links(value: &Value) -> Read<Vec<LegalLink>> {
    let links = value.as_array().filter(|links| links.len() <= MOST_LINKS).ok_or("write a list of at most 10 links")?;
    let link = |value: &Value| {
        let members = value.as_table().filter(|members| members.len() == 2).ok_or("a link has address and label")?;
        let address = text(members.get("address").ok_or("a link has address and label")?)?;
        let rest = address.strip_prefix("https://").unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '\\' | '`');
        // A name before @ would be shown as if it were the host.
        if host.is_empty() || host.contains('@') || address.len() > LONGEST_ADDRESS || address.contains(odd) {
            return Err("an address begins with https:// and has no spaces".to_owned());
        }
        let label = names(members.get("label").ok_or("a link has address and label")?)?;
        Ok(LegalLink { address: address.to_owned(), label })
    };
    links.iter().map(link).collect()
}

/// Languages of the pages, each once.
pub(super) fn languages(value: &Value) -> Read<Vec<String>> {
    let listed = value.as_array().ok_or("write a list of languages")?;
    let mut languages: Vec<String> = Vec::new();
    for language in listed {
        let language = text(language)?.to_ascii_lowercase();
        if !LANGUAGES.contains(&language.as_str()) || languages.contains(&language) {
            return Err(format!("write each of these once at most: {}", LANGUAGES.join(", ")));
        }
        languages.push(language);
    }
    Ok(languages)
}

fn text(value: &Value) -> Read<&str> {
    value.as_str().ok_or_else(|| "write a text".to_owned())
}

fn by_language(value: &Value, longest: usize) -> Read<BTreeMap<String, String>> {
    let members = value.as_table().filter(|members| members.len() <= MOST_LANGUAGES);
    let members = members.ok_or("write a text for each language: {en = \"...\", fr = \"...\"}")?;
    let one = |(language, value): (&String, &Value)| {
        let is_tag = (2..=3).contains(&language.len()) && language.bytes().all(|octet| octet.is_ascii_lowercase());
        if !is_tag {
            return Err("a language has two or three small letters (RFC 5646 §2.2.1)".to_owned());
        }
        let text = text(value)?.trim();
        if text.chars().count() > longest {
            return Err(format!("a text has at most {longest} characters"));
        }
        Ok((language.clone(), text.to_owned()))
    };
    members.iter().map(one).collect()
}

/// The other way: values by language.
pub(super) fn shown_by_language(texts: &BTreeMap<String, String>) -> Value {
    Value::Table(texts.iter().map(|(language, text)| (language.clone(), Value::String(text.clone()))).collect())
}

/// The other way: links.
pub(super) fn shown_links(branding: &Branding) -> Value {
    let link = |link: &LegalLink| {
        let members = [("address", Value::String(link.address.clone())), ("label", shown_by_language(&link.label))];
        Value::Table(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    Value::Array(branding.legal.iter().map(link).collect())
}

/// The other way: a list of texts.
pub(super) fn shown_list(texts: &[String]) -> Value {
    Value::Array(texts.iter().cloned().map(Value::String).collect())
}

/// The other way: a limit.
pub(super) fn shown_limit(limit: Option<u32>) -> Value {
    Value::Integer(limit.map_or(0, i64::from))
}
