//! The shared connections for searches, renewed when they break. A question that meets a broken or silent one is asked
//! once more on a new one, within its deadline.

use crate::{
    dial::{Dialer, Purpose},
    failure::{Failure, Step},
    search::{Answer, Line, Question, Trouble},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// The connections.
#[derive(Debug)]
pub(crate) struct Searchers {
    dialer: Arc<Dialer>,
    slots: Box<[Mutex<Option<Arc<Live>>>]>,
    turn: AtomicUsize,
    page_size: i32,
}

#[derive(Debug)]
struct Live {
    line: Line,
    server: usize,
    /// Nobody begins anything on it any more; what is under way goes on.
    retired: AtomicBool,
}

impl Live {
    fn serves(&self) -> bool {
        !self.retired.load(Ordering::Relaxed) && !self.line.is_closed()
    }
}

impl Searchers {
    pub(crate) fn new(dialer: Arc<Dialer>, connections: usize, page_size: i32) -> Self {
        let slots = (0..connections).map(|_| Mutex::new(None)).collect();
        Self { dialer, slots, turn: AtomicUsize::new(0), page_size }
    }

    /// Searches, within the deadline.
    pub(crate) async fn search(&self, question: &Question<'_>, deadline: Instant) -> Result<Answer, Failure> {
        let mut last = None;
        for again in [false, true] {
            let (live, fresh) = self.live(deadline).await?;
            let url = self.dialer.url(live.server);
            let now = Instant::now();
            let left = deadline.saturating_duration_since(now);
            // A connection that was quiet for long may have been forgotten on the way, without a word; and where there is
            // another server, it is to have its turn.
            let last_chance = again || (fresh && self.dialer.servers().len() == 1);
            let until = if last_chance { deadline } else { now + left / 2 };
            last = Some(match timeout_at(until, live.line.search(question, self.page_size)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(Trouble::Refused(result))) => return Err(Failure::search(url, question.base, &result)),
                Ok(Err(Trouble::Lost(why))) => {
                    let what = format_args!("the connection broke during a search: {why}");
                    Failure::new(Step::Search, url, what, "look at the directory's log")
                }
                Err(_) => {
                    self.dialer.silent(live.server);
                    Failure::late(Step::Search, url)
                }
            });
            live.retired.store(true, Ordering::Relaxed);
        }
        Err(last.unwrap_or_else(|| Failure::of_all(Vec::new())))
    }

    /// A connection that serves, and whether it was just made. Who waits for one that is being made waits no longer than
    /// its own deadline.
    async fn live(&self, deadline: Instant) -> Result<(Arc<Live>, bool), Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.slots.len().max(1);
        let late = || Failure::late(Step::Tcp, self.dialer.url(0));
        let Some(slot) = self.slots.get(turn) else { return Err(late()) };
        let mut slot = timeout_at(deadline, slot.lock()).await.map_err(|_| late())?;
        if let Some(live) = slot.as_ref().filter(|live| live.serves()) {
            return Ok((Arc::clone(live), false));
        }
        *slot = None;
        let dialed = self.dialer.dial(Purpose::Search, deadline).await?;
        let live =
            Arc::new(Live { line: Line::new(dialed.ldap), server: dialed.server, retired: AtomicBool::new(false) });
        *slot = Some(Arc::clone(&live));
        Ok((live, true))
    }
}
