//! `institution.get`: what the settings in force say of an institution.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    values::{structure, text, texts},
};
use dxr::Value;
use passerelle_core::Institution;
use passerelle_model::{AccountId, InstitutionId};

pub(super) const METHODS: &[Method] = &[Method {
    name: "institution.get",
    params: &[],
    answer: "struct",
    help: "The institution as the settings in force have it: {id, name (a struct by language), hosts, mailDomains, realm, administrators, sharesWith, colour, mail (whether there is any), mounts}. It is changed in its file.",
    effect: Effect::Reads,
    run: |caller, arguments| Box::pin(get(caller, arguments)),
}];

async fn get(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let Institution { id, name, hosts, mail_domains, realm, administrators, shares_with, branding, .. } =
        institution.facts()?;
    let (mounts, mail) = institution.stores();
    let names = name.into_iter().map(|(language, name)| (language, text(name))).collect();
    Ok(structure([
        ("id", text(id.as_str())),
        ("name", Value::Struct(names)),
        ("hosts", texts(hosts)),
        ("mailDomains", texts(mail_domains)),
        ("realm", text(realm.as_str())),
        ("administrators", texts(administrators.iter().map(AccountId::as_str))),
        ("sharesWith", texts(shares_with.iter().map(InstitutionId::as_str))),
        ("colour", text(branding.colour)),
        ("mail", Value::Boolean(mail)),
        ("mounts", texts(mounts)),
    ]))
}
