//! Wrong passwords, counted on each node, so that guessing is slow and nobody is locked out by somebody else's guesses.
//!
//! - **An account from one address** may be wrong a few times; then each further try has to wait twice as long as the
//!   one before it. Whoever guesses from there waits; the person elsewhere does not.
//! - **An account from everywhere** is slowed down and never refused: many addresses guess together, and a refusal would
//!   be the lock-out that they may be after.
//! - **An address** that was wrong very often, whoever it tried to be, has to wait.
//! - **Who knows the password that was right lately** passes all of this, so that a person behind the address of somebody
//!   who guesses gets in. Two octets of a MAC under a key of the process are kept for it: enough to tell the password
//!   from a guess (one in 65,536 passes, and is asked about as any other), too little to find it by.
//!
//! The same wrong password again is one wrong password: a forgotten phone guesses nothing. App passwords are not counted,
//! since nobody guesses 120 bits.

use crate::{Error, Result, seal};
use aws_lc_rs::hmac;
use moka::{ops::compute::Op, sync::Cache};
use passerelle_model::{Login, RealmId, Secret};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

/// Wrong passwords of one account from one address that are answered without a wait.
pub const FREE_TRIES: u32 = 5;
/// The longest wait between two tries of one account from one address.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long a wrong password is remembered, after the last one.
pub const TRIES_REMEMBERED: Duration = Duration::from_secs(3600);
/// Tries of one account from one address that are under way at once; further ones wait their turn.
pub const TRIES_AT_ONCE: usize = 4;
/// Wrong passwords of one account, from wherever, before its tries are slowed down.
pub const TRIES_BEFORE_SLOW: u32 = 20;
/// How long a slowed-down try waits before the directory is asked.
pub const SLOWED: Duration = Duration::from_secs(3);
/// What the wrong passwords of an address are counted in.
pub const ADDRESS_WINDOW: Duration = Duration::from_secs(600);
/// Most accounts, addresses and pairs of both that are remembered.
pub const MOST_TRIES_REMEMBERED: u64 = 200_000;
/// How long the password that was right is known by its mark, after its last use.
pub const MARK_REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// What tells one password of one account from others, and is too short to find it by.
type Mark = [u8; 2];
/// An account, as it is named at the door, by a MAC.
type Named = [u8; 16];

/// The counts.
#[derive(Clone)]
pub(crate) struct Throttle {
    /// Drawn at start and never kept.
    key: Arc<hmac::Key>,
    pairs: Cache<(IpAddr, Named), Arc<Pair>>,
    accounts: Cache<Named, u32>,
    addresses: Cache<IpAddr, Window>,
    right: Cache<Named, Mark>,
}

/// One account from one address.
struct Pair {
    turns: Arc<Semaphore>,
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    wrong: u32,
    until: Option<Instant>,
    last: Option<Mark>,
}

#[derive(Clone, Copy)]
struct Window {
    begun: Instant,
    wrong: u32,
}

/// A try that may go on: its turn, given back when dropped.
pub(crate) struct Attempt {
    from: IpAddr,
    named: Named,
    mark: Mark,
    pair: Arc<Pair>,
    #[expect(dead_code, reason = "held, and given back when dropped")]
    turn: Option<OwnedSemaphorePermit>,
}

enum Verdict {
    Pass,
    Slow,
    /// So many seconds.
    Wait(u64),
}

