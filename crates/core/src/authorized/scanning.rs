//! The scanners of an institution at one message or file, all at once; and handles on mailboxes: messages that are looked at
//! before they are put there.

use crate::{
    Add, Allows, Authorized, Error, Read, Result, ScanDuty, Stationed, Tenant,
    ports::{ByteStream, Finding, Mark, Scan, ScanFacts, ScanOf},
};
use bytes::Bytes;
use futures::{StreamExt, future::join_all, stream};
use passerelle_model::{AccountRef, MailboxRef};
use std::{fmt, net::IpAddr};

/// What a scanner does about what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The message goes nowhere.
    Refuse,
    /// The message says so in its header.
    Mark,
    /// Nothing: it was to be marked, and cannot be.
    Nothing,
}

/// The scanners at a message.
#[derive(Default)]
pub(crate) struct Watch {
    scans: Vec<Watcher>,
    /// The fields of those who mark, whether a message can be marked or not.
    reserved: Vec<&'static str>,
}

struct Watcher {
    scanner: String,
    then: Then,
    /// The look, or why there is none.
    scan: Result<Box<dyn Scan>>,
}

/// What they said together.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It may go on, with these marks, and without a word of some.
    Passes { marks: Vec<Mark>, unscanned: Vec<Error> },
    /// It may not: which scanner, and what it found.
    Found { scanner: String, what: String },
    /// Not now.
    Later,
}

impl Watch {
    /// All of them begin to look.
    pub(crate) async fn begin(
        scanners: impl Iterator<Item = (&Stationed, Then)>,
        of: ScanOf<'_>,
        facts: &ScanFacts,
    ) -> Self {
        let scanners: Vec<_> = scanners.collect();
        let marking = scanners.iter().filter(|(_, then)| *then == Then::Mark);
        let reserved = marking.flat_map(|(it, _)| it.scanner.fields().iter().copied()).collect();
        let begun = scanners.into_iter().map(|(Stationed { scanner, .. }, then)| async move {
            Watcher { scanner: scanner.name().to_owned(), then, scan: scanner.begin(of, facts).await }
        });
        Self { scans: join_all(begun).await, reserved }
    }

    /// Whether somebody marks.
    pub(crate) fn marks(&self) -> bool {
        self.scans.iter().any(|watcher| watcher.then == Then::Mark)
    }

    /// The fields of those who mark, or would.
    pub(crate) fn reserved(&self) -> &[&'static str] {
        &self.reserved
    }

    /// No marks can be put any more: what those who mark find has this consequence.
    pub(crate) fn instead_of_marks(&mut self, then: Then) {
        let marking = self.scans.iter_mut().filter(|watcher| watcher.then == Then::Mark);
        marking.for_each(|watcher| watcher.then = then);
    }

    /// Shows octets of the message.
    pub(crate) async fn write(&mut self, piece: &[u8]) {
        for watcher in &mut self.scans {
            if let Ok(scan) = &mut watcher.scan
                && let Err(error) = scan.write(piece).await
            {
                watcher.scan = Err(error);
            }
        }
    }

    /// The message was shown whole.
    pub(crate) async fn verdict(self) -> Verdict {
        let looks = join_all(self.scans.into_iter().map(|Watcher { scanner, then, scan, .. }| async move {
            let looked = match scan {
                Ok(scan) => scan.verdict().await,
                Err(error) => Err(error),
            };
            (scanner, then, looked)
        }));
        let (mut marks, mut unscanned) = (Vec::new(), Vec::new());
        for (scanner, then, looked) in looks.await {
            match looked {
                Ok(looked) => {
                    match looked.finding {
                        Finding::Clean => {}
                        Finding::Bad { what } if then == Then::Refuse => return Verdict::Found { scanner, what },
                        Finding::Bad { .. } => {}
                        Finding::Later => return Verdict::Later,
                    }
                    if then == Then::Mark {
                        marks.extend(looked.marks);
                    }
                }
                Err(error) => unscanned.push(error),
            }
        }
        Verdict::Passes { marks, unscanned }
    }
}

/// Why a message is not put into a mailbox.
#[derive(Debug)]
pub enum Unfit {
    /// A scanner found something.
    Found {
        /// The scanner, as the settings name it.
        scanner: String,
        /// What it found.
        what: String,
    },
    /// A scanner wants it to be tried again.
    Later,
    /// A scanner cannot say, and the institution puts nothing there without it.
    Unscanned(Error),
}

/// A message on its way into a mailbox, before the eyes of the owner's institution. Whoever puts it there keeps its last octets
/// back until [`Self::verdict`].
pub struct Screening {
    watch: Watch,
    without: bool,
}

impl fmt::Debug for Screening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Screening")
    }
}

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// Whether messages that are put into any of the owner's mailboxes are looked at.
    pub fn is_screened(&self) -> bool {
        self.house.tenant(&self.target().0.institution).is_ok_and(Tenant::screens)
    }
}

impl<R: Allows<Add>> Authorized<MailboxRef, R> {
    /// Whether messages that are put here are looked at.
    pub fn is_screened(&self) -> bool {
        self.house.tenant(&self.target().owner.institution).is_ok_and(Tenant::screens)
    }

