//! `institutions/<id>/institution.toml`: what belongs to one institution.

use crate::{
    Source,
    main_file::{TlsFiles, TlsTable},
};
use passerelle_core::{
    Branding, Institution, Logo, Membership,
    config::{Block, ConfigFault, Step},
};
use passerelle_model::{AccountId, InstitutionId, InvalidId, MountId, RealmId};
use serde::{Deserialize, de::IgnoredAny};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use toml::Spanned;

/// Largest logo, in octets: it is held in memory.
const LARGEST_LOGO: usize = 256 * 1024;
/// The colour of an institution that names none.
const COLOUR: &str = "#1f4e79";

/// The settings of an institution.
#[derive(Debug, Clone)]
pub struct InstitutionSettings {
    /// The file they come from.
    pub file: PathBuf,
    /// The facts.
    pub facts: Institution,
    /// Its certificate.
    pub tls: Option<TlsFiles>,
    /// Its mail store.
    pub mail: Option<Block>,
    /// Its file trees; `home`, everybody's own space, comes first.
    pub files: Vec<(MountId, Block)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: BTreeMap<String, String>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    #[serde(default)]
    mail_domains: Vec<Spanned<String>>,
    realm: Spanned<String>,
    membership: Option<MembershipTable>,
    groups: Option<GroupsTable>,
    #[serde(default)]
    administrators: Vec<Spanned<String>>,
    #[serde(default)]
    shares_with: Vec<Spanned<String>>,
    #[serde(default)]
    branding: BrandingTable,
    tls: Option<TlsTable>,
    mail: Option<IgnoredAny>,
    #[serde(default)]
    files: BTreeMap<Spanned<String>, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum MembershipTable {
    Below(String),
    Establishment(String),
    MailDomain(bool),
}

/// Where the groups of the institution lie.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsTable {
    below: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BrandingTable {
    colour: Option<Spanned<String>>,
    logo: Option<Spanned<PathBuf>>,
}

/// Reads every institution of a folder, in order of their names.
pub(crate) fn read_all(folder: &Path, faults: &mut Vec<ConfigFault>) -> Vec<InstitutionSettings> {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => {
            let remedy = "make the folder, with one folder for each institution".to_owned();
            faults.push(ConfigFault { file: folder.to_path_buf(), line: 0, what: error.to_string(), remedy });
            return Vec::new();
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut institutions = Vec::new();
    for entry in entries.iter().filter(|entry| entry.path().is_dir()) {
        match read(&entry.path()) {
            Ok(institution) => institutions.push(institution),
            Err(fault) => faults.push(fault),
        }
    }
    institutions
}

fn read(folder: &Path) -> Result<InstitutionSettings, ConfigFault> {
    let source = Source::read(&folder.join("institution.toml"))?;
    let file: File = source.parse()?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let id = InstitutionId::parse(name)
        .map_err(|error| source.fault(0, error, "name the folder with lower-case letters, digits and hyphens"))?;
    let block = |steps: &[&str]| {
        let at: Vec<Step> = steps.iter().map(|key| Step::Key((*key).to_owned())).collect();
        Block::new(Arc::clone(&source.path), Arc::clone(&source.text), at, format!("{id}.{}", steps.join(".")))
    };
    let mut files = Vec::new();
    for name in file.files.keys() {
        files.push((parsed(&source, name, MountId::parse)?, block(&["files", name.get_ref()])));
    }
    files.sort_by_key(|(mount, _)| mount.as_str() != "home");
    if files.first().is_some_and(|(mount, _)| mount.as_str() != "home") {
        return Err(source.fault(0, "there are files but no [files.home]", "name everybody's own space home"));
    }
    let lower = |names: &[Spanned<String>]| names.iter().map(|name| name.get_ref().to_ascii_lowercase()).collect();
    let facts = Institution {
        name: file.name,
        hosts: lower(&file.hosts),
        mail_domains: lower(&file.mail_domains),
        realm: parsed(&source, &file.realm, RealmId::parse)?,
        membership: match file.membership {
            None | Some(MembershipTable::MailDomain(false)) => Membership::Whole,
            Some(MembershipTable::Below(base)) => Membership::Below(base),
            Some(MembershipTable::Establishment(code)) => Membership::Establishment(code),
            Some(MembershipTable::MailDomain(true)) => Membership::MailDomain,
        },
        groups_below: file.groups.map(|groups| groups.below),
        administrators: all(&source, &file.administrators, AccountId::parse)?,
        shares_with: all(&source, &file.shares_with, InstitutionId::parse)?,
        branding: branding(&source, &file.branding)?,
        id: id.clone(),
    };
    Ok(InstitutionSettings {
        facts,
        tls: file.tls.map(|tls| tls.check(&source)).transpose()?,
        mail: file.mail.map(|_| block(&["mail"])),
        files,
        file: source.path.to_path_buf(),
    })
}

fn parsed<T>(
    source: &Source,
    text: &Spanned<String>,
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<T, ConfigFault> {
    parse(text.get_ref()).map_err(|error| source.fault(text.span().start, error, "correct the name"))
}

fn all<T>(
    source: &Source,
    texts: &[Spanned<String>],
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<Vec<T>, ConfigFault> {
    texts.iter().map(|text| parsed(source, text, parse)).collect()
}

pub(crate) fn branding(source: &Source, table: &BrandingTable) -> Result<Branding, ConfigFault> {
    let colour = match &table.colour {
        None => COLOUR.to_owned(),
        Some(colour) => {
            let text = colour.get_ref();
            let digits = text.strip_prefix('#').unwrap_or_default();
            if digits.len() != 6 || !digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
                return Err(source.fault(colour.span().start, format!("{text} is no colour"), "write it as #rrggbb"));
            }
            text.to_ascii_lowercase()
        }
    };
    let logo = table.logo.as_ref().map(|path| logo(source, path)).transpose()?;
    Ok(Branding { colour, logo })
}

fn logo(source: &Source, path: &Spanned<PathBuf>) -> Result<Logo, ConfigFault> {
    let at = path.span().start;
    let full = source.existing(path)?;
    let media_type = match full.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        _ => return Err(source.fault(at, "the logo's kind is not known", "use .svg, .png, .jpg or .webp")),
    };
    let octets = std::fs::read(&full).map_err(|error| source.fault(at, error, "make the logo readable"))?;
    if octets.len() > LARGEST_LOGO {
        return Err(source.fault(at, "the logo is larger than 256 KiB", "make it smaller"));
    }
    Ok(Logo { media_type, octets: octets.into() })
}
