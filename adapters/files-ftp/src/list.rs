//! Listings, as they come in. One that the server does not end with a success is none.

use crate::{
    facts::{Entry, Facts, parse},
    fault::Refusal,
    lease::Lease,
    litter,
    place::{OWN, Place, UNFINISHED},
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Node, NodeStream},
};
use std::time::{SystemTime, UNIX_EPOCH};
use suppaftp::{
    Status,
    tokio::{AsyncRustlsStream, TransferStream},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    time::timeout,
};

/// So many entries make a batch.
const BATCH: usize = 256;
/// Longest line, in octets: facts and a name.
const LONGEST_LINE: u64 = 8 * 1024;
/// What is not finished after so many seconds never will be: whoever wrote it is gone.
const FORSAKEN: i64 = 24 * 3600;
const DOING: &str = "listing a folder";

/// A listing under way.
pub(crate) struct Listing {
    pub(crate) lease: Lease,
    path: String,
    lines: Option<BufReader<TransferStream<AsyncRustlsStream>>>,
    nameless: u64,
    others: Vec<String>,
    keeps_others: bool,
}

/// All that a folder holds.
pub(crate) struct Whole {
    pub(crate) entries: Vec<(String, Facts)>,
    /// Names of links and devices.
    pub(crate) others: Vec<String>,
    /// How many there are that no command could name.
    pub(crate) nameless: u64,
}

/// What this folder holds. An error midway ends the stream.
pub(crate) async fn list(mut lease: Lease, place: &Place) -> Result<NodeStream> {
    if !place.look(&mut lease).await?.is_folder() {
        return Err(Error::invalid("this is no folder"));
    }
    let listing = Listing::begin(lease, &place.path).await?;
    Ok(Box::pin(stream::unfold(Some(listing), |listing| async move {
        let mut listing = listing?;
        match listing.batch().await {
            Ok(Some(entries)) => {
                let nodes = entries.iter().filter_map(|(name, facts)| listing.shown(name, facts)).collect();
                Some((Ok(nodes), Some(listing)))
            }
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })))
}

impl Listing {
    pub(crate) async fn begin(mut lease: Lease, path: &str) -> Result<Self> {
        let command = format!("MLSD {path}");
        let expected = [Status::AboutToSend, Status::AlreadyOpen];
        let begun = lease.run(async |it| it.ftp.custom_data_command(command, &expected).await).await;
        let (_, lines) = begun.map_err(|refusal| refusal.fault(&lease.share.settings, DOING))?;
        lease.spoil();
        Ok(Self {
            lease,
            path: path.to_owned(),
            lines: Some(BufReader::new(lines)),
            nameless: 0,
            others: Vec::new(),
            keeps_others: false,
        })
    }

    /// The next entries; `None` after the last ones, when the server has said that these were all.
    pub(crate) async fn batch(&mut self) -> Result<Option<Vec<(String, Facts)>>> {
        let wait = self.lease.share.settings.timeout;
        let mut entries = Vec::new();
        while let Some(lines) = self.lines.as_mut() {
            let mut line = Vec::new();
            let read = timeout(wait, lines.take(LONGEST_LINE).read_until(b'\n', &mut line)).await;
            let broken = match read {
                Ok(Ok(0)) => {
                    self.end().await?;
                    break;
                }
                Ok(Ok(_)) if line.ends_with(b"\n") => None,
                Ok(Ok(_)) => Some("a line that is cut, or too long".to_owned()),
                Ok(Err(error)) => Some(error.to_string()),
                Err(slow) => Some(slow.to_string()),
            };
            if let Some(what) = broken {
                return Err(Error::unavailable(&self.lease.share.settings.name, DOING, what));
            }
            // A name that is not UTF-8 cannot be asked for, and is not shown.
            let Ok(text) = std::str::from_utf8(&line) else {
                self.nameless = self.nameless.saturating_add(1);
                continue;
            };
            let away = |what: &'static str| Error::unavailable(&self.lease.share.settings.name, DOING, what);
            match parse(text.trim_end_matches(['\r', '\n'])) {
                Some(Entry::Itself | Entry::Named("." | "..", _) | Entry::Other("." | "..")) => {}
                // What is acted on below is in the folder; and a listing that leaves something out is none.
                Some(Entry::Named(name, _) | Entry::Other(name)) if name.is_empty() || name.contains('/') => {
                    return Err(away("a name that cannot be one in this folder"));
                }
                Some(Entry::Named(name, _) | Entry::Other(name)) if name.contains(['\r', '\0']) => {
                    self.nameless = self.nameless.saturating_add(1);
                }
                Some(Entry::Named(name, facts)) => entries.push((name.to_owned(), facts)),
                Some(Entry::Other(name)) if self.keeps_others => self.others.push(name.to_owned()),
                Some(Entry::Other(_)) => {}
                None => return Err(away("a line that is none of MLSD's")),
            }
            if entries.len() >= BATCH {
                return Ok(Some(entries));
            }
        }
        Ok((!entries.is_empty()).then_some(entries))
    }

    async fn end(&mut self) -> Result<()> {
        let Some(lines) = self.lines.take() else { return Ok(()) };
        let ended = self.lease.run(async |_| lines.into_inner().finish().await.map(drop)).await;
        match ended {
            Ok(()) => Ok(()),
            Err(Refusal::Reply { words, .. } | Refusal::Broken(words)) => {
                Err(Error::unavailable(&self.lease.share.settings.name, DOING, words.trim().to_owned()))
            }
        }
    }

    /// An entry as a person sees it.
    fn shown(&self, name: &str, facts: &Facts) -> Option<Node> {
        if name.starts_with(OWN) {
            self.forsaken(name, facts);
            return None;
        }
        (!name.contains(char::is_control)).then(|| facts.node(name))
    }

    /// Everything at once, for an act on a tree: a level of folders needs no connection of its own then.
    pub(crate) async fn whole(lease: Lease, path: &str) -> Result<Whole> {
        let mut listing = Self::begin(lease, path).await?;
        listing.keeps_others = true;
        let mut entries = Vec::new();
        while let Some(batch) = listing.batch().await? {
            entries.extend(batch);
        }
        let Self { others, nameless, .. } = listing;
        Ok(Whole { entries, others, nameless })
    }

    /// Removes what a gateway left that was ended in the middle of an upload.
    fn forsaken(&self, name: &str, facts: &Facts) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let since = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(facts.modified.seconds);
        if name.starts_with(UNFINISHED) && since > FORSAKEN {
            let path = format!("{}/{name}", self.path);
            litter::remove(&self.lease.share, self.lease.who.clone(), None, path, facts.is_folder());
        }
    }
}
