//! Octets on their way between a client and a store, both ways.
//!
//! An idle relay holds no buffer: it waits for readability and borrows the thread's buffer only while octets move. What a
//! slow side cannot take yet is all that it keeps, and nothing more is read until that is gone.

use passerelle_core::ports::StoreStream;
use passerelle_net::ClientStream;
use passerelle_wire_imap::{
    Boundary, CommandGate, Kept, Offer, ResponseWatch, Seen, Stopped, Stops, Untraceable, Verdict,
};
use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// The thread's buffer, in octets.
const BUFFER: usize = 64 * 1024;
/// How long a server elsewhere may say nothing while it owes an answer.
const STALLS: Duration = Duration::from_secs(60);
/// How long a store may say nothing while answers are due to a client that has closed its half.
const LAST_ANSWER: Duration = Duration::from_secs(30);

thread_local! {
    static BORROWED: RefCell<Box<[u8]>> = RefCell::new(vec![0; BUFFER].into_boxed_slice());
}

/// Both ways.
pub(crate) struct Pipes {
    up: Way<CommandGate>,
    down: Way<ResponseWatch>,
    pub(crate) last_heard: Instant,
    /// When the client closed its half: it is still owed the answers to what it said before.
    closed: Option<Instant>,
    /// What the client sent and the gate has not let pass yet: the store has to speak first.
    waiting: Vec<u8>,
    /// The relay is to end as soon as nothing is under way.
    pub(crate) draining: bool,
    /// One command passes to another store than the one that the client is with.
    pub(crate) once: bool,
    /// What is said to a refused command when the last of it was swallowed.
    refusal: Option<Vec<u8>>,
    /// What of a server elsewhere may pass, while it is one that is spoken with.
    kept: Option<Kept>,
    /// The tag of the command that was let pass to it.
    tag: Vec<u8>,
    /// Whether that command changes nothing, so that it may be said of it that it was not done.
    asks_only: bool,
    /// When it was last heard, or spoken to.
    heard: Instant,
    /// The store takes nothing more; what it said before may still be there.
    deaf: bool,
}

/// One way: what could not be written yet, and who looks at what passes.
struct Way<F> {
    left: Vec<u8>,
    written: usize,
    flushed: bool,
    octets: u64,
    look: F,
}

/// What has become of a relay.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    /// The client has closed its half; the relay goes on until it has its answers.
    HalfClosed,
    /// The client has closed its half and has all its answers.
    Client,
    Store,
    /// Nothing is under way, and the relay was asked to end.
    Rest,
    /// All that came before it is answered, and a command is to be looked at.
    Stopped,
    /// The one command for another store is answered.
    Rested,
}

impl Pipes {
    pub(crate) fn new(rest: &[u8]) -> Self {
        Self {
            up: Way::default(),
            down: Way::default(),
            last_heard: Instant::now(),
            closed: None,
            waiting: rest.to_vec(),
            draining: false,
            once: false,
            refusal: None,
            kept: None,
            tag: Vec::new(),
            asks_only: false,
            heard: Instant::now(),
            deaf: false,
        }
    }

    /// Which server speaks from now on: one whose words are sifted, or a store.
    pub(crate) fn sift(&mut self, kept: Option<Kept>) {
        if self.kept != kept {
            self.kept = kept;
            self.down.look.sift(kept);
            self.heard = Instant::now();
        }
    }

    /// When a server elsewhere that owes something has been silent for too long; `None` when it owes nothing. While the
    /// client does not take what is there, it is not the server that is waited for.
    pub(crate) fn due(&self) -> Option<Instant> {
        let owes = self.kept.is_some() && !self.is_answered() && self.down.left.is_empty();
        // In IDLE it owes nothing once it has let that begin.
        (owes || self.kept.is_some() && !self.down.look.at_rest()).then(|| self.heard.checked_add(STALLS))?
    }

    /// Answers the command that is under way in the place of a server that is gone. `false` when that cannot be: a response is
    /// half told, a message half sent, or nobody knows whether what was asked for was done.
    pub(crate) fn give_up(&mut self, why: &[u8]) -> bool {
        if !self.down.look.may_cut() || self.up.look.is_idling() {
            return false;
        }
        let is_unknown = self.up.look.ended() > self.down.look.answered() && !self.asks_only;
        // A command that has stopped behind it waits; one whose end has not come is under way.
        let is_passing = !self.up.look.at_rest() && !self.up.look.has_stopped();
        match self.up.look.awaits() {
            // Neither its message nor its IDLE has begun.
            Some(_) => self.up.look.verdict(false),
            None if is_passing || is_unknown => return false,
            None => {}
        }
        self.up.left = Vec::new();
        self.up.written = 0;
        self.deaf = false;
        self.kept = None;
        self.down.look.sift(None);
        if self.up.look.ended() > self.down.look.answered() {
            self.down.look.answer_elsewhere();
            let said = [&self.tag, &b" "[..], why, b"\r\n"].concat();
            self.say(&said);
        }
        true
    }

