//! What a request asks of a resource's properties (RFC 4918 §9.1).

use super::live::{IN_ALLPROP, LIVE, Live};
use crate::xml::{Element, Name};

/// What a PROPFIND asks for (RFC 4918 §9.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// All of RFC 4918, all dead ones, and these besides.
    All(Vec<Live>),
    /// The names of all.
    Names,
    /// These.
    These { live: Vec<Live>, dead: Vec<Name> },
}

impl Ask {
    /// Reads `DAV:propfind`; `None` when it is none.
    pub(crate) fn read(root: &Element) -> Option<Self> {
        if !root.is("propfind") {
            return None;
        }
        match (root.child("prop"), root.child("propname"), root.child("allprop")) {
            (Some(prop), None, None) => Some(Self::of(Some(prop))),
            (None, Some(_), None) => Some(Self::Names),
            (None, None, Some(_)) => Some(Self::All(root.child("include").map(|it| named(it).0).unwrap_or_default())),
            _ => None,
        }
    }

    /// What a `DAV:prop` names; nothing without one.
    pub(crate) fn of(prop: Option<&Element>) -> Self {
        let (live, dead) = prop.map(named).unwrap_or_default();
        Self::These { live, dead }
    }

    /// Whether a folder must be looked through for its token to answer.
    pub(crate) fn needs_sync_token(&self) -> bool {
        self.asks_for(Live::SyncToken)
    }

    /// Whether it must be known where invitations go to answer.
    pub(crate) fn needs_default_calendar(&self) -> bool {
        *self == Self::Names || self.asks_for(Live::ScheduleDefaultCalendar)
    }

    /// Whether the grants must be known to answer.
    pub(crate) fn needs_acl(&self) -> bool {
        self.asks_for(Live::Acl)
    }

    /// Whether the locks must be known to answer.
    pub(crate) fn needs_locks(&self) -> bool {
        self.asks_for(Live::LockDiscovery)
    }

    /// Whether dead properties must be known to answer.
    pub(crate) fn needs_dead(&self) -> bool {
        match self {
            Self::All(_) | Self::Names => true,
            Self::These { dead, live } => !dead.is_empty() || live.contains(&Live::Checksums),
        }
    }

    /// Whether the room must be known to answer.
    pub(crate) fn needs_space(&self) -> bool {
        self.asks_for(Live::QuotaAvailable) || self.asks_for(Live::QuotaUsed)
    }

    pub(crate) fn asks_for(&self, one: Live) -> bool {
        match self {
            Self::All(also) => LIVE.iter().take(IN_ALLPROP).any(|(_, live)| *live == one) || also.contains(&one),
            Self::Names => false,
            Self::These { live, .. } => live.contains(&one),
        }
    }
}

/// The properties named in an element: those that are computed, and the rest.
fn named(prop: &Element) -> (Vec<Live>, Vec<Name>) {
    let (mut live, mut dead) = (Vec::new(), Vec::new());
    for child in &prop.children {
        match Live::named(&child.name) {
            Some(one) if !live.contains(&one) => live.push(one),
            Some(_) => {}
            None if !dead.contains(&child.name) => dead.push(child.name.clone()),
            None => {}
        }
    }
    (live, dead)
}
