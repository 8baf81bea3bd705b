//! What there is. A new surface or back-end is one line here.

use passerelle_core::{
    CollectionsFactory, DirectoryFactory, Door, ExternalMailFactory, FeedsFactory, FilesFactory, FiltersFactory,
    ImagesFactory, MailFactory, Mapped, Result, ScannerFactory, SsoFactory, StateFactory, SubmissionFactory,
};
use passerelle_files_local::{HandsHelper, HandsOptions};
use passerelle_net::{Network, StreamSurface, http::HttpSurface};
use std::{io, path::Path, sync::Arc};
use tokio::runtime::Handle;

/// The directories.
pub(crate) const DIRECTORIES: &[DirectoryFactory] = &[passerelle_dir_ldap::FACTORY, passerelle_dir_ldif::FACTORY];

/// The mail stores.
pub(crate) const MAIL: &[MailFactory] = &[passerelle_mail_imap::FACTORY];

/// The ways to mail accounts that people have elsewhere.
pub(crate) const EXTERNAL_MAIL: &[ExternalMailFactory] = &[passerelle_mail_external::FACTORY];

/// The ways to pictures elsewhere.
pub(crate) const IMAGES: &[ImagesFactory] = &[passerelle_images_direct::FACTORY];

/// The ways to calendars elsewhere.
pub(crate) const FEEDS: &[FeedsFactory] = &[passerelle_feeds_ics::FACTORY];

/// The stores of filter scripts.
pub(crate) const FILTERS: &[FiltersFactory] = &[passerelle_filters_managesieve::FACTORY];

/// The ways to an MTA.
pub(crate) const SUBMISSION: &[SubmissionFactory] = &[passerelle_mail_relay::FACTORY];

/// The scanners of messages.
pub(crate) const SCANNERS: &[ScannerFactory] = &[passerelle_scan_clamav::FACTORY, passerelle_scan_rspamd::FACTORY];

/// The file stores.
pub(crate) const FILES: &[FilesFactory] = &[
    passerelle_files_ftp::FACTORY,
    passerelle_files_local::FACTORY,
    passerelle_files_s3::FACTORY,
    passerelle_files_sftp::FACTORY,
    passerelle_files_smb::FACTORY,
    passerelle_files_webdav::FACTORY,
];

/// The stores of calendars and address books.
pub(crate) const COLLECTIONS: &[CollectionsFactory] =
    &[passerelle_collections_dav::FACTORY, passerelle_collections_files::FACTORY];

/// The helper process that acts as the owners of local files.
pub(crate) const HANDS: fn(&HandsOptions) -> Result<HandsHelper> = HandsHelper::open;

/// The sign-on providers.
pub(crate) const SSO: &[SsoFactory] = &[
    passerelle_sso_cas::FACTORY,
    passerelle_sso_header::FACTORY,
    passerelle_sso_jwt::FACTORY,
    passerelle_sso_oidc::FACTORY,
    passerelle_sso_saml::FACTORY,
];

/// The kinds of State.
pub(crate) const STATES: &[StateFactory] = &[passerelle_state_sql::SQLITE, passerelle_state_sql::POSTGRES];

/// How a surface that speaks HTTP is made.
type MakeHttp = fn(Door) -> Arc<dyn HttpSurface>;

/// The surfaces that speak HTTP; the first that serves a path gets the request.
pub(crate) const HTTP: &[(&str, MakeHttp)] = &[
    ("dav", passerelle_surface_dav::surface),
    ("xmlrpc", passerelle_surface_xmlrpc::surface),
    ("sso", passerelle_surface_sso::surface),
    ("jmap", passerelle_surface_jmap::surface),
    ("portal", passerelle_surface_portal::surface),
    ("web", passerelle_surface_web::surface),
];

/// The IMAP surface, on its two listeners.
pub(crate) const IMAP: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_imap::surface;

/// The POP3 surface, on its two listeners.
pub(crate) const POP3: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_pop3::surface;

/// The surface that takes mail to send, on its two listeners.
pub(crate) const SMTP: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_smtp::surface;

/// The surface that an MTA delivers mail through.
pub(crate) const LMTP: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_lmtp::surface;

/// The ManageSieve surface.
pub(crate) const SIEVE: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_sieve::surface;

/// The FTP surface, on its two listeners.
pub(crate) const FTP: fn(Door, Network) -> Arc<dyn StreamSurface> = passerelle_surface_ftp::surface;

/// The files as a file system of the kernel, which `passerelle mount` serves.
pub(crate) const MOUNT: fn(&Path, Mapped, Handle) -> io::Result<passerelle_surface_fuse::Mounted> =
    passerelle_surface_fuse::mount;

pub(crate) fn surface_names() -> Vec<&'static str> {
    HTTP.iter().map(|(name, _)| *name).chain(["imap", "pop3", "submission", "lmtp", "sieve", "ftp", "mount"]).collect()
}

pub(crate) fn adapter_kinds() -> Vec<&'static str> {
    let directories = DIRECTORIES.iter().map(|it| it.kind);
    let mail = MAIL.iter().map(|it| it.kind);
    let filters = EXTERNAL_MAIL.iter().map(|it| it.kind).chain(FILTERS.iter().map(|it| it.kind));
    let submission = SUBMISSION.iter().map(|it| it.kind).chain(SCANNERS.iter().map(|it| it.kind));
    let files = FILES.iter().map(|it| it.kind).chain(COLLECTIONS.iter().map(|it| it.kind));
    let sso = SSO.iter().map(|it| it.kind);
    let of_mail = mail.chain(filters).chain(submission);
    directories.chain(of_mail).chain(files).chain(sso).chain(STATES.iter().map(|it| it.kind)).collect()
}
