//! Copies: FTP has none, so that octets pass through the gateway, from one connection to another.

use crate::{
    facts::Facts,
    lease::Lease,
    list::Listing,
    place::{OWN, Place},
    read::Reading,
    tree::{self, MOST_LEVELS, both, check_apart},
    upload::{Sending, stamp},
};
use futures::{FutureExt, future::BoxFuture};
use passerelle_core::{Error, Result};

const DOING: &str = "copying";

/// Copies; folders with all that is in them when `deep`.
pub(crate) async fn copy(mut lease: Lease, from: Place, to: Place, taken: tree::Taken, deep: bool) -> Result<()> {
    let to = to.below_root()?;
    check_apart(&from, &to)?;
    let (source, old) = both(&mut lease, &from, &to, taken).await?;
    // Into a hidden place first: a copy that breaks midway shows nothing.
    let (hidden, level) = (to.beside()?, if deep { 0 } else { MOST_LEVELS });
    let copied = copy_into(&mut lease, &from.path, &hidden, &source, level).await;
    let put = match copied {
        Ok(()) => {
            if let Some(old) = old.as_ref().filter(|_| !source.is_folder()) {
                let new = crate::place::look(&mut lease, &hidden).await?;
                stamp(&mut lease, &hidden, old, &new).await?;
            }
            tree::put(&mut lease, &hidden, &to, old.as_ref(), DOING).await
        }
        Err(error) => Err(error),
    };
    if put.is_err() {
        // What is left is hidden, and the error is what counts.
        let _ = tree::clear(&mut lease, &hidden, source.is_folder(), 0).await;
    }
    put
}

/// Copies what is at a path. `level` at its end copies a folder without what is in it.
fn copy_into<'a>(
    lease: &'a mut Lease,
    from: &'a str,
    to: &'a str,
    source: &'a Facts,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        if !source.is_folder() {
            return copy_file(lease, from, to).await;
        }
        let made = lease.run(async |it| it.ftp.mkdir(to).await).await;
        made.map_err(|refusal| refusal.fault(&lease.share.settings, DOING))?;
        if level >= MOST_LEVELS {
            return Ok(());
        }
        // The whole listing first: a level of folders needs no connection of its own then.
        let mut listing = Listing::begin(lease.another().await?, from).await?;
        let mut inside = Vec::new();
        while let Some(entries) = listing.batch().await? {
            inside.extend(entries.into_iter().filter(|(name, _)| !name.starts_with(OWN)));
        }
        drop(listing);
        for (name, facts) in inside {
            let (source, target) = (format!("{from}/{name}"), format!("{to}/{name}"));
            copy_into(lease, &source, &target, &facts, level.saturating_add(1)).await?;
        }
        Ok(())
    }
    .boxed()
}

async fn copy_file(lease: &mut Lease, from: &str, to: &str) -> Result<()> {
    let mut reading = Reading::begin(lease.another().await?, from, 0).await?;
    let mut sending = Sending::begin(lease.another().await?, to.to_owned()).await?;
    loop {
        let piece = reading.next().await?;
        if piece.is_empty() {
            break;
        }
        sending.write(piece).await?;
    }
    // What the server does not call whole is not.
    reading.end().await?;
    sending.finish().await?;
    sending.path = None;
    sending.lease = None;
    Ok::<(), Error>(())
}
