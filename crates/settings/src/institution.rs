//! `institutions/<id>/institution.toml`: what belongs to one institution.

use crate::{
    Source, deliver,
    main_file::{TlsFiles, TlsTable},
    portal, scanning, scheduling, sending,
    spaces::SpaceTable,
    template,
};
use passerelle_core::{
    Branding, Image, Institution, Membership, Mount, SETTINGS, ScanDuty, Setting, SettingValue, UidlFormat,
    config::{Block, ConfigFault, Step},
};
use passerelle_model::{AccountId, InstitutionId, InvalidId, MountId, RealmId};
use serde::{Deserialize, de::IgnoredAny};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::Spanned;

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
    /// The way to mail accounts that its people have elsewhere.
    pub external_mail: Option<Block>,
    /// The way to pictures elsewhere that messages show.
    pub remote_images: Option<Block>,
    /// The scripts that sort its mail.
    pub filters: Option<Block>,
    /// Its MTA.
    pub submission: Option<Block>,
    /// What looks into messages, by name, and what each is for.
    pub scanners: Vec<(Block, ScanDuty)>,
    /// Its file trees: `home`, everybody's own, and the spaces.
    pub files: Vec<(MountId, Block)>,
    /// Where its calendars are.
    pub calendars: Option<Block>,
    /// Where its address books are.
    pub contacts: Option<Block>,
    /// The way to calendars elsewhere.
    pub calendar_feeds: Option<Block>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "template")]
    _template: IgnoredAny,
    name: Spanned<SettingValue>,
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
    fixed: Vec<Spanned<String>>,
    #[serde(default)]
    branding: Group,
    #[serde(default)]
    tools: Group,
    #[serde(default)]
    limits: Group,
    #[serde(default)]
    portals: Vec<Spanned<String>>,
    #[serde(default)]
    portal: portal::PortalTable,
    tls: Option<TlsTable>,
    mail: Option<IgnoredAny>,
    external_mail: Option<IgnoredAny>,
    remote_images: Option<IgnoredAny>,
    filters: Option<IgnoredAny>,
    #[serde(default)]
    pop3: Pop3Table,
    submission: Option<IgnoredAny>,
    #[serde(default)]
    scanners: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    sending: sending::SendingTable,
    #[serde(default)]
    scanning: scanning::ScanningTable,
    #[serde(default)]
    scheduling: scheduling::SchedulingTable,
    deliver: Option<deliver::DeliverTable>,
    #[serde(default)]
    files: FilesTable,
    #[serde(default)]
    spaces: BTreeMap<Spanned<String>, SpaceTable>,
    calendars: Option<IgnoredAny>,
    contacts: Option<IgnoredAny>,
    calendar_feeds: Option<IgnoredAny>,
}

/// The tree that each person has one of.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilesTable {
    home: Option<IgnoredAny>,
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

/// What POP3 is like here.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pop3Table {
    uidl_format: Option<Spanned<String>>,
}

/// A table of settings that may be changed at run time: the gate knows which there are, and reads their values.
pub(crate) type Group = BTreeMap<Spanned<String>, Spanned<SettingValue>>;

/// Reads every institution of a folder, in order of their names.
pub(crate) fn read_all(config: &Path, faults: &mut Vec<ConfigFault>) -> Vec<InstitutionSettings> {
    let folder = &config.join("institutions");
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
        match read(config, &entry.path()) {
            Ok(institution) => institutions.push(institution),
            Err(fault) => faults.push(fault),
        }
    }
    institutions
}

