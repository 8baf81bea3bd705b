//! The three types of objects that lie in calendars and are told by JMAP, and the names that each goes by. Everything else they share.

use super::{FAMILY, rules};
use crate::{collections::Shelf, id::CollectionId};
use passerelle_core::ports::ComponentKind;
use passerelle_wire_ical::Kind;
use passerelle_wire_jscalendar::property_names;
use serde_json::{Map, Value, json};

/// What a method is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// CalendarEvent, in a Calendar (draft-ietf-jmap-calendars).
    Events,
    /// Task, in a TaskList (draft-ietf-jmap-tasks).
    Tasks,
    /// Note, in a Notebook: types of our own.
    Notes,
}

impl From<What> for Shelf {
    /// The collections that may hold them.
    fn from(what: What) -> Self {
        let kind = match what {
            What::Events => ComponentKind::Event,
            What::Tasks => ComponentKind::Task,
            What::Notes => ComponentKind::Journal,
        };
        Self { family: FAMILY, kind: Some(kind) }
    }
}

impl What {
    /// Its component in iCalendar.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Events => Kind::Event,
            Self::Tasks => Kind::Task,
            Self::Notes => Kind::Journal,
        }
    }

    /// `@type`.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Events => "Event",
            Self::Tasks => "Task",
            Self::Notes => "Note",
        }
    }

    /// What JMAP tells of it beside what the codec does.
    pub(super) fn own(self) -> &'static [&'static str] {
        match self {
            Self::Events => &[
                "id",
                "baseEventId",
                "calendarIds",
                "isDraft",
                "isOrigin",
                "utcStart",
                "utcEnd",
                "useDefaultAlerts",
                "mayInviteSelf",
                "mayInviteOthers",
                "hideAttendees",
            ],
            Self::Tasks => &["id", "baseTaskId", "taskListId", "isDraft", "isOrigin", "utcStart", "utcDue"],
            Self::Notes => &["id", "notebookId", "preview", "revision"],
        }
    }

    /// Whether those that recur have instances, with ids of their own.
    pub(super) fn has_instances(self) -> bool {
        match self {
            Self::Events | Self::Tasks => true,
            Self::Notes => false,
        }
    }

    /// Where it lies, as that property tells it: `calendarIds` is a set, the others name one.
    pub(super) fn placed(self, collection: CollectionId) -> Value {
        match self {
            Self::Events => json!({ collection.to_string(): true }),
            Self::Tasks | Self::Notes => json!(collection.to_string()),
        }
    }

    /// The property that says where it lies.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Events => "calendarIds",
            Self::Tasks => "taskListId",
            Self::Notes => "notebookId",
        }
    }

    /// What may not be so.
    pub(super) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["isDraft", "useDefaultAlerts", "mayInviteSelf", "mayInviteOthers", "hideAttendees"],
            Self::Tasks => &["isDraft"],
            Self::Notes => &[],
        }
    }

    /// The method that changes it.
    pub(super) fn set(self) -> &'static str {
        match self {
            Self::Events => "CalendarEvent/set",
            Self::Tasks => "Task/set",
            Self::Notes => "Note/set",
        }
    }

    /// Why one without a place is not made.
    pub(super) fn lies_in_one(self) -> &'static str {
        match self {
            Self::Events => "an event lies in one calendar",
            Self::Tasks => "a task lies in one list",
            Self::Notes => "a note lies in one notebook",
        }
    }

    /// Why a place is none.
    pub(super) fn no_such_place(self) -> &'static str {
        match self {
            Self::Events => "there is no such calendar",
            Self::Tasks => "there is no such list",
            Self::Notes => "there is no such notebook",
        }
    }

    /// An object of the codec, in the words in which it is told.
    pub(super) fn told(self, mut object: Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::Events | Self::Notes => {}
            Self::Tasks => rules::told(&mut object),
        }
        object
    }

    /// Whether there is a property of this name.
    pub(super) fn has(self, name: &str) -> bool {
        let is_known = |name: &str| property_names(self.kind()).any(|known| known == name);
        self.own().contains(&name)
            || match self {
                Self::Events | Self::Notes => is_known(name),
                Self::Tasks => name == rules::RULES || (is_known(name) && !rules::is_other(name)),
            }
    }
}
