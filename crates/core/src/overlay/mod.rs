//! What may be changed of an institution at run time: one table of settings, each with a name that file, State and
//! interfaces share. The settings in force are the file's with the newest values of State over them; what State holds
//! that is no setting, or no value of it, is passed over with a line in the log and never stops anything.

mod follow;
mod image;
mod read;
mod svg;

pub(crate) use follow::{Announced, Values, follow, load};
pub use image::{Image, LARGEST_IMAGE};
pub use read::{LANGUAGES, LONGEST_TEXT, MOST_LINKS};
/// A setting's value, as a TOML file would hold it.
pub use toml::Value as SettingValue;

use crate::{Institution, Tool, ports::state::OverlayValue};
use std::fmt;

/// A setting that may be changed at run time.
#[derive(Clone, Copy)]
pub struct Setting {
    /// Its dotted name, the same in the file.
    pub name: &'static str,
    /// What it takes, for people who read a reference.
    pub takes: &'static str,
    /// What it is for.
    pub help: &'static str,
    read: fn(&SettingValue, &mut Institution) -> Result<(), String>,
    show: fn(&Institution) -> Option<SettingValue>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({})", self.name)
    }
}

/// A row of the table, for a setting that is a field: how its value is read, and how it is shown.
macro_rules! setting {
    ($name:literal, $takes:literal, $help:literal, |$value:ident, $of:ident| $read:expr, $show:expr) => {
        Setting {
            name: $name,
            takes: $takes,
            help: $help,
            read: |$value, $of| {
                $read;
                Ok(())
            },
            show: $show,
        }
    };
}

macro_rules! tool {
    ($name:literal, $tool:expr, $help:literal) => {
        setting!($name, "boolean", $help, |value, of| of.tools.switch($tool, read::flag(value)?), |of| Some(
            SettingValue::Boolean(of.tools.has($tool))
        ))
    };
}

/// All of them. A new one is one more row.
pub const SETTINGS: &[Setting] = &[
    setting!(
        "name",
        "struct by language",
        "what it is called: one line for each language",
        |value, of| of.name = read::names(value)?,
        |of| Some(read::shown_by_language(&of.name))
    ),
    setting!(
        "branding.colour",
        "string #rrggbb",
        "the colour of action and selection; text in it and on it is darkened or lightened until it can be read (4.5:1)",
        |value, of| of.branding.colour = read::colour(value)?,
        |of| (!of.branding.colour.is_empty()).then(|| SettingValue::String(of.branding.colour.clone()))
    ),
    setting!(
        "branding.colour_dark",
        "string #rrggbb",
        "the same where the reader wants dark pages",
        |value, of| of.branding.colour_dark = Some(read::colour(value)?),
        |of| of.branding.colour_dark.clone().map(SettingValue::String)
    ),
    setting!(
        "branding.logo",
        "base64, or a string of it",
        "PNG, JPEG, WebP, GIF, ICO or an SVG that only draws, at most 256 KiB",
        |value, of| of.branding.logo = Some(read::image(value)?),
        |of| of.branding.logo.as_ref().map(|image| SettingValue::String(image.base64()))
    ),
    setting!(
        "branding.favicon",
        "base64, or a string of it",
        "the small image of tabs and bookmarks; as the logo",
        |value, of| of.branding.favicon = Some(read::image(value)?),
        |of| of.branding.favicon.as_ref().map(|image| SettingValue::String(image.base64()))
    ),
    setting!(
        "branding.sign_in",
        "struct by language",
        "what the sign-in page says: plain text, at most 2000 characters, an empty line between paragraphs",
        |value, of| of.branding.sign_in = read::texts(value)?,
        |of| Some(read::shown_by_language(&of.branding.sign_in))
    ),
    setting!(
        "branding.legal",
        "array of structs {address, label}",
        "links at the foot of each page, at most 10: an https address, and a label by language",
        |value, of| of.branding.legal = read::links(value)?,
        |of| Some(read::shown_links(&of.branding))
    ),
    setting!(
        "branding.languages",
        "array of strings",
        "the languages that it offers (en, fr, nl, de, es, it, pt, ar), its own first; an empty list is all",
        |value, of| of.branding.languages = read::languages(value)?,
        |of| Some(read::shown_list(&of.branding.languages))
    ),
    tool!("tools.mail", Tool::Mail, "whether its people have mail here; what is open ends when it is switched off"),
    tool!("tools.files", Tool::Files, "whether its people have files here; also what they share with others"),
    tool!(
        "tools.calendars",
        Tool::Calendars,
        "whether its people have calendars, tasks and notes here; also what they share"
    ),
    tool!("tools.contacts", Tool::Contacts, "whether its people have address books here; also what they share"),
    tool!(
        "tools.app_passwords",
        Tool::AppPasswords,
        "whether app passwords are made and taken; those that there are wait until it is switched on again"
    ),
    tool!(
        "tools.links",
        Tool::Links,
        "whether its people make share links, and whether those that there are lead anywhere"
    ),
    setting!(
        "limits.upload_mib",
        "int",
        "largest file that is taken, in MiB; 0 is no limit",
        |value, of| of.limits.upload_mib = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.upload_mib))
    ),
    setting!(
        "limits.app_password_days",
        "int",
        "longest life of an app password, in days from when it was made; 0 is no limit",
        |value, of| of.limits.app_password_days = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.app_password_days))
    ),
    setting!(
        "limits.link_days",
        "int",
        "longest life of a share link, in days from when it is made; 0 is no limit",
        |value, of| of.limits.link_days = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.link_days))
    ),
    setting!(
        "limits.connections_per_account",
        "int",
        "most mail connections of an account on a node, where that is less than the installation's; 0 is the installation's",
        |value, of| of.limits.connections_per_account = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.connections_per_account))
    ),
    setting!(
        "limits.uploads_per_writer",
        "int",
        "most uploads in parts of one person that wait in one tree; 0 is no limit",
        |value, of| of.limits.uploads_per_writer = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.uploads_per_writer))
    ),
    setting!(
        "limits.uploads_per_tree",
        "int",
        "most uploads in parts that wait in one tree, of all but its owner; 0 is no limit",
        |value, of| of.limits.uploads_per_tree = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.uploads_per_tree))
    ),
    setting!(
        "limits.uploads_gib",
        "int",
        "most that the parts of one person may hold in one tree, in GiB; 0 is no limit",
        |value, of| of.limits.uploads_gib = read::limit(value)?,
        |of| Some(read::shown_limit(of.limits.uploads_gib))
    ),
];