impl Throttle {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &seal::random::<32>()?)),
            pairs: Cache::builder().max_capacity(MOST_TRIES_REMEMBERED).time_to_live(TRIES_REMEMBERED).build(),
            accounts: Cache::builder().max_capacity(MOST_TRIES_REMEMBERED).time_to_live(TRIES_REMEMBERED).build(),
            addresses: Cache::builder().max_capacity(MOST_TRIES_REMEMBERED).time_to_live(ADDRESS_WINDOW).build(),
            right: Cache::builder().max_capacity(MOST_TRIES_REMEMBERED).time_to_idle(MARK_REMEMBERED).build(),
        })
    }

    /// Lets a try pass, perhaps after a wait. `most_wrong` is what one address may have wrong in [`ADDRESS_WINDOW`].
    ///
    /// # Errors
    /// `TooMany` for one that has to wait longer than a client would.
    pub(crate) async fn admit(
        &self,
        from: IpAddr,
        realm: &RealmId,
        login: &Login,
        password: &Secret,
        most_wrong: u32,
    ) -> Result<Attempt> {
        let from = subscriber(from);
        let named: Named = self.mac(&[realm.as_str().as_bytes(), login.local().to_ascii_lowercase().as_bytes()]);
        let mark: Mark = self.mac(&[&named, password.expose()]);
        let pair = self.pairs.get_with((from, named), || Arc::new(Pair::new()));
        let attempt = Attempt { from, named, mark, pair, turn: None };
        if self.is_right(&attempt) {
            return Ok(attempt);
        }
        let turn = Arc::clone(&attempt.pair.turns).acquire_owned().await.ok();
        // The one before may have proved right meanwhile.
        match self.judge(&attempt, most_wrong, Instant::now()) {
            Verdict::Pass => {}
            Verdict::Slow => sleep(SLOWED).await,
            Verdict::Wait(seconds) => return Err(Error::TooMany { seconds }),
        }
        Ok(Attempt { turn, ..attempt })
    }

    fn judge(&self, attempt: &Attempt, most_wrong: u32, now: Instant) -> Verdict {
        if self.is_right(attempt) {
            return Verdict::Pass;
        }
        let until = attempt.pair.tries.lock().unwrap_or_else(PoisonError::into_inner).until;
        let window = self.addresses.get(&attempt.from).filter(|window| window.wrong >= most_wrong);
        let window_ends = window.and_then(|window| window.begun.checked_add(ADDRESS_WINDOW));
        match until.into_iter().chain(window_ends).max() {
            Some(until) if until > now => Verdict::Wait(until.duration_since(now).as_secs().saturating_add(1)),
            _ if self.accounts.get(&attempt.named).is_some_and(|wrong| wrong >= TRIES_BEFORE_SLOW) => Verdict::Slow,
            _ => Verdict::Pass,
        }
    }

    /// The password was right.
    pub(crate) fn right(&self, attempt: &Attempt) {
        self.right.insert(attempt.named, attempt.mark);
        *attempt.pair.tries.lock().unwrap_or_else(PoisonError::into_inner) = Tries::default();
    }

    /// The password was wrong.
    pub(crate) fn wrong(&self, attempt: &Attempt) {
        self.wrong_at(attempt, Instant::now());
    }

    fn wrong_at(&self, attempt: &Attempt, now: Instant) {
        {
            let mut tries = attempt.pair.tries.lock().unwrap_or_else(PoisonError::into_inner);
            if tries.last == Some(attempt.mark) {
                return;
            }
            tries.last = Some(attempt.mark);
            tries.wrong = tries.wrong.saturating_add(1);
            tries.until = now.checked_add(wait_after(tries.wrong));
        }
        // Written again, so that an hour counts from the last wrong one.
        self.pairs.insert((attempt.from, attempt.named), Arc::clone(&attempt.pair));
        self.accounts
            .entry(attempt.named)
            .and_compute_with(|held| Op::Put(held.map_or(0, moka::Entry::into_value).saturating_add(1)));
        self.addresses.entry(attempt.from).and_compute_with(|held| {
            let window = held.map(moka::Entry::into_value).filter(|it| now.duration_since(it.begun) < ADDRESS_WINDOW);
            let Window { begun, wrong } = window.unwrap_or(Window { begun: now, wrong: 0 });
            Op::Put(Window { begun, wrong: wrong.saturating_add(1) })
        });
        if self.is_right(attempt) {
            // It was changed since: what was right lately is a guess like any other now.
            self.right.invalidate(&attempt.named);
        }
    }

    fn is_right(&self, attempt: &Attempt) -> bool {
        self.right.get(&attempt.named) == Some(attempt.mark)
    }

    fn mac<const N: usize>(&self, fields: &[&[u8]]) -> [u8; N] {
        let mut mac = hmac::Context::with_key(&self.key);
        for field in fields {
            mac.update(&field.len().to_be_bytes());
            mac.update(field);
        }
        let mut short = [0; N];
        short.iter_mut().zip(mac.sign().as_ref()).for_each(|(to, from)| *to = *from);
        short
    }
}

impl Pair {
    fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(TRIES_AT_ONCE)), tries: Mutex::default() }
    }
}

/// How long an account's next try from the same address has to wait: 2 s after the first that is not free, 4, 8, ...
fn wait_after(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        Some(over) => {
            Duration::from_secs(2).saturating_mul(1_u32.checked_shl(over).unwrap_or(u32::MAX)).min(LONGEST_WAIT)
        }
    }
}