fn read(config: &Path, folder: &Path) -> Result<InstitutionSettings, ConfigFault> {
    let source = template::over(config, Source::read(&folder.join("institution.toml"))?, folder)?;
    let file: File = source.parse()?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let id = InstitutionId::parse(name)
        .map_err(|error| source.fault(0, error, "name the folder with lower-case letters, digits and hyphens"))?;
    let block = |steps: &[&str]| {
        let at: Vec<Step> = steps.iter().map(|key| Step::Key((*key).to_owned())).collect();
        Block::within(&source.0, at, format!("{id}.{}", steps.join(".")))
    };
    let mut files = Vec::new();
    if file.files.home.is_some() {
        let home = MountId::parse(Mount::HOME).map_err(|error| source.fault(0, error, "report this"))?;
        files.push((home, block(&["files", Mount::HOME])));
    }
    let mut spaces = Vec::new();
    for (name, space) in file.spaces {
        let space = space.check(&source, &name, &id)?;
        files.push((space.id.clone(), block(&["spaces", name.get_ref(), "store"]).of_space()));
        spaces.push(space);
    }
    file.scanning.check(&source, file.scanners.keys(), file.submission.is_some())?;
    if file.mail.is_none() && file.external_mail.is_some() {
        let remedy = "add [mail], or take [external_mail] away";
        return Err(source.fault(0, "accounts elsewhere are shown beside mail, and there is no [mail]", remedy));
    }
    if file.calendars.is_none() && file.calendar_feeds.is_some() {
        let remedy = "add [calendars], or take [calendar_feeds] away";
        return Err(source.fault(
            0,
            "calendars elsewhere are shown beside one's own, and there is no [calendars]",
            remedy,
        ));
    }
    let lower = |names: &[Spanned<String>]| names.iter().map(|name| name.get_ref().to_ascii_lowercase()).collect();
    let mut facts = Institution {
        hosts: lower(&file.hosts),
        mail_domains: lower(&file.mail_domains),
        membership: match file.membership {
            None | Some(MembershipTable::MailDomain(false)) => Membership::Whole,
            Some(MembershipTable::Below(base)) => Membership::Below(base),
            Some(MembershipTable::Establishment(code)) => Membership::Establishment(code),
            Some(MembershipTable::MailDomain(true)) => Membership::MailDomain,
        },
        groups_below: file.groups.map(|groups| groups.below),
        administrators: all(&source, &file.administrators, AccountId::parse)?,
        shares_with: all(&source, &file.shares_with, InstitutionId::parse)?,
        fixed: fixed(&source, &file.fixed)?,
        portals: portal::origins(&source, &file.portals)?,
        portal: file.portal.check(&source)?,
        uidl_format: uidl_format(&source, file.pop3.uidl_format.as_ref())?,
        sending: file.sending.check(&source)?,
        scanning: file.scanning.rules(),
        scheduling: file.scheduling.check(&source)?,
        delivery: file.deliver.map(|deliver| deliver.check(&source)).transpose()?,
        spaces,
        ..Institution::new(id.clone(), parsed(&source, &file.realm, RealmId::parse)?)
    };
    setting(&source, "name", file.name.span().start, &file.name, &mut facts)?;
    for (group, values) in [("branding", &file.branding), ("tools", &file.tools), ("limits", &file.limits)] {
        for (name, value) in values {
            setting(&source, &format!("{group}.{}", name.get_ref()), name.span().start, value, &mut facts)?;
        }
    }
    Ok(InstitutionSettings {
        facts,
        tls: file.tls.map(|tls| tls.check(&source)).transpose()?,
        mail: file.mail.map(|_| block(&["mail"])),
        external_mail: file.external_mail.map(|_| block(&["external_mail"])),
        remote_images: file.remote_images.map(|_| block(&["remote_images"])),
        filters: file.filters.map(|_| block(&["filters"])),
        submission: file.submission.map(|_| block(&["submission"])),
        scanners: file.scanners.keys().map(|name| (block(&["scanners", name]), file.scanning.duty(name))).collect(),
        files,
        calendars: file.calendars.map(|_| block(&["calendars"])),
        contacts: file.contacts.map(|_| block(&["contacts"])),
        calendar_feeds: file.calendar_feeds.map(|_| block(&["calendar_feeds"])),
        file: source.0.file().to_path_buf(),
    })
}

