//! `[sending]` of an institution: by what rules its people send mail.

use crate::Source;
use passerelle_core::{SendingRules, config::ConfigFault};
use serde::Deserialize;
use std::ops::RangeInclusive;
use toml::Spanned;

/// Largest message that can be asked for, in MiB.
const SIZES: RangeInclusive<u32> = 1..=4096;
/// How many of anything.
const COUNTS: RangeInclusive<u32> = 1..=1_000_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SendingTable {
    check_from: Option<bool>,
    show_client: Option<bool>,
    largest_mib: Option<Spanned<u32>>,
    recipients: Option<Spanned<u32>>,
    without_scanner: Option<WithoutScanner>,
    messages_per_hour: Option<Spanned<u32>>,
    recipients_per_hour: Option<Spanned<u32>>,
}

/// What becomes of a message that a scanner cannot say anything of.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WithoutScanner {
    Refuse,
    Accept,
}

impl SendingTable {
    pub(crate) fn check(&self, source: &Source) -> Result<SendingRules, ConfigFault> {
        let usual = SendingRules::default();
        let within = |key: &str, value: &Option<Spanned<u32>>, allowed: RangeInclusive<u32>| match value {
            None => Ok(None),
            Some(value) if allowed.contains(value.get_ref()) => Ok(Some(*value.get_ref())),
            Some(value) => {
                let what = format!("sending.{key} {} cannot be", value.get_ref());
                let remedy = format!("write {} to {}", allowed.start(), allowed.end());
                Err(source.fault(value.span().start, what, remedy))
            }
        };
        let largest = within("largest_mib", &self.largest_mib, SIZES)?;
        Ok(SendingRules {
            check_from: self.check_from.unwrap_or(usual.check_from),
            show_client: self.show_client.unwrap_or(usual.show_client),
            largest: largest.map(|mib| u64::from(mib) << 20),
            recipients: within("recipients", &self.recipients, COUNTS)?.unwrap_or(usual.recipients),
            without_scanner: self
                .without_scanner
                .map_or(usual.without_scanner, |policy| policy == WithoutScanner::Accept),
            messages_per_hour: within("messages_per_hour", &self.messages_per_hour, COUNTS)?
                .unwrap_or(usual.messages_per_hour),
            recipients_per_hour: within("recipients_per_hour", &self.recipients_per_hour, COUNTS)?
                .unwrap_or(usual.recipients_per_hour),
        })
    }
}
