//! From settings to a house: each block to the adapter of its kind.

use crate::registry::{
    COLLECTIONS, DIRECTORIES, EXTERNAL_MAIL, FEEDS, FILES, FILTERS, IMAGES, MAIL, SCANNERS, SSO, STATES, SUBMISSION,
};
use passerelle_core::{
    HouseParts, MarkingMemory, Mount, PasswordLimits, Passwords, Realm, ScanDuty, Span, StateFactory, Stationed,
    Tenant,
    config::{Block, ConfigFault},
    ports::{
        CollectionStore, Directory, ExternalMail, Feeds, FileStore, Filters, MailStore, RemoteImages, Scanner,
        SsoProvider, Submission,
    },
    seal::Sealer,
};
use passerelle_model::{CollectionFamily, MountId, NodePath, Timestamp};
use passerelle_settings::{Faults, InstitutionSettings, RealmSettings, Settings};
use std::{sync::Arc, time::Duration};

/// Builds every back-end; none of them is talked to yet.
pub(crate) fn parts(settings: &Settings) -> Result<HouseParts, Faults> {
    let mut faults = Vec::new();
    let (realms, tenants) = build_all(settings, &mut faults);
    let sealer = Sealer::new(&settings.session_keys)
        .map_err(|error| faults.push(settings.state.fault(error, "correct session.keys")));
    match sealer {
        Ok(sealer) if faults.is_empty() => {
            let passwords = PasswordLimits {
                refusal: Duration::from_millis(settings.limits.refusal_millis),
                wrong_per_address: settings.limits.wrong_passwords_per_address,
            };
            let marking = MarkingMemory {
                message: u64::from(settings.limits.marking_message_mib) << 20,
                whole: u64::from(settings.limits.marking_mib) << 20,
            };
            let default_institution = settings.default_institution.clone();
            Ok(HouseParts { realms, tenants, default_institution, sealer, passwords, marking, span_of })
        }
        _ => Err(Faults(faults)),
    }
}

/// From when to when an item of a calendar is.
fn span_of(content: &[u8]) -> Option<Span> {
    let (first, last) = passerelle_wire_ical::span(content)?;
    Some((Timestamp(first.seconds()), Timestamp(last.seconds())))
}

/// Every fault that the adapters find in their blocks.
pub(crate) fn faults(settings: &Settings) -> Vec<ConfigFault> {
    let mut faults = Vec::new();
    build_all(settings, &mut faults);
    if let Err(fault) = state_factory(settings).and_then(|factory| (factory.check)(&settings.state)) {
        faults.push(fault);
    }
    faults
}

/// The kind of State that the settings name.
pub(crate) fn state_factory(settings: &Settings) -> Result<StateFactory, ConfigFault> {
    let kind = settings.state.kind()?;
    STATES
        .iter()
        .find(|factory| factory.kind == kind)
        .copied()
        .ok_or_else(|| unknown(&settings.state, &kind, STATES.iter().map(|it| it.kind)))
}

fn build_all(settings: &Settings, faults: &mut Vec<ConfigFault>) -> (Vec<Realm>, Vec<Tenant>) {
    let mut keep = |fault: ConfigFault| {
        // A file that two blocks share may tell the same fault twice.
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    };
    let realms = settings.realms.iter().filter_map(|it| realm(it).map_err(&mut keep).ok()).collect();
    let tenants =
        settings.institutions.iter().filter_map(|institution| tenant(institution).map_err(&mut keep).ok()).collect();
    (realms, tenants)
}

fn tenant(institution: &InstitutionSettings) -> Result<Tenant, ConfigFault> {
    let mounts = institution
        .files
        .iter()
        .map(|(id, block): &(MountId, Block)| Ok(Mount { id: id.clone(), store: files(block)? }))
        .collect::<Result<Vec<_>, ConfigFault>>()?;
    let collected =
        |block: &Option<Block>, family| block.as_ref().map(|it| collections(it, family, &mounts)).transpose();
    let calendars = collected(&institution.calendars, CollectionFamily::Calendars)?;
    let contacts = collected(&institution.contacts, CollectionFamily::Contacts)?;
    if let (Some(block), Some(calendars), Some(contacts)) = (&institution.contacts, &calendars, &contacts) {
        check_apart(block, calendars.as_ref(), contacts.as_ref())?;
    }
    Ok(Tenant {
        facts: Arc::new(institution.facts.clone()),
        mail: institution.mail.as_ref().map(mail).transpose()?,
        external: institution.external_mail.as_ref().map(external_mail).transpose()?,
        images: institution.remote_images.as_ref().map(images).transpose()?,
        filters: institution.filters.as_ref().map(filters).transpose()?,
        submission: institution.submission.as_ref().map(submission).transpose()?,
        scanners: institution
            .scanners
            .iter()
            .map(|(block, duty)| Ok(Stationed { scanner: scanner(block, *duty)?, duty: *duty }))
            .collect::<Result<_, ConfigFault>>()?,
        mounts,
        calendars,
        contacts,
        feeds: institution.calendar_feeds.as_ref().map(feeds).transpose()?,
    })
}

