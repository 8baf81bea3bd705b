//! The fields of the page: from settings to what a form shows, and from a form back to settings.

use super::is_fixed;
use crate::{face::Face, form::Form, words::LANGUAGES};
use passerelle_core::{Institution, LegalLink, MOST_LINKS, SettingInForce, SettingValue};
use std::collections::BTreeMap;

/// Rows for links that there are not yet.
const MORE_LINKS: usize = 2;

/// The sections of the page with the settings in each; a form is sent for one of them.
pub(super) const SECTIONS: [(&str, &[&str]); 5] = [
    ("look", &["name", "branding.colour", "branding.colour_dark"]),
    ("texts", &["branding.sign_in", "branding.languages"]),
    ("legal", &["branding.legal"]),
    (
        "tools",
        &["tools.mail", "tools.files", "tools.calendars", "tools.contacts", "tools.app_passwords", "tools.links"],
    ),
    (
        "limits",
        &[
            "limits.upload_mib",
            "limits.app_password_days",
            "limits.link_days",
            "limits.connections_per_account",
            "limits.uploads_per_writer",
            "limits.uploads_per_tree",
            "limits.uploads_gib",
        ],
    ),
];

/// A section's state.
pub(crate) struct Section {
    pub(crate) id: &'static str,
    /// Whether anything in it was changed at run time.
    pub(crate) changed: bool,
    fixed: Vec<&'static str>,
}

impl Section {
    /// Whether nobody but the operator may change a setting of it.
    pub(crate) fn fixes(&self, name: &str) -> bool {
        self.fixed.contains(&name)
    }
}

/// A text in one language.
pub(crate) struct Text {
    pub(crate) language: &'static str,
    pub(crate) label: String,
    pub(crate) text: String,
}

/// A tool that is on or off.
pub(crate) struct Switch {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) on: bool,
}

/// An image, as the pages show it now.
pub(crate) struct Picture {
    pub(crate) id: &'static str,
    pub(crate) label: String,
    pub(crate) address: String,
    pub(crate) changed: bool,
    pub(crate) fixed: bool,
}

/// A link at the foot of the pages, or room for one.
pub(crate) struct LegalRow {
    pub(crate) number: usize,
    pub(crate) address: String,
    pub(crate) labels: Vec<Text>,
}

pub(super) fn sections(settings: &[SettingInForce]) -> Vec<Section> {
    let section = |(id, names): &(&'static str, &'static [&'static str])| Section {
        id,
        changed: settings.iter().any(|it| names.contains(&it.setting.name) && it.changed.is_some()),
        fixed: names.iter().filter(|name| is_fixed(settings, name)).copied().collect(),
    };
    SECTIONS.iter().map(section).collect()
}

/// What a setting is called.
pub(crate) fn label(face: &Face, name: &str) -> String {
    let key = format!("setting-{}", name.replace(['.', '_'], "-"));
    let said = face.say(&key);
    // A setting of another version of this program has no words here.
    if said == key { name.to_owned() } else { said }
}

pub(super) fn texts(face: &Face, of: &BTreeMap<String, String>) -> Vec<Text> {
    let text = |(language, _): &(&'static str, &str)| Text {
        language,
        label: face.say(&format!("language-{language}")),
        text: of.get(*language).cloned().unwrap_or_default(),
    };
    LANGUAGES.iter().map(text).collect()
}

pub(super) fn tools(face: &Face, settings: &[SettingInForce]) -> Vec<Switch> {
    let switch = |it: &SettingInForce| {
        let on = it.value.as_ref()?.as_bool()?;
        Some(Switch { name: it.setting.name, label: label(face, it.setting.name), on })
    };
    settings.iter().filter(|it| it.setting.name.starts_with("tools.")).filter_map(switch).collect()
}

pub(super) fn images(face: &Face, settings: &[SettingInForce]) -> Vec<Picture> {
    let picture = |it: &SettingInForce| {
        let (id, address) = match it.setting.name {
            "branding.logo" => ("logo", face.logo()),
            _ => ("favicon", face.icon()),
        };
        let (changed, fixed) = (it.changed.is_some(), it.fixed);
        Picture { id, label: label(face, it.setting.name), address, changed, fixed }
    };
    settings.iter().filter(|it| it.setting.is_image()).map(picture).collect()
}

pub(super) fn links(face: &Face, of: &Institution) -> Vec<LegalRow> {
    let legal = &of.branding.legal;
    let rows = legal.len().saturating_add(MORE_LINKS).min(MOST_LINKS);
    let row = |number| {
        let link: Option<&LegalLink> = legal.get(number);
        let labels = link.map(|link| link.label.clone()).unwrap_or_default();
        let address = link.map(|link| link.address.clone()).unwrap_or_default();
        LegalRow { number, address, labels: texts(face, &labels) }
    };
    (0..rows).map(row).collect()
}

/// The settings of a section as a form has them; `None` for what is no section.
pub(super) fn read(form: &Form, of: &Institution) -> Option<BTreeMap<String, Option<SettingValue>>> {
    let (_, names) = SECTIONS.iter().find(|(id, _)| *id == form.text("section"))?;
    let reset = form.text("reset") == "1";
    let value = |name: &&'static str| {
        let value = if reset { None } else { field(form, of, name) };
        ((*name).to_owned(), value)
    };
    Some(names.iter().map(value).collect())
}

