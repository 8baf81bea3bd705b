//! The side of the gateway: how many pictures are drawn at once, how long anybody waits, and what becomes of a process that does
//! not come to an end.

use crate::{HEAD, Kind, Picture, SIZES, child};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use passerelle_observe::{PictureDrawn, emit};
use std::{
    collections::HashMap,
    future::Future,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdout, Command},
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::timeout,
};

/// Largest file that is drawn, in octets.
pub const LARGEST_FILE: u64 = 64 << 20;
/// How many pictures are drawn at once, over the process.
pub const AT_ONCE: usize = 2;
/// How many more may wait for their turn, over the process; what comes then is told to come later.
pub const MOST_WAITING: usize = 256;
/// How many pictures of one who asks may wait; one at a time is drawn. A list shows no more at a time.
pub const MOST_OF_ONE: usize = 32;
/// How long one waits for its turn.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How long a file's way from the store may take, how long its drawing, and how much of a processor that.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Largest picture, in octets.
const LARGEST_PICTURE: u64 = 8 << 20;
/// The program itself, also where a newer one lies in its place on the disk.
const OURSELVES: &str = "/proc/self/exe";

/// Why there is no picture. `E` is what the file's own stream fails with.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// It is none of the kinds that are drawn.
    Unknown,
    /// It is broken, too large, or its drawing crashed or came to no end.
    Undrawable,
    /// Too many wait, or the store is slow.
    Busy,
    /// The process that draws could not be had.
    Unfit,
    /// The store failed.
    Source(E),
}

/// Those who draw.
#[derive(Debug)]
pub struct Drawers {
    places: Semaphore,
    queue: Semaphore,
    askers: Mutex<HashMap<String, Asker>>,
}

/// One who asks: a person, or whoever holds a link.
#[derive(Debug)]
struct Asker {
    asked: usize,
    /// One place: whoever asks for much waits for their own, and the others take turns with them.
    place: Arc<Semaphore>,
}

/// The turn of one who asks: nothing else of theirs is drawn meanwhile.
#[derive(Debug)]
pub struct Turn<'d> {
    _place: OwnedSemaphorePermit,
    asked: Asked<'d>,
}

/// One more that somebody asked for.
#[derive(Debug)]
struct Asked<'d> {
    drawers: &'d Drawers,
    asker: String,
    _queued: SemaphorePermit<'d>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let mut askers = self.drawers.askers();
        if let Some(asker) = askers.get_mut(&self.asker) {
            asker.asked = asker.asked.saturating_sub(1);
            if asker.asked == 0 {
                askers.remove(&self.asker);
            }
        }
    }
}

impl Default for Drawers {
    fn default() -> Self {
        let queue = Semaphore::new(AT_ONCE.saturating_add(MOST_WAITING));
        Self { places: Semaphore::new(AT_ONCE), queue, askers: Mutex::default() }
    }
}

impl Drawers {
    /// Waits for the turn of one who asks, by whatever name they are known; `None` when too much waits, of theirs or in all.
    pub async fn turn(&self, asker: &str) -> Option<Turn<'_>> {
        let Some((asked, place)) = self.ask(asker) else {
            note_busy();
            return None;
        };
        match timeout(LONGEST_WAIT, place.acquire_owned()).await {
            Ok(Ok(place)) => Some(Turn { _place: place, asked }),
            _ => {
                note_busy();
                None
            }
        }
    }

    fn ask(&self, asker: &str) -> Option<(Asked<'_>, Arc<Semaphore>)> {
        let queued = self.queue.try_acquire().ok()?;
        let mut askers = self.askers();
        let one =
            askers.entry(asker.to_owned()).or_insert_with(|| Asker { asked: 0, place: Arc::new(Semaphore::new(1)) });
        if one.asked > MOST_OF_ONE {
            return None;
        }
        one.asked = one.asked.saturating_add(1);
        let place = Arc::clone(&one.place);
        drop(askers);
        Some((Asked { drawers: self, asker: asker.to_owned(), _queued: queued }, place))
    }

    fn askers(&self) -> MutexGuard<'_, HashMap<String, Asker>> {
        self.askers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Draws a file, its longer side `size` pixels, one of [`SIZES`]. Its kind is told by its first octets.
    ///
    /// `open` is called when there is a place, so that no file is held open by who waits.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn draw<S, F, E>(&self, size: u32, open: F) -> Result<Picture, Failure<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        F: Future<Output = Result<S, E>>,
    {
        debug_assert!(SIZES.contains(&size), "sizes are few");
        let places = &self.asked.drawers.places;
        let Ok(Ok(_place)) = timeout(LONGEST_WAIT, places.acquire()).await else {
            note_busy();
            return Err(Failure::Busy);
        };
        let begun = Instant::now();
        let Ok(fed) = timeout(PATIENCE, feed(size, open)).await else {
            // The store is slow, which says nothing of the file.
            emit(PictureDrawn { kind: "", result: "slow", took: begun.elapsed() });
            return Err(Failure::Busy);
        };
        let (kind, ended) = match fed.map_err(Failure::Source)? {
            Fed::Unknown => return Err(Failure::Unknown),
            Fed::Unfit(kind) => (kind, Ended::Unfit),
            Fed::Whole(kind, child, from) => {
                let Ok(ended) = timeout(PATIENCE, answer(child, from)).await else {
                    // The child was killed when it was let go.
                    emit(PictureDrawn { kind: kind.as_str(), result: "late", took: begun.elapsed() });
                    return Err(Failure::Undrawable);
                };
                (kind, ended)
            }
        };
        let (result, picture) = match ended {
            Ended::Drawn(picture) => ("drawn", Ok(picture)),
            Ended::Refused(word) => (word, Err(Failure::Undrawable)),
            Ended::Unfit => ("unfit", Err(Failure::Unfit)),
        };
        emit(PictureDrawn { kind: kind.as_str(), result, took: begun.elapsed() });
        picture
    }
}

