//! Examining a service provider: it talks to nobody by itself, so what can be wrong is in its files.

use crate::settings::Settings;
use passerelle_core::ports::{Leg, Verdict};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Looks whether the descriptions of identity providers still hold.
pub(crate) fn examine(settings: &Settings) -> Vec<Leg> {
    let ended: Vec<&str> = settings
        .providers
        .iter()
        .filter(|provider| provider.valid_until.as_deref().is_some_and(is_past))
        .map(|provider| provider.id.as_str())
        .collect();
    let verdict = match ended.first() {
        None => {
            let signed = if settings.signed { ", signed" } else { ", signature not looked at" };
            Verdict::Works(format!("{} identity providers{signed}", settings.providers.len()))
        }
        Some(first) => Verdict::Fails {
            what: format!("the metadata of {} identity providers has run out, of {first} for one", ended.len()),
            remedy: "fetch the metadata again, and see to it that this happens daily",
        },
    };
    vec![Leg { name: "metadata", verdict }]
}

/// Whether a moment has passed (XML Schema's dateTime in UTC, core §1.3.3). What cannot be read has not.
fn is_past(moment: &str) -> bool {
    OffsetDateTime::parse(moment.trim(), &Rfc3339).is_ok_and(|moment| moment <= OffsetDateTime::now_utc())
}

#[cfg(test)]
mod tests {
    use super::is_past;

    #[test]
    fn moments() {
        assert!(is_past("2020-01-01T00:00:00Z") && is_past(" 2020-01-01T00:00:00.123Z"));
        assert!(!is_past("2999-01-01T00:00:00Z") && !is_past("tomorrow"));
    }
}
