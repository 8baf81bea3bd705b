//! The page of an institution's administrators: what may be changed at run time, and what was. One form for each section;
//! a form names the version that it was made for, so that nobody overwrites what they have not seen.

mod change;
mod fields;
mod image;

pub(crate) use change::{asked_for, undo, update};
pub(crate) use fields::label;
pub(crate) use image::replace_image;

use crate::{face::Face, home::Notice, listing, respond, sign_in};
use askama::Template;
use fields::{LegalRow, Picture, Section, Switch, Text};
use http::StatusCode;
use passerelle_core::{
    Authorized, ChangedSetting, Door, Error, Institution, LONGEST_TEXT, Manage, Result, Session, SettingInForce,
    SettingValue, SettingsChange,
};
use passerelle_model::InstitutionRef;
use passerelle_net::http::{Exchange, Response};
use std::sync::Arc;

/// The address of the page.
pub(crate) const PATH: &str = "/admin";
/// The address of the office's console.
const CONSOLE: &str = "/#/admin";
/// How long ago somebody may have signed on who opens the page, in seconds; a form that they fill in may take as long again.
const FRESH: i64 = 3600;
/// Most changes that the page shows.
const MOST_SHOWN: usize = 20;
/// Longest value that the history shows, in characters.
const LONGEST_SHOWN: usize = 60;

#[derive(Template)]
#[template(path = "admin.html")]
struct Page<'a> {
    face: &'a Face,
    token: String,
    notice: Option<Notice>,
    of: Arc<Institution>,
    name: String,
    version: u64,
    sections: Vec<Section>,
    names: Vec<Text>,
    texts: Vec<Text>,
    links: Vec<LegalRow>,
    tools: Vec<Switch>,
    images: Vec<Picture>,
    changes: Vec<Change>,
    longest_text: usize,
}

impl Page<'_> {
    fn offers(&self, language: &str) -> bool {
        let offered = &self.of.branding.languages;
        offered.is_empty() || offered.iter().any(|it| it == language)
    }

    fn comes_first(&self, language: &str) -> bool {
        self.of.branding.languages.first().is_some_and(|it| it == language)
    }
}

/// A change as the page shows it.
struct Change {
    version: u64,
    day: listing::Day,
    who: String,
    lines: Vec<String>,
}

/// The institution of somebody who administers it and has signed on lately. For everybody else there is no such page.
pub(crate) async fn administered(session: &Session) -> Result<Authorized<InstitutionRef, Manage>> {
    let own = InstitutionRef(session.principal()?.account().institution.clone());
    match session.open::<_, Manage>(own).await {
        Err(Error::Forbidden) => Err(Error::NotFound),
        other => other,
    }
}

/// Whether somebody administers their institution: the home page shows the way then.
pub(crate) async fn administers(session: &Session) -> bool {
    administered(session).await.is_ok()
}

/// The page.
pub(crate) async fn page(door: &Door, session: &Session, exchange: &Exchange, face: &Face) -> Result<Response> {
    administered(session).await?;
    if !session.is_fresh(FRESH) {
        return Ok(respond::see_other(&sign_in::afresh(door, exchange.host(), PATH)));
    }
    let done = exchange.uri().query() == Some("done=1");
    let notice = done.then(|| Notice { good: true, text: face.say("admin-done") });
    shown(session, face, StatusCode::OK, notice).await
}

/// Where to sign on again and come back to the console.
pub(crate) fn again(door: &Door, host: Option<&str>) -> String {
    sign_in::afresh(door, host, CONSOLE)
}

/// Who fills a form in for longer than that signs on again.
pub(crate) fn check_fresh(session: &Session) -> Result<()> {
    if session.is_fresh(FRESH.saturating_mul(2)) { Ok(()) } else { Err(Error::Forbidden) }
}

/// The page with a word on what was just done.
async fn shown(session: &Session, face: &Face, status: StatusCode, notice: Option<Notice>) -> Result<Response> {
    let institution = administered(session).await?;
    let (version, settings) = institution.settings().await?;
    let of = institution.facts()?;
    let changes = institution.settings_history(None, MOST_SHOWN).await?;
    let page = Page {
        face,
        token: session.form_token(),
        notice,
        name: of.name_in(face.language).to_owned(),
        version,
        sections: fields::sections(&settings),
        names: fields::texts(face, &of.name),
        texts: fields::texts(face, &of.branding.sign_in),
        links: fields::links(face, &of),
        changes: changes.into_iter().map(|change| self::change(face, change)).collect(),
        tools: fields::tools(face, &settings),
        images: fields::images(face, &settings),
        longest_text: LONGEST_TEXT,
        of,
    };
    Ok(respond::page(status, &page, face))
}

fn change(face: &Face, SettingsChange { version, by, at, settings }: SettingsChange) -> Change {
    let who = by.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
    let lines = settings.into_iter().map(|setting| line(face, setting)).collect();
    Change { version, day: listing::day_of(face.language, at), who, lines }
}

fn line(face: &Face, ChangedSetting { name, before, after }: ChangedSetting) -> String {
    let value =
        |value: Option<SettingValue>| value.map_or_else(|| face.say("admin-original"), |it| words_of(face, &it));
    format!("{}: {} → {}", fields::label(face, &name), cut(&value(before)), cut(&value(after)))
}

/// A value as a person writes it.
fn words_of(face: &Face, value: &SettingValue) -> String {
    let all = |values: Vec<String>| if values.is_empty() { "–".to_owned() } else { values.join(", ") };
    match value {
        SettingValue::Boolean(on) => face.say(if *on { "admin-on" } else { "admin-off" }),
        SettingValue::String(text) => text.clone(),
        SettingValue::Array(values) => all(values.iter().map(|value| words_of(face, value)).collect()),
        SettingValue::Table(members) => {
            all(members.iter().map(|(name, value)| format!("{name}: {}", words_of(face, value))).collect())
        }
        SettingValue::Integer(_) | SettingValue::Float(_) | SettingValue::Datetime(_) => value.to_string(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Whether nobody but the operator may change a setting.
fn is_fixed(settings: &[SettingInForce], name: &str) -> bool {
    settings.iter().any(|it| it.setting.name == name && it.fixed)
}
