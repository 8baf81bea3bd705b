//! What the calls of one request share: whose mail it is, which mailboxes there are, the mailboxes that are open.

use crate::{
    collections::Collections,
    error::MethodError,
    id::{self, MailboxId},
    mail::{Mailboxes, UPLOADS},
    shares::{self, Kept},
};
use passerelle_core::{Error, OpenedMailbox, Read, Result, Right, Session};
use passerelle_model::{Account, AccountRef, CollectionFamily, MailboxRef};
use passerelle_net::http::Exchange;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt, net::SocketAddr, sync::Arc};

/// Most mailboxes that one request keeps open, each with a connection to the store.
const MOST_OPEN: usize = 3;

/// Most octets of blobs that one request reads to look at them or to put them together.
const MOST_READ: u64 = 512 * 1024 * 1024;

/// Most octets of all answers of a request together, about.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) peer: SocketAddr,
    /// The host that it asked.
    pub(crate) host: Option<String>,
}

impl Client {
    pub(crate) fn of(exchange: &Exchange) -> Self {
        let host = exchange.host().and_then(|host| host.split(':').next()).map(str::to_owned);
        Self { peer: exchange.peer, host }
    }
}

/// The desk of one request.
pub(crate) struct Desk<'a> {
    pub(crate) session: &'a Session,
    /// The request's id, for the log.
    pub(crate) request: &'a str,
    /// Who asks; nobody where the gateway looks by itself.
    pub(crate) client: Option<Client>,
    /// Whether the client knows that mailboxes are shared.
    pub(crate) shares: bool,
    /// A call that follows from the one that was just made, and is answered behind it (RFC 8621 §7.5).
    pub(crate) follow_up: Option<(&'static str, Map<String, Value>)>,
    /// The ids of what was made, by the client's own (RFC 8620 §3.3).
    pub(crate) created: BTreeMap<String, String>,
    /// How many octets the answer may still take, about.
    pub(crate) left: usize,
    /// How many octets of blobs may still be read.
    readable: u64,
    /// Whose account the call is about; `None` is the person's own.
    owner: Option<Account>,
    /// The mailboxes of whoever a call was about.
    mailboxes: BTreeMap<Option<Account>, Arc<Mailboxes>>,
    /// The calendars and address books, likewise.
    pub(crate) collections: BTreeMap<(Account, CollectionFamily), Arc<Collections>>,
    /// Those that are open, the last used one at the end.
    open: Vec<(MailboxRef, OpenedMailbox)>,
}

