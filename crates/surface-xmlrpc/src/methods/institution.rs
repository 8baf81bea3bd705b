//! `institution.*`: what the settings in force say of an institution, and what its administrators change of them.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{Struct, moment, setting, setting_value, structure, text, texts},
};
use dxr::Value;
use passerelle_core::{ChangedSetting, MOST_CHANGES, SettingInForce, SettingsChange};
use passerelle_model::{AccountId, InstitutionId, Timestamp};
use std::collections::BTreeMap;

const EXPECTED: Param = optional(
    "version",
    Kind::Number,
    "the version that the change is meant for, as institution.get answered it: when somebody changed something since, fault 409",
);

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "institution.get",
        params: &[],
        answer: "struct",
        help: "The institution as the settings in force have it: {id, name (a struct by language), hosts, mailDomains, realm, administrators, sharesWith, colour, mail (whether there is any), mounts, version, settings, changed, fixed}. settings has every setting that institution.update takes, an image as its kind and size; changed names those that were changed at run time, fixed those that only the operator changes. The rest is changed in its file.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(get(caller, arguments)),
    },
    Method {
        name: "institution.history",
        params: &[
            optional("before", Kind::Number, "only changes before this one; left out, the newest"),
            optional("limit", Kind::Number, "how many at most; 50 is the most"),
        ],
        answer: "array",
        help: "What was changed of the settings at run time, the newest first: {version, at, who, settings}, each setting {name, before, after}. nil is what the file says. The last 500 changes are kept.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(history(caller, arguments)),
    },
    Method {
        name: "institution.undo",
        params: &[needed("change", Kind::Number, "the number of a change"), EXPECTED],
        answer: "struct",
        help: "Takes a change back: each of its settings gets the value of before. That is a change of its own, which can be taken back too. Fault 409 when one of them was changed since, 404 for a change that is none or older than the last 500. Answers {version}.",
        effect: Effect::ChangesInstitution,
        run: |caller, arguments| Box::pin(undo(caller, arguments)),
    },
    Method {
        name: "institution.update",
        params: &[
            optional("settings", Kind::Settings, "the settings to change, and their values"),
            optional("reset", Kind::Texts, "the settings that shall be as the file has them"),
            EXPECTED,
        ],
        answer: "struct",
        help: "Changes settings, all of them or none, on every node and at once. Answers {version}: the number of the change, or of the last one when everything is so already. Fault 400 for a value that cannot be, 403 for a setting that the operator has fixed.",
        effect: Effect::ChangesInstitution,
        run: |caller, arguments| Box::pin(update(caller, arguments)),
    },
];

async fn get(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let facts = institution.facts()?;
    let (mounts, mail) = institution.stores();
    let (version, settings) = institution.settings().await?;
    let named =
        |wanted: fn(&SettingInForce) -> bool| texts(settings.iter().filter(|it| wanted(it)).map(|it| it.setting.name));
    let (changed, fixed) = (named(|it| it.changed.is_some()), named(|it| it.fixed));
    let settings: Struct = settings
        .into_iter()
        .map(|SettingInForce { setting, value, .. }| {
            (setting.name.to_owned(), setting_value(value.map(|value| setting.shown(value))))
        })
        .collect();
    let names = facts.name.iter().map(|(language, name)| (language.clone(), text(name))).collect();
    Ok(structure([
        ("id", text(facts.id.as_str())),
        ("name", Value::Struct(names)),
        ("hosts", texts(&facts.hosts)),
        ("mailDomains", texts(&facts.mail_domains)),
        ("realm", text(facts.realm.as_str())),
        ("administrators", texts(facts.administrators.iter().map(AccountId::as_str))),
        ("sharesWith", texts(facts.shares_with.iter().map(InstitutionId::as_str))),
        ("colour", text(&facts.branding.colour)),
        ("mail", Value::Boolean(mail)),
        ("mounts", texts(mounts)),
        ("version", number(version)),
        ("settings", Value::Struct(settings)),
        ("changed", changed),
        ("fixed", fixed),
    ]))
}

async fn update(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let mut changes = BTreeMap::new();
    for (name, value) in arguments.members("settings").into_iter().flatten() {
        let wrong = || Refusal::Params(format!("settings: {name} is of a type that no setting has"));
        changes.insert(name.clone(), Some(setting(value).ok_or_else(wrong)?));
    }
    for name in arguments.texts("reset") {
        if changes.insert(name.clone(), None).is_some() {
            return Err(Refusal::Params("reset: a setting cannot be changed and reset at once".to_owned()));
        }
    }
    if changes.is_empty() {
        return Err(Refusal::Params("settings: name at least one, or one to reset".to_owned()));
    }
    answer(institution.change_settings(&changes, arguments.number("version")?).await?)
}

async fn undo(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let change = arguments.number("change")?.unwrap_or_default();
    answer(institution.undo_settings(change, arguments.number("version")?).await?)
}

async fn history(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let limit = arguments.limit("limit", MOST_CHANGES)?;
    let changes = institution.settings_history(arguments.number("before")?, limit).await?;
    Ok(Value::Array(changes.into_iter().map(row).collect()))
}

fn answer(version: u64) -> Result<Value, Refusal> {
    Ok(structure([("version", number(version))]))
}

fn row(SettingsChange { version, by, at, settings }: SettingsChange) -> Value {
    let changed = |ChangedSetting { name, before, after }| {
        structure([("name", text(name)), ("before", setting_value(before)), ("after", setting_value(after))])
    };
    structure([
        ("version", number(version)),
        ("at", moment(Some(at))),
        ("who", text(by)),
        ("settings", Value::Array(settings.into_iter().map(changed).collect())),
    ])
}

/// An int, or an i8 beyond its range: as a moment is written.
fn number(version: u64) -> Value {
    moment(Some(Timestamp(i64::try_from(version).unwrap_or(i64::MAX))))
}