/// How far a file came.
enum Fed {
    /// It is of no kind that is drawn, and no child was begun.
    Unknown,
    /// There is no child.
    Unfit(Kind),
    /// A child has all of it that it wanted.
    Whole(Kind, Box<Child>, ChildStdout),
}

/// Reads the file into a child.
async fn feed<S, F, E>(size: u32, open: F) -> Result<Fed, E>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    F: Future<Output = Result<S, E>>,
{
    // What ended is not asked again: a short file ends within its head.
    let mut octets = open.await?.fuse();
    let mut head = BytesMut::new();
    while head.len() < HEAD
        && let Some(piece) = octets.next().await
    {
        head.extend_from_slice(&piece?);
    }
    let Some(kind) = Kind::of(&head) else { return Ok(Fed::Unknown) };
    let Some(mut child) = begin(kind, size) else { return Ok(Fed::Unfit(kind)) };
    let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else { return Ok(Fed::Unfit(kind)) };
    let mut next = Some(head.freeze());
    while let Some(piece) = next {
        // A child that has heard enough hangs up; its exit code says why.
        if to.write_all(&piece).await.is_err() {
            break;
        }
        next = octets.next().await.transpose()?;
    }
    Ok(Fed::Whole(kind, Box::new(child), from))
}

/// What a child makes of it.
async fn answer(mut child: Box<Child>, from: ChildStdout) -> Ended {
    let mut answer = Vec::new();
    let read = from.take(LARGEST_PICTURE).read_to_end(&mut answer).await;
    match (read, child.wait().await) {
        (Ok(_), Ok(status)) => Ended::of(status, answer),
        _ => Ended::Unfit,
    }
}

fn begin(kind: Kind, size: u32) -> Option<Child> {
    let mut command = Command::new(OURSELVES);
    command.args(["draw", kind.as_str(), &size.to_string()]).env_clear().current_dir("/").kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().inspect_err(|error| tracing::warn!(%error, "no process to draw with")).ok()
}

fn note_busy() {
    emit(PictureDrawn { kind: "", result: "busy", took: Duration::ZERO });
}

/// How a child ended.
enum Ended {
    Drawn(Picture),
    /// With a word for the metric.
    Refused(&'static str),
    Unfit,
}

impl Ended {
    fn of(status: ExitStatus, mut answer: Vec<u8>) -> Self {
        match status.code().and_then(|code| u8::try_from(code).ok()) {
            Some(child::DRAWN) if answer.len() > 1 => {
                let media_type = if answer.remove(0) == 1 { "image/png" } else { "image/jpeg" };
                Self::Drawn(Picture { media_type, octets: answer })
            }
            Some(child::BROKEN) => Self::Refused("broken"),
            Some(child::TOO_LARGE) => Self::Refused("too-large"),
            Some(child::UNFIT) => Self::Unfit,
            // A panic, the end of the stack or of the memory, too much of a processor.
            _ => Self::Refused("crashed"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn who_asks_for_much_waits_for_their_own() {
        let drawers = Drawers::default();
        let first = drawers.turn("a").await.unwrap();
        let mut more: Vec<_> = (0..MOST_OF_ONE).map(|_| Box::pin(drawers.turn("a"))).collect();
        for waiting in &mut more {
            assert!(waiting.now_or_never().is_none(), "one at a time");
        }
        assert!(drawers.turn("a").await.is_none(), "and so many wait");
        let other = drawers.turn("b").now_or_never().flatten();
        assert!(other.is_some(), "nobody else waits for them");
        drop(first);
        assert!(more.swap_remove(0).await.is_some());
        drop((more, other));
        assert!(drawers.askers().is_empty());
    }
}