    /// The client may change nothing.
    pub(crate) fn let_read_only(&mut self) {
        self.up.look.let_read_only();
    }

    /// Whether every APPEND stops: where messages are looked at, which may change while the client is there.
    pub(crate) fn screen(&mut self, screens: bool) {
        self.up.look.stop_appends(screens);
    }

    /// What is announced, and what is kept to.
    pub(crate) fn offer(&mut self, offer: Offer) {
        if let Some(largest) = offer.largest {
            self.up.look.limit(largest);
        }
        self.down.look.offer(offer);
    }

    /// Hands over the rest of the command that was stopped, which is read elsewhere: what is said to the client already, and
    /// what of its octets has come.
    pub(crate) fn take_over(&mut self) -> (Vec<u8>, Vec<u8>) {
        self.up.look.refuse(Boundary::Message);
        (std::mem::take(&mut self.down.left), std::mem::take(&mut self.waiting))
    }

    /// Takes back what came behind that command, of so many octets.
    pub(crate) fn give_back(&mut self, rest: Vec<u8>, octets: u64) {
        self.waiting = rest;
        self.up.octets = self.up.octets.saturating_add(octets);
    }

    /// Which commands stop from now on.
    pub(crate) fn stop(&mut self, stops: Stops) {
        self.up.look.stop(stops);
    }

    /// The command that was stopped.
    pub(crate) fn take_stopped(&mut self) -> Option<Stopped> {
        self.up.look.take_stopped()
    }

    /// Lets it pass.
    pub(crate) fn let_pass(&mut self, command: Stopped) -> Result<(), Untraceable> {
        if self.kept.is_some() {
            let mut words = command.text.split(u8::is_ascii_whitespace);
            self.tag = words.next().unwrap_or_default().to_vec();
            self.asks_only = asks_only(words.next().unwrap_or_default(), words.next().unwrap_or_default());
            self.down.look.expect_answer(&self.tag);
            self.heard = Instant::now();
        }
        let seen = self.up.look.let_pass(command, &mut self.up.left)?;
        self.seen(seen);
        Ok(())
    }

    /// What stands between the literals of the command that was just let pass stops too.
    pub(crate) fn look_between(&mut self) {
        self.up.look.look_between();
    }

    /// Lets a part of a command pass.
    pub(crate) fn go_on(&mut self, part: &Stopped) -> Result<(), Untraceable> {
        self.up.look.go_on(part, &mut self.up.left)?;
        self.seen(Seen::default());
        Ok(())
    }

    /// Waits for its literal, which is to be looked at too.
    pub(crate) fn gather(&mut self, command: Stopped) {
        if command.boundary == Boundary::Waits {
            self.say(b"+ Go on\r\n");
        }
        self.up.look.gather(command);
    }

    /// Refuses it: the rest of it is swallowed, then this is said.
    pub(crate) fn refuse(&mut self, boundary: Boundary, answer: Vec<u8>) {
        self.up.look.refuse(boundary);
        self.refusal = Some(answer);
        self.say_refusal();
    }

    fn say_refusal(&mut self) {
        if self.up.look.at_rest()
            && let Some(answer) = self.refusal.take()
        {
            self.say(&answer);
        }
    }

    /// Says something to the client, between two responses.
    pub(crate) fn say(&mut self, octets: &[u8]) {
        self.down.count(octets.len());
        self.down.left.extend_from_slice(octets);
    }

    /// Whether something can be said to the client now.
    pub(crate) fn may_speak(&self) -> bool {
        self.down.left.is_empty() && self.down.look.at_rest()
    }

    /// Whether the store told the client that it would hang up.
    pub(crate) fn store_said_goodbye(&self) -> bool {
        self.down.look.said_goodbye()
    }

    /// Whether the client waits for nothing but news.
    pub(crate) fn is_waiting_for_news(&self) -> bool {
        self.up.look.ended() == self.down.look.answered() && self.up.look.awaits().is_none() && self.down.look.at_rest()
    }

    /// Octets that have passed, up and down.
    pub(crate) fn octets(&self) -> (u64, u64) {
        (self.up.octets, self.down.octets)
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut ClientStream,
        store: &mut StoreStream,
    ) -> Poll<io::Result<Turn>> {
        match store {
            StoreStream::Plain(store) => self.poll_with(cx, client, store),
            StoreStream::Tls(store) => self.poll_with(cx, client, store.as_mut()),
            StoreStream::Memory(store) => self.poll_with(cx, client, store),
        }
    }

