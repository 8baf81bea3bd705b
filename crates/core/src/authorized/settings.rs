//! Handles on an institution's settings: what may be changed at run time, each change with its number, and the way back.

use crate::{
    Allows, Authorized, Error, Institution, Manage, Result, SETTINGS, Setting, SettingValue,
    overlay::{apply, is_fixed},
    ports::state::{MOST_CHANGES_KEPT, OverlayChange, OverlayValue},
};
use passerelle_model::{InstitutionRef, Timestamp};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Most changes of one page of the history.
pub const MOST_CHANGES: usize = 50;
/// How often a change is tried when others come between and nobody said which version was meant, and how long between tries.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// A setting with its value.
#[derive(Debug, Clone)]
pub struct SettingInForce {
    /// Which.
    pub setting: &'static Setting,
    /// Its value; `None` where there is none.
    pub value: Option<SettingValue>,
    /// The change at run time that set it; `None` when it is as the file has it.
    pub changed: Option<u64>,
    /// Whether the file forbids to change it at run time.
    pub fixed: bool,
}

/// A change of the history.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// Its number.
    pub version: u64,
    /// Who made it, as the trail writes it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What was changed.
    pub settings: Vec<ChangedSetting>,
}

/// What a change did to a setting. `None` is what the file says.
#[derive(Debug, Clone)]
pub struct ChangedSetting {
    /// Its dotted name.
    pub name: String,
    /// Its value before; of an image its kind and size.
    pub before: Option<SettingValue>,
    /// Its value afterwards.
    pub after: Option<SettingValue>,
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// The institution's facts, as the settings in force have them.
    ///
    /// # Errors
    /// `NotFound` when a reload took it away.
    pub fn facts(&self) -> Result<Arc<Institution>> {
        Ok(Arc::clone(&self.house.tenant(&self.target().0)?.facts))
    }