    /// The owner's institution begins to look at a message that is to be put here.
    ///
    /// # Errors
    /// `NotFound` when the institution is not there any more.
    pub async fn screen(&self, client: Option<IpAddr>) -> Result<Screening> {
        let tenant = self.house.tenant(&self.target().owner.institution)?;
        let facts = ScanFacts { recipients: Vec::new(), client };
        let permit = self.permit.narrow();
        let scanners = tenant.scanners.iter().filter(|it| it.duty.appends).map(|it| (it, Then::Refuse));
        let watch = Watch::begin(scanners, ScanOf::Stored(&permit), &facts).await;
        Ok(Screening { watch, without: tenant.facts.scanning.append_without_scanner })
    }
}

impl Screening {
    /// Shows octets of the message.
    pub async fn write(&mut self, piece: &[u8]) {
        self.watch.write(piece).await;
    }

    /// The message was shown whole. What comes with a yes are the faults of scanners that the institution does without.
    ///
    /// # Errors
    /// Why it is not to be put there.
    pub async fn verdict(self) -> Result<Vec<Error>, Unfit> {
        match self.watch.verdict().await {
            Verdict::Found { scanner, what } => Err(Unfit::Found { scanner, what }),
            Verdict::Later => Err(Unfit::Later),
            Verdict::Passes { mut unscanned, .. } => match unscanned.pop() {
                Some(error) if !self.without => Err(Unfit::Unscanned(error)),
                last => Ok(unscanned.into_iter().chain(last).collect()),
            },
        }
    }
}

/// The scanners at a file that is written, and whether it is kept without their word.
pub(crate) struct FileWatch {
    watch: Watch,
    without: bool,
}

impl FileWatch {
    /// The scanners of an institution that look into files begin to look; `None` where there are none.
    pub(crate) async fn begin(tenant: &Tenant, of: ScanOf<'_>) -> Option<Self> {
        let scanners = tenant.scanners.iter().filter(|it| it.duty.files).map(|it| (it, Then::Refuse));
        let facts = ScanFacts { recipients: Vec::new(), client: None };
        let watch = Watch::begin(scanners, of, &facts).await;
        let without = tenant.facts.scanning.files_without_scanner;
        (!watch.scans.is_empty()).then_some(Self { watch, without })
    }

    /// Shows octets of the file.
    pub(crate) async fn write(&mut self, piece: &[u8]) {
        self.watch.write(piece).await;
    }

    /// The file was shown whole.
    ///
    /// # Errors
    /// `Invalid` when something was found; `Unavailable` when nobody can say, and the institution keeps no file then.
    pub(crate) async fn verdict(self) -> Result<()> {
        match self.watch.verdict().await {
            Verdict::Found { what, .. } => Err(Error::invalid(format!("the file is refused: {what}"))),
            Verdict::Later => {
                Err(Error::unavailable("a scanner", "looking into a file", "it wants it to be tried again"))
            }
            Verdict::Passes { mut unscanned, .. } => match unscanned.pop() {
                Some(error) if !self.without => Err(error),
                Some(error) => {
                    tracing::warn!(error = %error.chain(), "a file is kept that no scanner could say anything of");
                    Ok(())
                }
                None => Ok(()),
            },
        }
    }
}

/// A message on its way into a store, which fails before its end unless the scanners say yes: so that the store has never seen
/// it whole.
pub(crate) fn screened(octets: ByteStream, screening: Screening) -> ByteStream {
    let state = Passing { octets, screening: Some(screening), held: Bytes::new() };
    Box::pin(stream::unfold(state, |mut passing| async move { passing.next().await.map(|piece| (piece, passing)) }))
}

struct Passing {
    octets: ByteStream,
    screening: Option<Screening>,
    /// The last octets so far.
    held: Bytes,
}

impl Passing {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        loop {
            let screening = self.screening.as_mut()?;
            match self.octets.next().await {
                Some(Ok(piece)) => {
                    screening.write(&piece).await;
                    let before = std::mem::replace(&mut self.held, piece);
                    if !before.is_empty() {
                        return Some(Ok(before));
                    }
                }
                Some(Err(error)) => {
                    self.screening = None;
                    return Some(Err(error));
                }
                None => {
                    let verdict = self.screening.take()?.verdict().await;
                    return Some(verdict.map(|_| std::mem::take(&mut self.held)).map_err(Error::from));
                }
            }
        }
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Found { what, .. } => Self::invalid(format!("the message is refused: {what}")),
            Unfit::Later => Self::unavailable("a scanner", "looking into a message", "it wants it to be tried again"),
            Unfit::Unscanned(error) => error,
        }
    }
}

impl ScanDuty {
    /// Whether it has something to look at beside mail that is sent.
    pub const fn looks_elsewhere(self) -> bool {
        self.appends || self.files
    }

    /// What follows what it finds in a message that is sent.
    pub(crate) const fn then(self) -> Then {
        if self.marks { Then::Mark } else { Then::Refuse }
    }
}