    fn poll_with<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut ClientStream,
        store: &mut S,
    ) -> Poll<io::Result<Turn>> {
        match client {
            ClientStream::Plain(client) => self.poll_both(cx, client, store),
            ClientStream::Tls(client) => self.poll_both(cx, client.as_mut(), store),
            ClientStream::Closed => Poll::Ready(Ok(Turn::Client)),
        }
    }

    fn poll_both<C, S>(&mut self, cx: &mut Context<'_>, client: &mut C, store: &mut S) -> Poll<io::Result<Turn>>
    where
        C: AsyncRead + AsyncWrite + Unpin,
        S: AsyncRead + AsyncWrite + Unpin,
    {
        loop {
            if self.closed.is_none() && self.poll_up(cx, client, store)?.is_ready() {
                // The store is not told: Dovecot ends at once when it hears that no more comes, and answers nothing.
                self.closed = Some(Instant::now());
                return Poll::Ready(Ok(Turn::HalfClosed));
            }
            let down = self.poll_down(cx, client, store)?;
            // The store may have let the client's next octets pass meanwhile.
            let may_go_on = self.up.look.awaits().is_none() && !self.up.look.has_stopped();
            if down.is_pending() && !self.waiting.is_empty() && may_go_on {
                continue;
            }
            let answered = self.is_answered() && self.up.left.is_empty();
            return match down {
                Poll::Pending if self.up.look.has_stopped() && answered => Poll::Ready(Ok(Turn::Stopped)),
                Poll::Pending if self.once && answered && self.up.look.at_rest() && !self.up.look.is_idling() => {
                    Poll::Ready(Ok(Turn::Rested))
                }
                Poll::Ready(()) if self.closed.is_some() => Poll::Ready(Ok(Turn::Client)),
                Poll::Ready(()) => Poll::Ready(Ok(Turn::Store)),
                Poll::Pending if self.deaf => Poll::Ready(Ok(Turn::Store)),
                Poll::Pending if self.closed.is_some() && self.is_answered() => Poll::Ready(Ok(Turn::Client)),
                Poll::Pending if self.draining && self.is_at_rest() => Poll::Ready(Ok(Turn::Rest)),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    /// Whether nothing is under way, either way.
    fn is_at_rest(&self) -> bool {
        self.up.look.at_rest() && self.up.left.is_empty() && self.waiting.is_empty() && self.is_answered()
    }

    /// Whether all that can be answered is, and has been sent. The beginning of a command that did not end, or an IDLE that
    /// did not, is owed no answer.
    fn is_answered(&self) -> bool {
        let due = self.up.look.ended() > self.down.look.answered() || self.up.look.awaits().is_some();
        !due && self.down.look.at_rest() && self.down.left.is_empty()
    }

    /// When to look again whether somebody has been silent for too long.
    pub(crate) fn next_look(&self, idle: Duration) -> Instant {
        let (from, wait) = match self.closed {
            None => (self.last_heard, idle),
            Some(_) => (Instant::now(), LAST_ANSWER),
        };
        from.checked_add(wait).unwrap_or_else(Instant::now)
    }

    /// Who has been silent for too long, and what is said then: a client, or a store that owes the last answers. While the
    /// client takes what is there, it is not the store that is waited for.
    pub(crate) fn overdue(&self, idle: Duration) -> Option<(&'static str, &'static str)> {
        let silent = self.last_heard.elapsed();
        // A client that has closed its half cannot say anything more: between two answers its time runs out all the same.
        let gone = self.closed.is_some_and(|at| at.elapsed() >= idle) && self.down.look.at_rest();
        if silent >= idle || gone {
            return Some(("idle", "You were silent for too long"));
        }
        let owed = self.closed.is_some() && self.down.left.is_empty() && silent >= LAST_ANSWER;
        owed.then_some(("unanswered", "The mail store does not answer"))
    }

    fn poll_up<C, S>(&mut self, cx: &mut Context<'_>, client: &mut C, store: &mut S) -> Poll<io::Result<()>>
    where
        C: AsyncRead + Unpin,
        S: AsyncWrite + Unpin,
    {
        loop {
            if ready!(self.up.poll_drained(cx, store)).is_err() {
                self.deaf = true;
            }
            if self.deaf {
                return Poll::Pending;
            }
            if !self.waiting.is_empty() {
                // Nothing more is read before the store has spoken: whether these octets are a literal is its to say.
                if self.up.look.awaits().is_some() || self.up.look.has_stopped() {
                    return Poll::Pending;
                }
                let waiting = std::mem::take(&mut self.waiting);
                self.pass_up(&waiting)?;
                continue;
            }
            if self.up.look.has_stopped() {
                return Poll::Pending;
            }
            let read = BORROWED.with_borrow_mut(|buffer| {
                let mut piece = ReadBuf::new(buffer);
                ready!(Pin::new(&mut *client).poll_read(cx, &mut piece))?;
                if piece.filled().is_empty() {
                    return Poll::Ready(Ok(false));
                }
                self.last_heard = Instant::now();
                self.pass_up(piece.filled())?;
                Poll::Ready(Ok::<_, io::Error>(true))
            });
            if !ready!(read)? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_down<C, S>(&mut self, cx: &mut Context<'_>, client: &mut C, store: &mut S) -> Poll<io::Result<()>>
    where
        C: AsyncWrite + Unpin,
        S: AsyncRead + Unpin,
    {
        loop {
            ready!(self.down.poll_drained(cx, client))?;
            let read = BORROWED.with_borrow_mut(|buffer| {
                let mut piece = ReadBuf::new(buffer);
                // However a store ends, with or without a word: its connection is over.
                if ready!(Pin::new(&mut *store).poll_read(cx, &mut piece)).is_err() || piece.filled().is_empty() {
                    return Poll::Ready(Ok(false));
                }
                if self.down.look.is_needed() {
                    self.pass_down(piece.filled());
                    if self.kept.is_some() {
                        self.heard = Instant::now();
                    }
                    if self.down.look.is_broken() {
                        // Nothing more is read of it: it is as good as gone.
                        return Poll::Ready(Ok(false));
                    }
                } else {
                    // The fast path: octets go straight from the borrowed buffer to the client.
                    let octets = piece.filled();
                    self.down.look.skip(octets);
                    self.down.count(octets.len());
                    let sent = match Pin::new(&mut *client).poll_write(cx, octets) {
                        Poll::Ready(sent) => sent?,
                        Poll::Pending => 0,
                    };
                    self.down.flushed = false;
                    self.down.left.extend_from_slice(octets.get(sent..).unwrap_or_default());
                }
                if self.closed.is_some() || !self.down.look.at_rest() {
                    // A client that takes a long answer is not silent, nor a store that answers.
                    self.last_heard = Instant::now();
                }
                Poll::Ready(Ok::<_, io::Error>(true))
            });
            if !ready!(read)? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn pass_up(&mut self, octets: &[u8]) -> io::Result<()> {
        let seen = self
            .up
            .look
            .pass(octets, &mut self.up.left)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.up.count(seen.taken);
        self.waiting.extend_from_slice(octets.get(seen.taken..).unwrap_or_default());
        self.seen(seen);
        self.say_refusal();
        Ok(())
    }

    fn seen(&mut self, seen: Seen) {
        self.down.look.expect(seen.capabilities);
        if let Some(tag) = self.up.look.awaits() {
            self.down.look.await_verdict(tag);
        }
    }

    pub(crate) fn pass_down(&mut self, octets: &[u8]) {
        self.down.count(octets.len());
        if let Some(verdict) = self.down.look.pass(octets, &mut self.down.left) {
            self.up.look.verdict(verdict == Verdict::GoOn);
        }
    }
}

/// Whether a command changes nothing but what is marked as read.
fn asks_only(verb: &[u8], second: &[u8]) -> bool {
    const ASKING: [&[u8]; 8] = [b"CANCELUPDATE", b"CHECK", b"FETCH", b"IDLE", b"NOOP", b"SEARCH", b"SORT", b"THREAD"];
    let word = if verb.eq_ignore_ascii_case(b"UID") { second } else { verb };
    ASKING.iter().any(|asking| word.eq_ignore_ascii_case(asking))
}

impl<F: Default> Default for Way<F> {
    fn default() -> Self {
        Self { left: Vec::new(), written: 0, flushed: true, octets: 0, look: F::default() }
    }
}

impl<F> Way<F> {
    fn count(&mut self, octets: usize) {
        self.octets = self.octets.saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
    }

    /// Writes what is left and gives its buffer back.
    fn poll_drained<W: AsyncWrite + Unpin>(&mut self, cx: &mut Context<'_>, to: &mut W) -> Poll<io::Result<()>> {
        while let Some(rest) = self.left.get(self.written..).filter(|rest| !rest.is_empty()) {
            let sent = ready!(Pin::new(&mut *to).poll_write(cx, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written = self.written.saturating_add(sent);
            self.flushed = false;
        }
        if self.written > 0 {
            self.left = Vec::new();
            self.written = 0;
        }
        if !self.flushed {
            ready!(Pin::new(to).poll_flush(cx))?;
            self.flushed = true;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
#[path = "pipes_tests.rs"]
mod tests;