fn field(form: &Form, of: &Institution, name: &str) -> Option<SettingValue> {
    Some(match name {
        "name" => by_language(form, name, &of.name),
        "branding.sign_in" => by_language(form, name, &of.branding.sign_in),
        "branding.languages" => SettingValue::Array(languages(form, of)),
        "branding.legal" => SettingValue::Array((0..MOST_LINKS).filter_map(|number| link(form, number)).collect()),
        "branding.colour_dark" if form.text("dark") != "1" => return None,
        // A box that is not ticked is not sent.
        name if name.starts_with("tools.") => SettingValue::Boolean(form.text(name) == "1"),
        name if name.starts_with("limits.") => match form.text(name).trim() {
            "" => SettingValue::Integer(0),
            number => number.parse().map_or_else(|_| text(number), SettingValue::Integer),
        },
        name => text(form.text(name).trim()),
    })
}

/// The languages that are ticked, the institution's own first. All of them are no choice.
fn languages(form: &Form, of: &Institution) -> Vec<SettingValue> {
    let ticked = |language: &str| form.text(&format!("language.{language}")) == "1";
    let first = form.text("language.first");
    let mut chosen: Vec<&str> = LANGUAGES.iter().map(|(language, _)| *language).filter(|it| ticked(it)).collect();
    chosen.sort_by_key(|language| *language != first);
    if chosen.len() == LANGUAGES.len() && first.is_empty() && of.branding.languages.is_empty() {
        chosen.clear();
    }
    chosen.into_iter().map(text).collect()
}

fn link(form: &Form, number: usize) -> Option<SettingValue> {
    let address = form.text(&format!("legal.{number}.address")).trim();
    let label = by_language(form, &format!("legal.{number}"), &BTreeMap::new());
    if address.is_empty() && label.as_table().is_none_or(|texts| texts.is_empty()) {
        return None;
    }
    let members = [("address", text(address)), ("label", label)];
    Some(SettingValue::Table(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

/// Texts of the languages that the page has; those of others stay as they are.
fn by_language(form: &Form, name: &str, held: &BTreeMap<String, String>) -> SettingValue {
    let mut texts = held.clone();
    for (language, _) in LANGUAGES {
        match form.text(&format!("{name}.{language}")).trim() {
            "" => drop(texts.remove(language)),
            text => drop(texts.insert(language.to_owned(), text.replace("\r\n", "\n"))),
        }
    }
    SettingValue::Table(texts.into_iter().map(|(language, it)| (language, SettingValue::String(it))).collect())
}

fn text(text: &str) -> SettingValue {
    SettingValue::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;
    use passerelle_core::SETTINGS;

    #[test]
    fn every_setting_has_a_place_on_the_page_and_words() {
        for setting in SETTINGS {
            let placed = SECTIONS.iter().any(|(_, names)| names.contains(&setting.name));
            assert!(placed != setting.is_image(), "{}", setting.name);
            for (language, _) in LANGUAGES {
                let key = format!("setting-{}", setting.name.replace(['.', '_'], "-"));
                assert_ne!(words::say(language, &key, &[]), key, "{language}");
            }
        }
        for (id, _) in SECTIONS {
            assert_ne!(words::say("en", &format!("admin-{id}"), &[]), format!("admin-{id}"));
        }
    }
}
