//! `/api/admin/accounts/card`: what an institution notes of an account beside the directory, and the end of its subscription.

use super::{Admin, Answer, Change, account, told};
use crate::api::{end_of, moment};
use passerelle_core::{
    AskedFor, Error,
    ports::state::{Card, CardText},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    login: String,
    /// Of the card, as whoever writes saw it: nobody overwrites what they have not seen.
    version: String,
    /// Texts by their names; what is not named stays, an empty one removes.
    #[serde(default)]
    texts: BTreeMap<String, String>,
    /// The day that the subscription ends with: the account is locked then. Empty is never, left out as it is.
    ends: Option<String>,
}

pub(super) async fn change(mut admin: Admin<'_>) -> Answer {
    let Written { login, version, texts, ends } = admin.call.body().await?;
    let asked = texts.iter().fold(AskedFor::default(), |asked, (name, text)| asked.text(name, text));
    let asked = ends.iter().fold(asked, |asked, day| asked.text("subscriptionEnds", day));
    let change = Change::of("account.card", &login, asked);
    let written = async {
        let id = admin.account(&login)?;
        let before = admin.of.card(&id).await?;
        if before.version() != version {
            return Err(Error::Conflict.into());
        }
        let mut text = before.text.clone();
        for (name, new) in texts {
            *text.named(&name).ok_or(Error::invalid("texts: one of them is not known"))? = new;
        }
        let ends = match ends {
            Some(day) => end_of(Some(&day))?,
            None => before.ends,
        };
        admin.of.set_card(&id, &before, &text, ends).await?;
        told(&account::shown(&admin, &id).await?)
    };
    let written = written.await;
    admin.noted(change, written).await
}

/// A card as an answer has it.
pub(super) fn shown(card: Card) -> Value {
    let version = card.version();
    let Card { mut text, ends, sign_ins, last_sign_in } = card;
    let texts = CardText::NAMES.map(|name| (name.to_owned(), json!(text.named(name))));
    json!({
        "version": version,
        "texts": texts.into_iter().collect::<Map<_, _>>(),
        "ends": ends.and_then(moment),
        "signIns": sign_ins,
        "lastSignIn": last_sign_in.and_then(moment),
    })
}
