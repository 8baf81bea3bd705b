//! Who calls: the session with what the trail must know, and the way from a call's words to a handle.

use crate::{arguments::Arguments, fault::Refusal};
use passerelle_core::{Authorized, CallRates, Error, Manage, Noted, Session};
use passerelle_model::{Account, AccountId, GroupId, InstitutionId, InstitutionRef};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Somebody who calls.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) session: Session,
    pub(crate) from: IpAddr,
    /// The request's id, for the log.
    pub(crate) request: Arc<str>,
    /// `Idempotency-Key`, for a call that is alone in its request.
    pub(crate) key: Option<String>,
    pub(crate) rates: Arc<CallRates>,
    /// Whether State was told something that must be on its disk before the answer goes out.
    pub(crate) unsecured: AtomicBool,
}

impl Caller {
    /// The institution that a call means. What is no id is nobody's.
    pub(crate) fn institution(&self, arguments: &Arguments) -> Result<InstitutionId, Refusal> {
        if let Some(id) = arguments.institution() {
            return Ok(InstitutionId::parse(id).map_err(|_| Error::NotFound)?);
        }
        match self.session.administrable()?.as_slice() {
            [one] => Ok(one.clone()),
            _ => Err(Refusal::Params("institution is missing: this client administers several".to_owned())),
        }
    }

    /// The institution, to be administered.
    pub(crate) async fn administered(
        &self,
        arguments: &Arguments,
    ) -> Result<Authorized<InstitutionRef, Manage>, Refusal> {
        self.opened(self.institution(arguments)?).await
    }

    /// An institution, to be administered.
    pub(crate) async fn opened(&self, id: InstitutionId) -> Result<Authorized<InstitutionRef, Manage>, Refusal> {
        Ok(self.session.open::<_, Manage>(InstitutionRef(id)).await?)
    }

    /// An account by `login` or `login@domain`, with its institution. What cannot be a login is nobody's.
    pub(crate) async fn account(
        &self,
        arguments: &Arguments,
        name: &str,
    ) -> Result<(Authorized<InstitutionRef, Manage>, AccountId), Refusal> {
        let text = arguments.text(name);
        let (institution, id) = if text.contains('@') {
            let Account { institution, id } = self.session.account_named(text).ok_or(Error::NotFound)?;
            if arguments.institution().is_some_and(|named| named != institution.as_str()) {
                return Err(Error::NotFound.into());
            }
            (institution, id)
        } else {
            let institution = self.institution(arguments)?;
            (institution, AccountId::parse(text).map_err(|_| Error::NotFound)?)
        };
        Ok((self.opened(institution).await?, id))
    }

    /// A group by its name. What cannot be a name is none.
    pub(crate) async fn group(
        &self,
        arguments: &Arguments,
        name: &str,
    ) -> Result<(Authorized<InstitutionRef, Manage>, GroupId), Refusal> {
        let id = GroupId::parse(arguments.text(name)).map_err(|_| Error::NotFound)?;
        Ok((self.administered(arguments).await?, id))
    }

    /// Waits until what this request has told State is safe there.
    pub(crate) async fn secure(&self) {
        if self.unsecured.swap(false, Ordering::Relaxed)
            && let Err(error) = self.session.secure().await
        {
            crate::log(&error, &self.request);
        }
    }

    /// A line for the trail of the institution that the call means, if it is one of the caller's, else of the caller's own.
    pub(crate) fn line(
        &self,
        arguments: Option<&Arguments>,
        method: &str,
        (target, change): (String, String),
        outcome: &str,
    ) -> Option<Noted> {
        let own = self.session.administrable().ok()?;
        let meant = arguments.and_then(|arguments| self.institution(arguments).ok());
        Some(Noted {
            institution: meant.filter(|id| own.contains(id)).or_else(|| own.first().cloned())?,
            from: self.from.to_string(),
            method: method.to_owned(),
            target,
            outcome: outcome.to_owned(),
            change,
        })
    }

    /// Writes lines into the trail.
    pub(crate) async fn note_all(&self, lines: Vec<Noted>) {
        if lines.is_empty() {
            return;
        }
        self.unsecured.store(true, Ordering::Relaxed);
        if let Err(error) = self.session.note_all(lines).await {
            // What was done was done; that the trail lacks it must at least be in the log.
            crate::log(&error, &self.request);
        }
    }
}
