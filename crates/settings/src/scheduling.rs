//! `[scheduling]` of an institution: how invitations go.

use crate::{Source, institution::all};
use passerelle_core::{SchedulingRules, config::ConfigFault};
use passerelle_model::AccountId;
use serde::Deserialize;
use std::ops::RangeInclusive;
use toml::Spanned;

/// How many people an event may invite. More than a thousand is a page, not an invitation.
const ATTENDEES: RangeInclusive<u32> = 1..=1_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SchedulingTable {
    rooms: Vec<Spanned<String>>,
    attendees: Option<Spanned<u32>>,
}

impl SchedulingTable {
    pub(crate) fn check(&self, source: &Source) -> Result<SchedulingRules, ConfigFault> {
        let attendees = match &self.attendees {
            None => SchedulingRules::default().attendees,
            Some(value) if ATTENDEES.contains(value.get_ref()) => *value.get_ref(),
            Some(value) => {
                let what = format!("scheduling.attendees {} cannot be", value.get_ref());
                let remedy = format!("write {} to {}", ATTENDEES.start(), ATTENDEES.end());
                return Err(source.fault(value.span().start, what, remedy));
            }
        };
        Ok(SchedulingRules { rooms: all(source, &self.rooms, AccountId::parse)?, attendees })
    }
}
