//! Copies: FTP has none, so that octets pass through the gateway, from one connection to another.

use crate::{
    facts::Facts,
    lease::Lease,
    list::Listing,
    litter::Unfinished,
    place::{OWN, Place},
    read::Reading,
    tree::{self, MOST_LEVELS, both, check_apart},
    upload::{Sending, stamp},
};
use futures::{FutureExt, future::BoxFuture};
use passerelle_core::{Error, Result};

/// One connection for commands, one to read from and one to write to.
pub(crate) const MOST_AT_ONCE: u32 = 3;
const DOING: &str = "copying";

/// Copies; folders with all that is in them when `deep`.
pub(crate) async fn copy(mut lease: Lease, from: Place, to: Place, taken: tree::Taken, deep: bool) -> Result<()> {
    let to = to.below_root()?;
    check_apart(&from, &to)?;
    let (source, old) = both(&mut lease, &from, &to, taken).await?;
    // Into a hidden place first: a copy that breaks midway shows nothing.
    let hidden = to.beside()?;
    let unfinished = Unfinished::new(&lease, &hidden, source.is_folder());
    let mut above = vec![source.unique.clone()];
    copy_into(&mut lease, &from.path, &hidden, &source, deep.then_some(&mut above)).await?;
    if let Some(old) = old.as_ref().filter(|_| !source.is_folder()) {
        let new = crate::place::look(&mut lease, &hidden).await?;
        stamp(&mut lease, &hidden, old, &new).await?;
    }
    tree::put(&mut lease, &hidden, &to, old.as_ref(), DOING).await?;
    unfinished.let_go();
    Ok(())
}

/// Copies what is at a path. Without the numbers of the folders above, a folder without what is in it.
fn copy_into<'a>(
    lease: &'a mut Lease,
    from: &'a str,
    to: &'a str,
    source: &'a Facts,
    above: Option<&'a mut Vec<String>>,
) -> BoxFuture<'a, Result<()>> {
    async move {
        if !source.is_folder() {
            return copy_file(lease, from, to).await;
        }
        let made = lease.run(async |it| it.ftp.mkdir(to).await).await;
        made.map_err(|refusal| refusal.fault(&lease.share.settings, DOING))?;
        let Some(above) = above else { return Ok(()) };
        if above.len() > MOST_LEVELS {
            return Err(Error::unavailable(&lease.share.settings.name, DOING, "folders are nested too deep"));
        }
        let inside = Listing::whole(lease.another().await?, from).await?.entries;
        for (name, facts) in inside.into_iter().filter(|(name, _)| !name.starts_with(OWN)) {
            // A link that the server looks through, and that leads back up.
            if facts.is_folder() && !facts.unique.is_empty() && above.contains(&facts.unique) {
                return Err(Error::unavailable(&lease.share.settings.name, DOING, "a folder holds itself"));
            }
            let (source, target) = (format!("{from}/{name}"), format!("{to}/{name}"));
            above.push(facts.unique.clone());
            copy_into(lease, &source, &target, &facts, Some(above)).await?;
            above.pop();
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
