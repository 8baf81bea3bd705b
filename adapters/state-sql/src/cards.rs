//! Accounts' cards.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::{account_text, card, parse_account},
};
use passerelle_core::ports::{
    Fut,
    state::{Card, CardText, Cards, SIGN_IN_NOTED_EVERY},
};
use passerelle_model::{Account, InstitutionId, Timestamp};

pub(crate) const OF: &str = "SELECT account, owner, customer, country, subscription, state, external_address, comment, \
     ends, settled, sign_ins, last_sign_in FROM account_cards WHERE account = $1";
/// A new end is not settled, and log-ins stay. Where nothing was written before, there may be a row of log-ins.
const FIRST: &str = "INSERT INTO account_cards (account, owner, customer, country, subscription, state, external_address, \
     comment, ends, settled, sign_ins, last_sign_in) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, NULL) \
     ON CONFLICT (account) DO UPDATE SET owner = excluded.owner, customer = excluded.customer, \
     country = excluded.country, subscription = excluded.subscription, state = excluded.state, \
     external_address = excluded.external_address, comment = excluded.comment, \
     settled = CASE WHEN account_cards.ends = excluded.ends THEN account_cards.settled ELSE 0 END, \
     ends = excluded.ends \
     WHERE account_cards.owner = '' AND account_cards.customer = '' AND account_cards.country = '' \
     AND account_cards.subscription = '' AND account_cards.state = '' AND account_cards.external_address = '' \
     AND account_cards.comment = '' AND account_cards.ends IS NULL";
/// The same of what was written before.
const AGAIN: &str = "UPDATE account_cards SET owner = $2, customer = $3, country = $4, subscription = $5, state = $6, \
     external_address = $7, comment = $8, settled = CASE WHEN ends = $9 THEN settled ELSE 0 END, ends = $9 \
     WHERE account = $1 AND owner = $10 AND customer = $11 AND country = $12 AND subscription = $13 AND state = $14 \
     AND external_address = $15 AND comment = $16 AND ends IS NOT DISTINCT FROM $17";
pub(crate) const NOTED: &str = "SELECT sign_ins FROM account_cards WHERE account = $1 AND last_sign_in > $2";
const NOTE: &str = "INSERT INTO account_cards (account, owner, customer, country, subscription, state, external_address, \
     comment, ends, settled, sign_ins, last_sign_in) VALUES ($1, '', '', '', '', '', '', '', NULL, 0, 1, $3) \
     ON CONFLICT (account) DO UPDATE SET sign_ins = account_cards.sign_ins + 1, last_sign_in = excluded.last_sign_in \
     WHERE account_cards.last_sign_in IS NULL OR account_cards.last_sign_in <= $2";
/// An account is its institution, `/` and its login; `0` is what comes behind `/`.
pub(crate) const ACTIVE: &str =
    "SELECT COUNT(*) AS found FROM account_cards WHERE account > $1 AND account < $2 AND last_sign_in > $3";
pub(crate) const DUE: &str =
    "SELECT account FROM account_cards WHERE ends IS NOT NULL AND settled = 0 AND ends <= $1 ORDER BY ends LIMIT $2";
pub(crate) const SETTLE: &str = "UPDATE account_cards SET settled = 1 WHERE account = $1 AND ends <= $2";

impl<D: Database> Cards for SqlState<D> {
    fn card<'a>(&'a self, account: &'a Account) -> Fut<'a, Card> {
        Box::pin(async move {
            let query = Query::new(OF).text(account_text(account));
            Ok(self.one("reading an account's card", query, card).await?.unwrap_or_default())
        })
    }

    fn set_card<'a>(
        &'a self,
        account: &'a Account,
        before: &'a Card,
        text: &'a CardText,
        ends: Option<Timestamp>,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let is_first = before.text == CardText::default() && before.ends.is_none();
            let set = Query::new(if is_first { FIRST } else { AGAIN }).text(account_text(account));
            let mut set = written(set, text, ends);
            if !is_first {
                set = written(set, &before.text, before.ends);
            }
            Ok(self.write("writing an account's card", set, Keep::Safe).await? == 1)
        })
    }

    fn signed_in<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            let (doing, before) = ("noting a log-in", now.plus(-SIGN_IN_NOTED_EVERY).0);
            let account = account_text(account);
            let noted = Query::new(NOTED).text(&account).int(before);
            if self.one(doing, noted, |_| Ok(())).await?.is_some() {
                return Ok(());
            }
            self.write(doing, Query::new(NOTE).text(account).int(before).int(now.0), Keep::Brief).await.map(drop)
        })
    }

    fn signed_in_after<'a>(&'a self, institution: &'a InstitutionId, moments: &'a [Timestamp]) -> Fut<'a, Vec<u64>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for moment in moments {
                let active =
                    Query::new(ACTIVE).text(format!("{institution}/")).text(format!("{institution}0")).int(moment.0);
                let found = self.one("counting log-ins", active, |mut row| row.int("found")).await?;
                all.push(found.and_then(|found| u64::try_from(found).ok()).unwrap_or(0));
            }
            Ok(all)
        })
    }

    fn ended_cards(&self, now: Timestamp, limit: usize) -> Fut<'_, Vec<Account>> {
        Box::pin(async move {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let due = Query::new(DUE).int(now.0).int(limit);
            self.rows("looking for ended subscriptions", due, |mut row| parse_account(&row.text("account")?)).await
        })
    }

    fn settle_card<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            let settle = Query::new(SETTLE).text(account_text(account)).int(now.0);
            self.write("settling an ended subscription", settle, Keep::Safe).await.map(drop)
        })
    }
}

/// The parameters of what is on a card.
fn written(query: Query, text: &CardText, ends: Option<Timestamp>) -> Query {
    let CardText { owner, customer, country, subscription, state, external_address, comment } = text;
    let query = query.text(owner).text(customer).text(country).text(subscription);
    query.text(state).text(external_address).text(comment).maybe_int(ends.map(|ends| ends.0))
}