fn realm(settings: &RealmSettings) -> Result<Realm, ConfigFault> {
    let providers: Vec<_> =
        settings.providers.iter().map(|(kind, block)| sso(kind, block)).collect::<Result<_, _>>()?;
    // A portal that signs its word signs no browser on.
    if settings.passwords != Passwords::Everywhere && !providers.iter().any(|provider| provider.as_browser().is_some())
    {
        let what = format!("nobody of realm {} can sign on to the pages", settings.id);
        return Err(settings
            .directory
            .fault(what, "add a provider that browsers sign on at, or take passwords everywhere"));
    }
    Ok(Realm {
        id: settings.id.clone(),
        directory: directory(&settings.directory)?,
        providers,
        passwords: settings.passwords,
        front: settings.front.clone().map(Arc::new),
    })
}

fn sso(kind: &str, block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
    match SSO.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, kind, SSO.iter().map(|it| it.kind))),
    }
}

fn directory(block: &Block) -> Result<Arc<dyn Directory>, ConfigFault> {
    let kind = block.kind()?;
    match DIRECTORIES.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, DIRECTORIES.iter().map(|it| it.kind))),
    }
}

fn mail(block: &Block) -> Result<Arc<dyn MailStore>, ConfigFault> {
    let kind = block.kind()?;
    match MAIL.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, MAIL.iter().map(|it| it.kind))),
    }
}

fn external_mail(block: &Block) -> Result<Arc<dyn ExternalMail>, ConfigFault> {
    let kind = block.kind()?;
    match EXTERNAL_MAIL.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, EXTERNAL_MAIL.iter().map(|it| it.kind))),
    }
}

fn images(block: &Block) -> Result<Arc<dyn RemoteImages>, ConfigFault> {
    let kind = block.kind()?;
    match IMAGES.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, IMAGES.iter().map(|it| it.kind))),
    }
}

fn feeds(block: &Block) -> Result<Arc<dyn Feeds>, ConfigFault> {
    let kind = block.kind()?;
    match FEEDS.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, FEEDS.iter().map(|it| it.kind))),
    }
}

fn filters(block: &Block) -> Result<Arc<dyn Filters>, ConfigFault> {
    let kind = block.kind()?;
    match FILTERS.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, FILTERS.iter().map(|it| it.kind))),
    }
}

fn collections(
    block: &Block,
    family: CollectionFamily,
    mounts: &[Mount],
) -> Result<Arc<dyn CollectionStore>, ConfigFault> {
    let kind = block.kind()?;
    match COLLECTIONS.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block, family, mounts),
        None => Err(unknown(block, &kind, COLLECTIONS.iter().map(|it| it.kind))),
    }
}

/// Where both families are files, each folder must be of one of them alone.
fn check_apart(
    block: &Block,
    calendars: &dyn CollectionStore,
    contacts: &dyn CollectionStore,
) -> Result<(), ConfigFault> {
    let (Some(calendars), Some(contacts)) = (calendars.as_files(), contacts.as_files()) else { return Ok(()) };
    // Some stores have no great and small letters.
    let path = |folder: &NodePath| format!("{}/", folder.as_str().to_lowercase());
    let (of_calendars, of_contacts) = (path(calendars.folder()), path(contacts.folder()));
    if of_calendars.starts_with(&of_contacts) || of_contacts.starts_with(&of_calendars) {
        let what = format!("{} is where the calendars lie as well", contacts.folder().as_str());
        return Err(block.fault(what, "write another folder"));
    }
    Ok(())
}

fn submission(block: &Block) -> Result<Arc<dyn Submission>, ConfigFault> {
    let kind = block.kind()?;
    match SUBMISSION.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, SUBMISSION.iter().map(|it| it.kind))),
    }
}

fn scanner(block: &Block, duty: ScanDuty) -> Result<Arc<dyn Scanner>, ConfigFault> {
    let kind = block.kind()?;
    let scanner = match SCANNERS.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block)?,
        None => return Err(unknown(block, &kind, SCANNERS.iter().map(|it| it.kind))),
    };
    if duty.files && !scanner.reads_files() {
        return Err(block.fault(format!("{kind} reads messages, no files"), "take it out of scanning.files"));
    }
    Ok(scanner)
}

fn files(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
    let kind = block.kind()?;
    match FILES.iter().find(|factory| factory.kind == kind) {
        Some(factory) => (factory.build)(block),
        None => Err(unknown(block, &kind, FILES.iter().map(|it| it.kind))),
    }
}

fn unknown(block: &Block, kind: &str, known: impl Iterator<Item = &'static str>) -> ConfigFault {
    block.fault(format!("kind {kind} is not known"), format!("write one of: {}", known.collect::<Vec<_>>().join(", ")))
}