impl Setting {
    /// A setting by its name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Reads a value into an institution's facts.
    ///
    /// # Errors
    /// What is wrong with it, in words that may be shown.
    pub fn read(&self, value: &SettingValue, facts: &mut Institution) -> Result<(), String> {
        (self.read)(value, facts)
    }

    /// The value in force; `None` where there is none.
    pub fn value(&self, facts: &Institution) -> Option<SettingValue> {
        (self.show)(facts)
    }

    /// The value of an institution that says nothing of it, as a file would write it.
    pub fn default(&self) -> String {
        let nobody = passerelle_model::InstitutionId::parse("x").ok().zip(passerelle_model::RealmId::parse("x").ok());
        let value = nobody.and_then(|(id, realm)| self.value(&Institution::new(id, realm)));
        value.map_or_else(|| "none".to_owned(), |value| value.to_string())
    }

    /// Whether its value is an image, which is told by its kind and size and not by its octets.
    pub fn is_image(&self) -> bool {
        matches!(self.name, "branding.logo" | "branding.favicon")
    }

    /// A value as the history shows it.
    pub fn shown(&self, value: SettingValue) -> SettingValue {
        match value.as_str() {
            Some(text) if self.is_image() => {
                let image = Image::parse_base64(text).map_or_else(|what| what, |image| image.to_string());
                SettingValue::String(image)
            }
            _ => value,
        }
    }
}

