//! WebDAV locks: RFC 4918 §6 and §7.

use super::{Campus, NOW, account, file, unique};
use passerelle_core::{
    Error,
    ports::state::{Lock, LockDepth, LockScope, State},
};
use passerelle_model::{InstitutionId, Target};
use std::sync::Arc;

use LockDepth::{Infinity, Zero};
use LockScope::{Exclusive, Shared};

fn lock(target: Target, depth: LockDepth, scope: LockScope) -> Lock {
    let holder = account(&target.institution, "u2");
    let owner = "<D:href xmlns:D=\"DAV:\">mailto:é</D:href>".to_owned();
    Lock { token: format!("urn:uuid:{}", unique()), target, depth, scope, holder, owner, expires: NOW.plus(600) }
}

fn tokens(locks: &[Lock]) -> Vec<&str> {
    let mut tokens: Vec<_> = locks.iter().map(|lock| lock.token.as_str()).collect();
    tokens.sort_unstable();
    tokens
}

/// Whether a lock held on `f/g` lets a request pass.
async fn passes(state: &Arc<dyn State>, held: (LockDepth, LockScope), asked: (&str, LockDepth, LockScope)) -> bool {
    let Campus { a, .. } = Campus::new();
    state.lock(&lock(file(&a, "f/g"), held.0, held.1), NOW).await.unwrap();
    let request = lock(file(&a, asked.0), asked.1, asked.2);
    match state.lock(&request, NOW).await {
        Ok(()) => true,
        Err(Error::Locked) => {
            let left = state.locks_below(&file(&a, ""), NOW).await.unwrap();
            assert_eq!(left.len(), 1, "a refused lock must leave nothing");
            false
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// Every way in which an exclusive lock and a request can lie to each other (RFC 4918 §6.1, §7.4).
pub async fn exclusive_locks_keep_others_out(state: Arc<dyn State>) {
    // (held depth, asked path, asked depth, passes)
    let rules = [
        (Zero, "f/g", Zero, false),
        (Zero, "f/g", Infinity, false),
        (Infinity, "f/g", Zero, false),
        // Below: only an infinite lock reaches there.
        (Zero, "f/g/h", Zero, true),
        (Zero, "f/g/h", Infinity, true),
        (Infinity, "f/g/h", Zero, false),
        (Infinity, "f/g/h/i", Infinity, false),
        // Above: only an infinite request meets it.
        (Zero, "f", Zero, true),
        (Infinity, "f", Zero, true),
        (Zero, "f", Infinity, false),
        (Infinity, "", Infinity, false),
        // Beside.
        (Infinity, "f/gg", Infinity, true),
        (Infinity, "f/g-", Zero, true),
        (Infinity, "f/h", Infinity, true),
    ];
    for (held, path, depth, expected) in rules {
        for (one, other) in [(Exclusive, Exclusive), (Exclusive, Shared), (Shared, Exclusive)] {
            let passed = passes(&state, (held, one), (path, depth, other)).await;
            assert_eq!(passed, expected, "{one:?} {held:?} on f/g, then {other:?} {depth:?} on {path}");
        }
        assert!(passes(&state, (held, Shared), (path, depth, Shared)).await, "shared beside shared on {path}");
    }
    let Campus { a, b } = Campus::new();
    for institution in [&a, &b] {
        state.lock(&lock(file(institution, ""), Infinity, Exclusive), NOW).await.unwrap();
    }
}

/// Several shared locks on one place, each with its token.
pub async fn shared_locks_stand_beside_each_other(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let locks: Vec<_> = (0..3).map(|_| lock(file(&a, "f"), Infinity, Shared)).collect();
    for lock in &locks {
        state.lock(lock, NOW).await.unwrap();
    }
    let on = state.locks_on(&file(&a, "f/below"), NOW).await.unwrap();
    assert_eq!(tokens(&on), tokens(&locks));
    assert!(locks.iter().all(|lock| on.contains(lock)));
    let again = Lock { scope: Shared, ..locks[0].clone() };
    assert!(matches!(state.lock(&again, NOW).await, Err(Error::Conflict)), "a token is taken once");
    assert!(state.unlock(&locks[0].token).await.unwrap());
    assert!(!state.unlock(&locks[0].token).await.unwrap());
    assert_eq!(state.locks_on(&file(&a, "f"), NOW).await.unwrap().len(), 2);
}

/// A lock ends at its time, can be prolonged before, and never comes back after.
pub async fn locks_end(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let first = lock(file(&a, "f"), Zero, Exclusive);
    let end = first.expires;
    state.lock(&first, NOW).await.unwrap();
    assert_eq!(state.locks_on(&file(&a, "f"), end.plus(-1)).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(state.locks_below(&file(&a, ""), end.plus(-1)).await.unwrap(), std::slice::from_ref(&first));
    assert!(state.locks_on(&file(&a, "f"), end).await.unwrap().is_empty());
    assert!(state.locks_below(&file(&a, ""), end).await.unwrap().is_empty());
    assert!(state.locks_below(&file(&a, "f"), NOW).await.unwrap().is_empty(), "below is not here");

    let longer = end.plus(100);
    let refreshed = state.refresh(&first.token, longer, end.plus(-1)).await.unwrap().unwrap();
    assert_eq!(refreshed, Lock { expires: longer, ..first.clone() });
    assert_eq!(state.locks_on(&file(&a, "f"), end).await.unwrap(), [refreshed]);
    assert_eq!(state.refresh(&unique(), longer, NOW).await.unwrap(), None);
    assert_eq!(state.refresh(&first.token, longer.plus(100), longer).await.unwrap(), None);

    let second = Lock { expires: longer.plus(600), ..lock(file(&a, "f"), Infinity, Exclusive) };
    assert!(matches!(state.lock(&second, longer.plus(-1)).await, Err(Error::Locked)));
    state.lock(&second, longer).await.unwrap();
    // A clock that is behind must not bring the first one back beside the second.
    assert_eq!(state.refresh(&first.token, longer.plus(900), NOW).await.unwrap(), None);
    assert_eq!(state.locks_on(&file(&a, "f"), NOW).await.unwrap(), [second]);
}

/// Locks do not move along (RFC 4918 §7.5): they are dropped, with all below, and nothing that only begins alike.
pub async fn locks_are_dropped_with_the_subtree(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let place = |institution: &InstitutionId, path| lock(file(institution, path), Zero, Exclusive);
    for path in ["f", "f/g", "f/g/h", "ff", "f-"] {
        state.lock(&place(&a, path), NOW).await.unwrap();
    }
    state.gone(&file(&a, "f")).await.unwrap();
    state.gone(&file(&a, "nothing")).await.unwrap();
    let left = state.locks_below(&file(&a, ""), NOW).await.unwrap();
    let mut paths: Vec<_> = left.iter().map(|lock| lock.target.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["f-", "ff"]);
}

/// Of many that ask at once for locks that exclude each other, exactly one gets its own.
pub async fn of_many_that_race_one_gets_the_lock(state: Arc<dyn State>) {
    for _ in 0..4 {
        let Campus { a, .. } = Campus::new();
        // A folder and what is in it, so that the conflict is not on one row.
        let requests = [("f", Infinity), ("f/g", Zero), ("f", Infinity), ("f/g", Zero)];
        let racers: Vec<_> = requests
            .into_iter()
            .map(|(path, depth)| {
                let (state, request) = (Arc::clone(&state), lock(file(&a, path), depth, Exclusive));
                tokio::spawn(async move { state.lock(&request, NOW).await })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(()) => won += 1,
                Err(Error::Locked) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(state.locks_below(&file(&a, ""), NOW).await.unwrap().len(), 1);
    }
}