/// The address by which a client is counted: an IPv6 client by its /64, which is what one subscriber has.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    const MANY: u32 = 100;

    /// A throttle, and a clock that the test moves.
    struct Scene {
        throttle: Throttle,
        now: Instant,
        most: u32,
    }

    impl Scene {
        fn new(most: u32) -> Self {
            Self { throttle: Throttle::new().unwrap(), now: Instant::now(), most }
        }

        fn attempt(&self, from: &str, login: &str, password: &str) -> Attempt {
            let named = self.throttle.mac(&[login.as_bytes()]);
            let mark = self.throttle.mac(&[&named, password.as_bytes()]);
            let from: IpAddr = from.parse().unwrap();
            let pair = self.throttle.pairs.get_with((from, named), || Arc::new(Pair::new()));
            Attempt { from, named, mark, pair, turn: None }
        }

        fn judge(&self, from: &str, login: &str, password: &str) -> Verdict {
            self.throttle.judge(&self.attempt(from, login, password), self.most, self.now)
        }

        #[track_caller]
        fn passes(&self, from: &str, login: &str, password: &str) {
            assert!(matches!(self.judge(from, login, password), Verdict::Pass));
        }

        #[track_caller]
        fn waits(&self, from: &str, login: &str, password: &str) -> u64 {
            match self.judge(from, login, password) {
                Verdict::Wait(seconds) => seconds,
                Verdict::Pass | Verdict::Slow => panic!("it passes"),
            }
        }

        /// A wrong password, if it is let through.
        fn is_wrong(&self, from: &str, login: &str, password: &str) -> bool {
            let attempt = self.attempt(from, login, password);
            let asked = !matches!(self.throttle.judge(&attempt, self.most, self.now), Verdict::Wait(_));
            if asked {
                self.throttle.wrong_at(&attempt, self.now);
            }
            asked
        }

        fn is_right(&self, from: &str, login: &str) {
            self.throttle.right(&self.attempt(from, login, "right"));
        }

        /// Guesses until it has to wait; how many were let through.
        fn guesses(&self, from: &str, login: &str) -> usize {
            (0..MANY).take_while(|number| self.is_wrong(from, login, &format!("guess {number}"))).count()
        }
    }

    #[test]
    fn guesses_from_one_address_wait_longer_each_time() {
        let mut scene = Scene::new(MANY);
        assert_eq!(scene.guesses("192.0.2.1", "ada"), 5);
        let mut waits = vec![scene.waits("192.0.2.1", "ada", "again") - 1];
        for number in 0..11 {
            scene.now += LONGEST_WAIT;
            assert!(scene.is_wrong("192.0.2.1", "ada", &format!("more {number}")));
            waits.push(scene.waits("192.0.2.1", "ada", "again") - 1);
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    }

    #[test]
    fn nobody_is_locked_out_by_the_guesses_of_another() {
        let scene = Scene::new(MANY);
        scene.is_right("198.51.100.7", "ada");
        scene.guesses("192.0.2.1", "ada");
        scene.passes("198.51.100.8", "ada", "a new password from elsewhere");
        scene.passes("192.0.2.1", "ada", "right");
        scene.passes("192.0.2.1", "bob", "whatever");
    }

    #[test]
    fn guesses_from_many_addresses_are_slowed_and_never_a_lock_out() {
        let scene = Scene::new(MANY);
        for host in 0..TRIES_BEFORE_SLOW {
            assert!(scene.is_wrong(&format!("192.0.2.{host}"), "ada", "guess"));
        }
        assert!(matches!(scene.judge("198.51.100.7", "ada", "right"), Verdict::Slow));
        scene.is_right("198.51.100.7", "ada");
        scene.passes("203.0.113.9", "ada", "right");
    }

    #[test]
    fn one_address_cannot_try_everybody() {
        let mut scene = Scene::new(10);
        scene.is_right("192.0.2.1", "grace");
        let tried = (0..MANY).take_while(|number| scene.is_wrong("192.0.2.1", &format!("u{number}"), "azerty"));
        assert_eq!(tried.count(), 10);
        scene.passes("192.0.2.1", "grace", "right");
        scene.passes("192.0.2.2", "u99", "azerty");
        scene.now += ADDRESS_WINDOW;
        scene.passes("192.0.2.1", "u99", "azerty");
    }

    #[test]
    fn a_forgotten_phone_is_one_wrong_password() {
        let scene = Scene::new(10);
        assert!((0..MANY).all(|_| scene.is_wrong("192.0.2.1", "ada", "the old one")));
    }

    #[test]
    fn an_old_password_is_a_guess_once_it_was_wrong() {
        let scene = Scene::new(MANY);
        scene.is_right("192.0.2.1", "ada");
        assert!(scene.is_wrong("192.0.2.1", "ada", "right"));
        scene.guesses("192.0.2.1", "ada");
        scene.waits("192.0.2.1", "ada", "right");
    }

    #[tokio::test]
    async fn many_tries_at_once_are_no_way_around() {
        let throttle = Throttle::new().unwrap();
        let (place, login) = (RealmId::parse("garonne").unwrap(), Login::parse(b"ada").unwrap());
        let from = "192.0.2.1".parse().unwrap();
        let mut under_way = Vec::new();
        for number in 0..TRIES_AT_ONCE {
            let password = Secret::new(format!("guess {number}"));
            under_way.push(throttle.admit(from, &place, &login, &password, MANY).await.unwrap());
        }
        let last = Secret::new("one more");
        let waiting = throttle.admit(from, &place, &login, &last, MANY);
        assert!(tokio::time::timeout(Duration::from_millis(50), waiting).await.is_err(), "it waits its turn");
        // A client that opens ten connections with the right password: the first proves it for all.
        let right = Secret::new(format!("guess {}", TRIES_AT_ONCE - 1));
        throttle.right(&under_way[TRIES_AT_ONCE - 1]);
        assert!(throttle.admit(from, &place, &login, &right, MANY).await.is_ok());
    }

    #[test]
    fn one_subscriber_of_ipv6_is_one_address() {
        let of = |text: &str| subscriber(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
