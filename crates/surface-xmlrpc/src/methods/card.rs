//! `account.card`: what an institution notes of an account beside the directory.

use super::{Effect, Method};
use crate::{
    arguments::{Arguments, moment_of, text_of},
    caller::Caller,
    fault::Refusal,
    params::{Kind, needed, optional},
    values::{Struct, moment, structure, text},
};
use dxr::Value;
use passerelle_core::{Error, ports::state::CardText};
use passerelle_model::{AccountId, Standing};

pub(super) const METHODS: &[Method] = &[Method {
    name: "account.card",
    params: &[
        needed("login", Kind::Text, "a login of the institution, or login@domain"),
        optional(
            "changes",
            Kind::Members(&[
                optional("owner", Kind::Text, "who answers for the account"),
                optional("customer", Kind::Text, "who pays for it"),
                optional("country", Kind::Text, "the customer's country"),
                optional("subscription", Kind::Text, "what was subscribed to"),
                optional("subscriptionEnds", Kind::Moment, "when that ends: the account is locked then; 0 is never"),
                optional("state", Kind::Text, "the account's state, in the institution's own words"),
                optional("externalAddress", Kind::Text, "where the person is reached outside"),
                optional("comment", Kind::Text, "anything else"),
            ]),
            "what is to be written on the card; what is not named stays, an empty text removes",
        ),
    ],
    answer: "struct",
    help: "An account's card, after it was changed where changes are given: {login, name, owner, customer, country, loginCount, lastLogin, subscription, subscriptionEnds, state, externalAddress, internalAddress, comment, customerAdministrator, locked, disabled}. Log-ins are noted once an hour at most; lastLogin and subscriptionEnds are nil where there is none. A text has at most 1024 octets. When somebody else writes the card in the same moment, the fault is a conflict, and nothing is written.",
    effect: Effect::ChangesWith("login", "changes"),
    run: |caller, arguments| Box::pin(card(caller, arguments)),
}];

async fn card(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id): (_, AccountId) = caller.account(&arguments, "login").await?;
    let found = institution.account(&id).await?.ok_or(Error::NotFound)?;
    if let Some(changes) = arguments.members("changes") {
        let before = institution.card(&id).await?;
        let ends = match changes.get("subscriptionEnds").and_then(moment_of) {
            Some(never) if never.0 == 0 => None,
            Some(ends) => Some(ends),
            None => before.ends,
        };
        institution.set_card(&id, &before, &changed(before.text.clone(), changes), ends).await?;
    }
    let card = institution.card(&id).await?;
    let CardText { owner, customer, country, subscription, state, external_address, comment } = card.text;
    let person = found.person;
    let count = i32::try_from(card.sign_ins).unwrap_or(i32::MAX);
    Ok(structure([
        ("login", text(person.account.as_str())),
        ("name", text(&person.display_name)),
        ("owner", text(owner)),
        ("customer", text(customer)),
        ("country", text(country)),
        ("loginCount", Value::Integer(count)),
        ("lastLogin", moment(card.last_sign_in)),
        ("subscription", text(subscription)),
        ("subscriptionEnds", moment(card.ends)),
        ("state", text(state)),
        ("externalAddress", text(external_address)),
        ("internalAddress", text(person.mails.first().cloned().unwrap_or_default())),
        ("comment", text(comment)),
        ("customerAdministrator", Value::Boolean(institution.is_administrator(&id))),
        ("locked", Value::Boolean(found.disabled || person.standing == Standing::Locked)),
        ("disabled", Value::Boolean(found.disabled)),
    ]))
}

fn changed(mut text: CardText, changes: &Struct) -> CardText {
    for name in CardText::NAMES {
        if let (Some(new), Some(held)) = (changes.get(name).and_then(text_of), text.named(name)) {
            new.clone_into(held);
        }
    }
    text
}