/// Whether the settings' file forbids to change a setting at run time.
pub(crate) fn is_fixed(facts: &Institution, name: &str) -> bool {
    facts
        .fixed
        .iter()
        .any(|fixed| name.strip_prefix(fixed.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// The facts in force: the file's with the values of State over them.
pub(crate) fn apply(filed: &Institution, values: &[OverlayValue]) -> Institution {
    let mut facts = filed.clone();
    facts.version = values.iter().map(|value| value.version).max().unwrap_or(0);
    for OverlayValue { name, value, version, .. } in values {
        let Some(text) = value else { continue };
        let read = match Setting::named(name) {
            None => Err("there is no such setting".to_owned()),
            Some(_) if is_fixed(filed, name) => Err("the file fixes it".to_owned()),
            Some(setting) => text
                .parse::<SettingValue>()
                .map_err(|error| error.message().to_owned())
                .and_then(|value| setting.read(&value, &mut facts)),
        };
        if let Err(reason) = read {
            tracing::warn!(institution = %filed.id, setting = %name, version, reason, "a setting of State is passed over");
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{InstitutionId, RealmId, Timestamp};

    fn filed() -> Institution {
        let mut facts = Institution::new(InstitutionId::parse("garonne").unwrap(), RealmId::parse("r").unwrap());
        facts.name.insert("en".to_owned(), "Garonne".to_owned());
        facts.branding.colour = "#112233".to_owned();
        facts
    }

    fn value(name: &str, value: Option<&str>, version: u64) -> OverlayValue {
        let value = value.map(str::to_owned);
        OverlayValue { name: name.to_owned(), value, version, by: String::new(), at: Timestamp(0) }
    }

    #[test]
    fn every_setting_is_read_back_as_it_was_shown() {
        let examples = [
            ("name", "{en = \"É\", fr = \"Là\"}"),
            ("branding.colour", "\"#aabbcc\""),
            ("branding.colour_dark", "\"#aabbcc\""),
            ("branding.logo", "\"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\""),
            ("branding.favicon", "\"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\""),
            ("branding.sign_in", "{en = \"One\\n\\nTwo\"}"),
            ("branding.legal", "[{address = \"https://univ.test/legal\", label = {fr = \"Mentions\"}}]"),
            ("branding.languages", "[\"ar\", \"pt\", \"it\", \"es\", \"de\", \"nl\", \"fr\", \"en\"]"),
            ("tools.mail", "false"),
            ("tools.files", "false"),
            ("tools.calendars", "false"),
            ("tools.contacts", "false"),
            ("tools.app_passwords", "false"),
            ("tools.links", "false"),
            ("limits.upload_mib", "7"),
            ("limits.app_password_days", "7"),
            ("limits.link_days", "7"),
            ("limits.connections_per_account", "7"),
            ("limits.uploads_per_writer", "7"),
            ("limits.uploads_per_tree", "7"),
            ("limits.uploads_gib", "7"),
        ];
        assert_eq!(examples.map(|(name, _)| name).as_slice(), SETTINGS.iter().map(|it| it.name).collect::<Vec<_>>());
        for (name, text) in examples {
            let setting = Setting::named(name).unwrap();
            let before = setting.value(&filed());
            let facts = apply(&filed(), &[value(name, Some(text), 3)]);
            let after = setting.value(&facts).unwrap();
            assert_eq!((after.clone(), facts.version), (text.parse().unwrap(), 3), "{name}");
            assert_ne!(before, Some(after.clone()), "{name}");
            // As State keeps it.
            assert_eq!(after.to_string().parse::<SettingValue>().unwrap(), after, "{name}");
        }
    }

    #[test]
    fn what_is_no_value_is_passed_over() {
        let broken = [
            ("no.such", "1"),
            ("name", "{}"),
            ("name", "{en = \"two\\nlines\"}"),
            ("name", "{EN = \"x\"}"),
            ("branding.colour", "\"red\""),
            ("branding.colour", "7"),
            ("branding.colour", "no toml at all"),
            ("branding.colour_dark", "\"#12345\""),
            ("branding.logo", "\"PHNjcmlwdD4=\""),
            ("branding.sign_in", "{en = \"a\\u0000\"}"),
            ("branding.legal", "[{address = \"javascript:alert(1)\", label = {en = \"x\"}}]"),
            ("branding.legal", "[{address = \"https://a@evil.test/\", label = {en = \"x\"}}]"),
            ("branding.legal", "[{address = \"https://\", label = {en = \"x\"}}]"),
            ("branding.legal", "[{address = \"https://a.test\"}]"),
            ("branding.languages", "[\"xx\"]"),
            ("branding.languages", "[\"en\", \"en\"]"),
            ("tools.mail", "\"no\""),
            ("limits.upload_mib", "-1"),
            ("limits.upload_mib", "1.5"),
        ];
        let values = broken.map(|(name, text)| value(name, Some(text), 1));
        let facts = apply(&filed(), &[&values[..], &[value("tools.files", Some("false"), 2)]].concat());
        assert!(!facts.tools.has(Tool::Files), "the good one counts");
        assert_eq!((facts.branding.colour.as_str(), facts.name_in("en")), ("#112233", "Garonne"));
        assert!(facts.branding.logo.is_none() && facts.branding.legal.is_empty() && facts.tools.has(Tool::Mail));
        let long = format!("{{en = \"{}\"}}", "x".repeat(LONGEST_TEXT + 1));
        assert!(apply(&filed(), &[value("branding.sign_in", Some(&long), 1)]).branding.sign_in.is_empty());
        assert_eq!(apply(&filed(), &[value("branding.colour", None, 4)]).branding.colour, "#112233");
    }

    #[test]
    fn what_the_file_fixes_stays() {
        let mut filed = filed();
        filed.fixed = vec!["tools".to_owned(), "branding.colour".to_owned()];
        let dark = value("branding.colour_dark", Some("\"#abcdef\""), 1);
        let facts = apply(&filed, &[value("tools.mail", Some("false"), 1), dark]);
        assert!(facts.tools.has(Tool::Mail));
        assert_eq!(facts.branding.colour_dark.as_deref(), Some("#abcdef"), "a longer name is another setting");
    }
}