fn uidl_format(source: &Source, written: Option<&Spanned<String>>) -> Result<UidlFormat, ConfigFault> {
    let Some(written) = written else { return Ok(UidlFormat::default()) };
    UidlFormat::parse(written.get_ref()).map_err(|what| {
        let remedy = "write dovecot, cyrus, courier, uidonly, or a format such as %08Xu%08Xv";
        source.fault(written.span().start, format!("pop3.uidl_format: {what}"), remedy)
    })
}

pub(crate) fn parsed<T>(
    source: &Source,
    text: &Spanned<String>,
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<T, ConfigFault> {
    parse(text.get_ref()).map_err(|error| source.fault(text.span().start, error, "correct the name"))
}

pub(crate) fn all<T>(
    source: &Source,
    texts: &[Spanned<String>],
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<Vec<T>, ConfigFault> {
    texts.iter().map(|text| parsed(source, text, parse)).collect()
}

/// The look of hosts that institutions share: the settings of an institution's look, read in the same way.
pub(crate) fn front_look(source: &Source, realm: &RealmId, group: &Group) -> Result<Branding, ConfigFault> {
    let nobody = InstitutionId::parse("front").map_err(|error| source.fault(0, error, "report this"))?;
    let mut facts = Institution::new(nobody, realm.clone());
    for (name, value) in group {
        setting(source, &format!("branding.{}", name.get_ref()), name.span().start, value, &mut facts)?;
    }
    Ok(facts.branding)
}

/// A setting that may be changed at run time, as the file has it.
fn setting(
    source: &Source,
    name: &str,
    at: usize,
    value: &Spanned<SettingValue>,
    facts: &mut Institution,
) -> Result<(), ConfigFault> {
    let setting = Setting::named(name).ok_or_else(|| {
        let group = name.split('.').next().unwrap_or_default();
        let known: Vec<_> = SETTINGS.iter().map(|it| it.name).filter(|it| it.starts_with(group)).collect();
        source.fault(at, format!("{name} is not known"), format!("write one of: {}", known.join(", ")))
    })?;
    match name {
        "branding.logo" => facts.branding.logo = Some(image(source, value)?),
        "branding.favicon" => facts.branding.favicon = Some(image(source, value)?),
        _ => return read_value(source, setting, value, facts),
    }
    Ok(())
}

fn read_value(
    source: &Source,
    setting: &Setting,
    value: &Spanned<SettingValue>,
    facts: &mut Institution,
) -> Result<(), ConfigFault> {
    let name = setting.name;
    let wrong =
        |what: String| source.fault(value.span().start, format!("{name}: {what}"), "see the commented reference");
    setting.read(value.get_ref(), facts).map_err(wrong)
}

/// An image: a file, from the folder of the institution's own.
fn image(source: &Source, value: &Spanned<SettingValue>) -> Result<Image, ConfigFault> {
    let at = value.span().start;
    let wrong = |what: String| source.fault(at, what, "name a file with an image");
    let path = value.get_ref().as_str().ok_or_else(|| wrong("this is no path".to_owned()))?;
    let octets = std::fs::read(source.0.folder().join(path)).map_err(|error| wrong(format!("{path}: {error}")))?;
    Image::parse(&octets).map_err(|what| wrong(format!("{path}: {what}")))
}

/// Settings that nobody may change at run time: names of settings, or of groups of them.
fn fixed(source: &Source, names: &[Spanned<String>]) -> Result<Vec<String>, ConfigFault> {
    let known = |name: &str| SETTINGS.iter().any(|it| it.name == name || it.name.split('.').next() == Some(name));
    let one = |name: &Spanned<String>| match name.get_ref() {
        known_one if known(known_one) => Ok(known_one.clone()),
        other => {
            let all: Vec<_> = SETTINGS.iter().map(|it| it.name).collect();
            let remedy = format!("name a group (branding, tools, limits) or one of: {}", all.join(", "));
            Err(source.fault(name.span().start, format!("fixed: {other} is no setting"), remedy))
        }
    };
    names.iter().map(one).collect()
}
