//! `/api/admin/settings`: what may be changed of an institution at run time, each change with its number, and the way back.

use super::{Admin, Answer, Change, told};
use crate::{admin, colour::Colour};
use passerelle_core::{
    AskedFor, ChangedSetting, LARGEST_IMAGE, LONGEST_TEXT, MOST_CHANGES, MOST_LINKS, SettingValue, SettingsChange,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Largest body: an image in base64, and what else a change may have.
const LARGEST: usize = LARGEST_IMAGE / 3 * 4 + 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The last change's number, as whoever asks knows it: nobody overwrites what they have not seen.
    version: u64,
    /// Settings by their names; `null` is what the file says, an image is in base64.
    settings: BTreeMap<String, Option<SettingValue>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undone {
    version: u64,
    change: u64,
}

pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let (version, settings) = admin.of.settings().await?;
    let face = &admin.call.face;
    let rows: Vec<Value> = settings
        .iter()
        .map(|it| {
            let value = it.value.clone().map(|value| it.setting.shown(value));
            json!({
                "name": it.setting.name,
                "label": admin::label(face, it.setting.name),
                "value": value,
                "isImage": it.setting.is_image(),
                "changed": it.changed,
                "isFixed": it.fixed,
            })
        })
        .collect();
    told(&json!({
        "version": version,
        "settings": rows,
        "images": { "branding.logo": face.logo(), "branding.favicon": face.icon() },
        "largestImage": LARGEST_IMAGE,
        "longestText": LONGEST_TEXT,
        "mostLinks": MOST_LINKS,
    }))
}

pub(super) async fn change(mut admin: Admin<'_>) -> Answer {
    let Wanted { version, settings } = admin.call.body_of(LARGEST).await?;
    let change = Change::of("institution.update", admin.of.target().0.as_str(), admin::asked_for(&settings));
    let changed = async {
        let version = admin.of.change_settings(&settings, Some(version)).await?;
        told(&json!({ "version": version }))
    };
    let changed = changed.await;
    admin.noted(change, changed).await
}

pub(super) async fn undo(mut admin: Admin<'_>) -> Answer {
    let Undone { version, change: number } = admin.call.body().await?;
    let asked = AskedFor::default().written("change", &number.to_string());
    let change = Change::of("institution.undo", admin.of.target().0.as_str(), asked);
    let undone = async {
        let version = admin.of.undo_settings(number, Some(version)).await?;
        told(&json!({ "version": version }))
    };
    let undone = undone.await;
    admin.noted(change, undone).await
}

/// The changes before the one that `before` names, or all, the newest first.
pub(super) async fn history(admin: &Admin<'_>) -> Answer {
    let before = admin.call.parameter("before").parse().ok();
    let limit = admin.limit()?.clamp(1, MOST_CHANGES);
    let changes = admin.of.settings_history(before, limit).await?;
    let next = (changes.len() == limit).then(|| changes.last().map(|it| it.version)).flatten().filter(|it| *it > 1);
    let rows: Vec<Value> = changes.into_iter().map(|change| row(admin, change)).collect();
    told(&json!({ "changes": rows, "next": next }))
}

fn row(admin: &Admin<'_>, SettingsChange { version, by, at, settings }: SettingsChange) -> Value {
    let settings: Vec<Value> = settings
        .into_iter()
        .map(|ChangedSetting { name, before, after }| {
            let label = admin::label(&admin.call.face, &name);
            json!({ "name": name, "label": label, "before": before, "after": after })
        })
        .collect();
    let by = by.rsplit(['/', ':']).next().unwrap_or_default();
    json!({ "version": version, "by": by, "at": crate::api::moment(at), "settings": settings })
}

/// What becomes of a colour: what can be read on it, and how it is shown as text, on light and on dark paper.
pub(super) fn colours(admin: &Admin<'_>) -> Answer {
    let shades = |name: &str, as_text: fn(Colour) -> Colour| {
        let colour = Colour::parse(&admin.call.parameter(name))?;
        let text = as_text(colour);
        Some(json!({
            "brand": colour.to_string(),
            "onBrand": colour.on().to_string(),
            "asText": text.to_string(),
            "isReadable": text == colour,
        }))
    };
    told(&json!({
        "light": shades("light", Colour::as_text_on_light),
        "dark": shades("dark", Colour::as_text_on_dark),
    }))
}