impl fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn new(session: &'a Session, request: &'a str, created: BTreeMap<String, String>) -> Self {
        Self {
            session,
            request,
            client: None,
            shares: false,
            follow_up: None,
            created,
            left: LARGEST_ANSWER,
            readable: MOST_READ,
            owner: None,
            mailboxes: BTreeMap::new(),
            collections: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Goes to the person's own account, which this must be the id of.
    pub(crate) fn check_account(&mut self, account: &str) -> Result<(), MethodError> {
        self.owner = None;
        let is_own = account == id::of_account(&self.session.name_of(self.session.principal()?.account()));
        if is_own { Ok(()) } else { Err(MethodError::new("accountNotFound")) }
    }

    /// Goes to the account of this id: the person's own, or one whose owner shares mailboxes with them.
    pub(crate) async fn enter(&mut self, account: &str) -> Result<(), MethodError> {
        self.enter_for(account, Kept::Mail).await
    }

    /// The same for other data.
    ///
    /// # Errors
    /// `accountNotSupportedByMethod` where there is such an account without any (RFC 8620 §3.6.2).
    pub(crate) async fn enter_for(&mut self, account: &str, kept: Kept) -> Result<(), MethodError> {
        let has = if self.check_account(account).is_ok() {
            match kept {
                Kept::Mail => true,
                Kept::Collections(family) => self.session.has_collections(&self.owner()?, family),
            }
        } else {
            let (owner, shared) = shares::owner(self.session, account).await?.unzip();
            self.owner = owner;
            shared.ok_or_else(|| MethodError::new("accountNotFound"))?.has(kept)
        };
        if has { Ok(()) } else { Err(MethodError::new("accountNotSupportedByMethod")) }
    }

    /// Goes to an account with mail; whether there is such a one.
    pub(crate) async fn goes_to(&mut self, account: &str) -> Result<bool> {
        if self.check_account(account).is_ok() {
            return Ok(true);
        }
        let found = shares::owner(self.session, account).await?;
        self.owner = found.filter(|(_, shared)| shared.has(Kept::Mail)).map(|(owner, _)| owner);
        Ok(self.owner.is_some())
    }

    /// Whether the call is about what is the person's own.
    pub(crate) fn is_own(&self) -> bool {
        self.owner.is_none()
    }

    /// Whose account the call is about.
    pub(crate) fn owner(&self) -> Result<Account> {
        match &self.owner {
            Some(owner) => Ok(owner.clone()),
            None => Ok(self.session.principal()?.account().clone()),
        }
    }

    /// The id of what a client means by `#<its own id>`, or by an id; `None` for what was not made.
    pub(crate) fn meant<'b>(&'b self, text: &'b str) -> Option<&'b str> {
        match text.strip_prefix('#') {
            Some(own) => self.created.get(own).map(String::as_str),
            None => Some(text),
        }
    }

    /// The mailboxes with their counts, as they were when this request first looked, or since [`Self::look_again`].
    pub(crate) async fn mailboxes(&mut self) -> Result<Arc<Mailboxes>> {
        if let Some(mailboxes) = self.mailboxes.get(&self.owner) {
            return Ok(Arc::clone(mailboxes));
        }
        let mailboxes = match &self.owner {
            None => {
                let own = AccountRef(self.owner()?);
                let account = self.session.open::<_, Read>(own).await?;
                Mailboxes::own(account.mailboxes().await?, account.only_reads())
            }
            Some(owner) => Mailboxes::shared(self.session.mailboxes_shared_by(owner).await?),
        };
        let mailboxes = Arc::new(mailboxes);
        self.mailboxes.insert(self.owner.clone(), Arc::clone(&mailboxes));
        Ok(mailboxes)
    }

    /// Forgets what mailboxes and collections looked like: something has been changed.
    pub(crate) fn look_again(&mut self) {
        self.mailboxes.clear();
        self.collections.clear();
    }

    /// Whether there is a mailbox for uploads.
    pub(crate) async fn has_uploads(&mut self) -> Result<bool> {
        Ok(self.mailboxes().await?.has_uploads)
    }

    /// The domain that the person writes from.
    pub(crate) fn domain(&self) -> Result<String> {
        Ok(self.session.institution()?.mail_domains.first().map_or("localhost", String::as_str).to_owned())
    }

    /// The name of a mailbox that a blob lies in: that of the uploads too.
    pub(crate) async fn name_of_blob(&mut self, id: MailboxId) -> Result<Option<String>> {
        if id == MailboxId::of(UPLOADS) {
            return Ok(self.has_uploads().await?.then(|| UPLOADS.to_owned()));
        }
        self.name_of(id).await
    }

    /// The name of a mailbox that can be opened.
    pub(crate) async fn name_of(&mut self, id: MailboxId) -> Result<Option<String>> {
        let mailboxes = self.mailboxes().await?;
        Ok(mailboxes.get(id).filter(|it| it.opens).map(|it| it.name.clone()))
    }

    /// A handle on one of the account's mailboxes.
    pub(crate) async fn handle<R: Right>(&mut self, name: &str) -> Result<passerelle_core::Authorized<MailboxRef, R>> {
        let owner = self.owner()?;
        self.session.open::<_, R>(MailboxRef { owner, name: name.to_owned() }).await
    }

    /// A mailbox, open.
    pub(crate) async fn open(&mut self, name: &str) -> Result<&mut OpenedMailbox> {
        let place = MailboxRef { owner: self.owner()?, name: name.to_owned() };
        let at = self.open.iter().position(|(known, _)| *known == place);
        let opened = match at {
            Some(at) => self.open.remove(at),
            None => {
                if self.open.len() >= MOST_OPEN {
                    self.open.remove(0).1.close().await;
                }
                let handle = self.handle::<Read>(name).await?;
                (place, handle.keep_open(None).await?)
            }
        };
        self.open.push(opened);
        let last = self.open.last_mut().map(|(_, opened)| opened);
        last.ok_or_else(|| Error::internal("keeping a mailbox open", "it is not there"))
    }

    /// Lets a mailbox go whose connection is of no more use.
    pub(crate) fn drop_open(&mut self, name: &str) {
        let Ok(owner) = self.owner() else { return };
        self.open.retain(|(known, _)| known.owner != owner || known.name != name);
    }

    /// Lets all of them go.
    pub(crate) fn drop_all_open(&mut self) {
        self.open.clear();
    }

    /// Counts octets of blobs that are read to be looked at or put together.
    ///
    /// # Errors
    /// `TooLarge` beyond what one request may have.
    pub(crate) fn spend(&mut self, octets: u64) -> Result<()> {
        let left = self.readable.checked_sub(octets);
        self.readable = left.ok_or(Error::TooLarge { most: MOST_READ })?;
        Ok(())
    }

    /// Says goodbye to the store, behind the answer's back, and what was made.
    pub(crate) fn leave(self) -> BTreeMap<String, String> {
        if !self.open.is_empty() {
            tokio::spawn(async move {
                for (_, opened) in self.open {
                    opened.close().await;
                }
            });
        }
        self.created
    }
}
