//! WebDAV locks.

use crate::{
    database::{Database, Keep, Query, Sql, sql},
    store::SqlState,
    values::{account_text, depth_text, lock, scope_text, target_and_above, target_text, tree_text},
};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{Lock, LockDepth, LockRequest, LockScope, Locks},
    },
};
use passerelle_model::{Target, Timestamp};

/// Longest that a client may say of a lock's owner, in octets.
const LONGEST_OWNER: usize = 4096;
/// Longest lock token, in octets.
const LONGEST_TOKEN: usize = 256;

pub(crate) const AT: Sql =
    sql!("SELECT token, target, depth, scope, holder, owner, expires FROM locks WHERE " AT " ORDER BY target, token");
pub(crate) const BELOW: Sql = sql!(
    "SELECT token, target, depth, scope, holder, owner, expires FROM locks WHERE " BELOW " ORDER BY target, token"
);
const ADD: &str = "INSERT INTO locks (token, target, depth, scope, holder, owner, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(crate) const REFRESH: &str = "UPDATE locks SET expires = $2 WHERE token = $1 AND expires > $3 \
                                  RETURNING token, target, depth, scope, holder, owner, expires";
pub(crate) const REMOVE: &str = "DELETE FROM locks WHERE token = $1";

impl<D: Database> Locks for SqlState<D> {
    fn lock<'a>(&'a self, request: &'a LockRequest, now: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            if request.owner.len() > LONGEST_OWNER || request.token.len() > LONGEST_TOKEN {
                return Err(Error::invalid("a lock's owner has at most 4 KiB and its token at most 256 octets"));
            }
            let place = target_text(&request.target)?;
            let mut open = self.begin("taking a lock").await?;
            open.serialise(&tree_text(&request.target)?).await?;
            let mut near = open.rows(Query::new(AT).keys(target_and_above(&request.target)?), lock).await?;
            if request.depth == LockDepth::Infinity {
                near.extend(open.rows(Query::new(BELOW).below(&place), lock).await?);
            }
            for held in near {
                if held.expires <= now {
                    // It goes for good: a refresh by a clock that is behind must not bring it back beside the new one.
                    open.write(Query::new(REMOVE).text(held.token)).await?;
                } else if conflicts(&held, request) {
                    return Err(Error::Locked);
                }
            }
            let add = Query::new(ADD).text(&request.token).text(place).text(depth_text(request.depth));
            let add = add.text(scope_text(request.scope)).text(account_text(&request.holder));
            open.write(add.text(&request.owner).int(request.expires.0)).await?;
            open.commit().await
        })
    }

    fn locks_on<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>> {
        Box::pin(async move {
            let locks = self.rows("reading locks", Query::new(AT).keys(target_and_above(target)?), lock).await?;
            Ok(locks.into_iter().filter(|held| held.expires > now && reaches(held, target)).collect())
        })
    }

    fn locks_below<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>> {
        Box::pin(async move {
            let locks = self.rows("reading locks", Query::new(BELOW).below(&target_text(target)?), lock).await?;
            Ok(locks.into_iter().filter(|held| held.expires > now).collect())
        })
    }

    fn refresh<'a>(&'a self, token: &'a str, expires: Timestamp, now: Timestamp) -> Fut<'a, Option<Lock>> {
        Box::pin(async move {
            let mut open = self.begin("refreshing a lock").await?;
            let refreshed = open.rows(Query::new(REFRESH).text(token).int(expires.0).int(now.0), lock).await?;
            open.commit().await?;
            Ok(refreshed.into_iter().next())
        })
    }

    fn unlock<'a>(&'a self, token: &'a str) -> Fut<'a, bool> {
        Box::pin(
            async move { Ok(self.write("giving a lock back", Query::new(REMOVE).text(token), Keep::Safe).await? > 0) },
        )
    }
}

/// Whether a lock on the target or above it covers the target (RFC 4918 §7.4: depth zero covers the resource alone).
fn reaches(held: &Lock, target: &Target) -> bool {
    held.depth == LockDepth::Infinity || held.target == *target
}

/// Whether a lock in force on the target, above it, or below an infinite request keeps the request out. Two shared ones
/// never do (RFC 4918 §6.2); one above with depth zero does not reach (§7.4).
fn conflicts(held: &Lock, asked: &Lock) -> bool {
    let both_shared = held.scope == LockScope::Shared && asked.scope == LockScope::Shared;
    let below = held.target.path.len() > asked.target.path.len();
    !both_shared && (below || reaches(held, &asked.target))
}