    /// Every setting that may be changed at run time.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn settings(&self) -> Result<(u64, Vec<SettingInForce>)> {
        let (facts, filed) = (self.facts()?, self.house.filed(&self.target().0)?);
        let values = self.house.state.overlay(&self.target().0, None).await?;
        let in_force = |setting: &'static Setting| {
            let held = values.iter().find(|row| row.name == setting.name && row.value.is_some());
            let fixed = is_fixed(filed, setting.name);
            let changed = held.filter(|_| !fixed).map(|row| row.version);
            SettingInForce { setting, value: setting.value(&facts), changed, fixed }
        };
        Ok((newest(&values), SETTINGS.iter().map(in_force).collect()))
    }

    /// Changes settings, all of them or none; `None` falls back to the file. The number of the change, or of the last one
    /// when everything is so already. It is in force on this node when this returns, and on the others within a second.
    ///
    /// # Errors
    /// `Conflict` when `expected` is given and is not the last change's number; `Invalid` for a name or value that is
    /// none; `Forbidden` for a setting that the file fixes; `Unavailable` when State cannot be written.
    pub async fn change_settings(
        &self,
        changes: &BTreeMap<String, Option<SettingValue>>,
        expected: Option<u64>,
    ) -> Result<u64> {
        let filed = self.house.filed(&self.target().0)?;
        let mut trial = filed.clone();
        let mut written = Vec::new();
        for (name, value) in changes {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            let none = || Error::invalid(format!("{shown} is no setting that can be changed here"));
            let setting = Setting::named(name).ok_or_else(none)?;
            if is_fixed(&trial, name) {
                return Err(Error::Forbidden);
            }
            if let Some(value) = value {
                setting.read(value, &mut trial).map_err(|what| Error::invalid(format!("{name}: {what}")))?;
            }
            // What was read is written, and not what was sent: the same value in one spelling.
            written.push((setting, value.as_ref().and_then(|_| setting.value(&trial))));
        }
        for _ in 0..TRIES {
            let before = self.house.state.overlay(&self.target().0, None).await?;
            let last = newest(&before);
            if expected.is_some_and(|expected| expected != last) {
                return Err(Error::Conflict);
            }
            let in_force = apply(filed, &before);
            let holds = |setting: &Setting| before.iter().any(|row| row.name == setting.name && row.value.is_some());
            let differs = |(setting, value): &&(&Setting, Option<SettingValue>)| match value {
                None => holds(setting),
                Some(_) => *value != setting.value(&in_force),
            };
            let spelled = |(setting, value): &(&Setting, Option<SettingValue>)| {
                (setting.name.to_owned(), value.as_ref().map(ToString::to_string))
            };
            let values: Vec<_> = written.iter().filter(differs).map(spelled).collect();
            if values.is_empty() {
                return Ok(last);
            }
            match self.write(last, values).await {
                Err(Error::Conflict) if expected.is_none() => tokio::time::sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
        Err(Error::Conflict)
    }

    /// The changes before this one, or all, the newest first.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn settings_history(&self, before: Option<u64>, limit: usize) -> Result<Vec<SettingsChange>> {
        let (state, of) = (&self.house.state, &self.target().0);
        let last = match before {
            Some(before) => before.saturating_sub(1),
            None => newest(&state.overlay(of, None).await?),
        };
        let limit = u64::try_from(limit.clamp(1, MOST_CHANGES)).unwrap_or(1);
        let first = last.saturating_sub(limit).saturating_add(1).max(1);
        let changes = state.overlay_changes(of, first, last).await?;
        let mut held: BTreeMap<String, Option<SettingValue>> = BTreeMap::new();
        for OverlayValue { name, value, .. } in state.overlay(of, Some(first.saturating_sub(1))).await? {
            let value = shown(&name, value);
            held.insert(name, value);
        }
        let mut history = Vec::new();
        for OverlayChange { version, by, at, values } in changes.into_iter().rev() {
            let mut settings = Vec::new();
            for (name, value) in values {
                let after = shown(&name, value);
                let before = held.insert(name.clone(), after.clone()).flatten();
                settings.push(ChangedSetting { name, before, after });
            }
            history.push(SettingsChange { version, by, at, settings });
        }
        history.reverse();
        Ok(history)
    }

    /// Takes a change back: each of its settings gets the value of before. That is a change too, which can be taken back;
    /// its number.
    ///
    /// # Errors
    /// `NotFound` for a change that is none or too old; `Conflict` when one of its settings was changed since, or
    /// `expected` is not the last change's number; `Forbidden` when the file fixes one of them.
    pub async fn undo_settings(&self, version: u64, expected: Option<u64>) -> Result<u64> {
        let (state, of) = (&self.house.state, &self.target().0);
        let now = state.overlay(of, None).await?;
        let last = newest(&now);
        if expected.is_some_and(|expected| expected != last) {
            return Err(Error::Conflict);
        }
        let kept = version > 0 && version <= last && version > last.saturating_sub(MOST_CHANGES_KEPT);
        let change = if kept { state.overlay_changes(of, version, version).await?.pop() } else { None };
        let change = change.ok_or(Error::NotFound)?;
        let before = state.overlay(of, Some(version.saturating_sub(1))).await?;
        let filed = self.house.filed(of)?;
        let mut values = Vec::new();
        for (name, _) in change.values {
            if now.iter().any(|row| row.name == name && row.version != version) {
                return Err(Error::Conflict);
            }
            if is_fixed(filed, &name) {
                return Err(Error::Forbidden);
            }
            let value = before.iter().find(|row| row.name == name).and_then(|row| row.value.clone());
            values.push((name, value));
        }
        self.write(last, values).await
    }

    async fn write(&self, last: u64, values: Vec<(String, Option<String>)>) -> Result<u64> {
        let of = &self.target().0;
        let (by, at) = (self.permit.actor().who(), (self.house.clock)());
        let change = OverlayChange { version: last.saturating_add(1), by, at, values };
        self.house.state.change_overlay(of, &change).await?;
        let settings = &self.house.withdrawn.settings;
        settings.note(of.clone());
        settings.seen(of, change.version).await;
        Ok(change.version)
    }
}

fn newest(values: &[OverlayValue]) -> u64 {
    values.iter().map(|row| row.version).max().unwrap_or(0)
}

/// A value of State as the history shows it; what is none any more, as the text that it is.
fn shown(name: &str, value: Option<String>) -> Option<SettingValue> {
    let text = value?;
    let value = text.parse::<SettingValue>().unwrap_or(SettingValue::String(text));
    Some(match Setting::named(name) {
        Some(setting) => setting.shown(value),
        None => value,
    })
}
