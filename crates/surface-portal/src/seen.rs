//! What there is to show of a person: each leg by itself, side by side, so that one that fails takes none of the others along.

use crate::asker::Place;
use passerelle_core::{
    Error, Failing, Glance, PortalSession,
    ports::{Latest, MailHeader, Space},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// Both legs. `None`: the institution has none of it.
pub(crate) struct Seen {
    pub(crate) mail: Option<Glance<Arc<Latest>>>,
    pub(crate) files: Option<Glance<Option<Space>>>,
}

impl Seen {
    /// Asks both.
    pub(crate) async fn by(session: &PortalSession) -> Result<Self, Failing> {
        let (mail, files) = tokio::join!(session.mail(), session.files());
        Ok(Self { mail: mail.map_err(Failing::of_sign_on)?, files: files.map_err(Failing::of_sign_on)? })
    }

    /// The legs that failed.
    pub(crate) fn failing(&self) -> Vec<&Failing> {
        let mail = self.mail.as_ref().and_then(|glance| glance.outcome.as_ref().err());
        let files = self.files.as_ref().and_then(|glance| glance.outcome.as_ref().err());
        mail.into_iter().chain(files).collect()
    }
}

/// Only the mail, for a feed.
pub(crate) async fn mail(session: &PortalSession) -> Result<Arc<Latest>, Failing> {
    let seen = session.mail().await.map_err(Failing::of_sign_on)?;
    seen.ok_or_else(|| Failing::of_mail(Error::Unsupported { what: "mail" }))?.outcome
}

/// An address of ours that signs a browser on where that is needed, and leads to a place of the office.
pub(crate) fn link(place: &Place, to: &str) -> String {
    format!("{}/portal/open?to={}", place.origin, utf8_percent_encode(to, NON_ALPHANUMERIC))
}

/// Where a message is in the office.
pub(crate) fn message(place: &Place, latest: &Latest, header: &MailHeader) -> String {
    link(place, &format!("/#mail/INBOX/{}/{}", latest.uid_validity, header.uid))
}

/// What names a message for good.
pub(crate) fn id(latest: &Latest, header: &MailHeader) -> String {
    format!("{}.{}", latest.uid_validity, header.uid)
}
