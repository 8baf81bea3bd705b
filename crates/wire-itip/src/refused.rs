//! Why something of scheduling is refused.

use std::fmt;

/// Why a write is refused, or a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Parts of one object have different organisers.
    SeveralOrganizers,
    /// An organiser may not make it somebody else's.
    OrganizerChange,
    /// Somebody who is invited changes what is the organiser's.
    AttendeeChange,
    /// More people than [`crate::MOST_INVITED`].
    TooManyInvited,
    /// The message is about something that its recipient, or its sender, is not invited to.
    NotInvited,
    /// The message's sender has not organised it.
    NotOrganizer,
    /// The message is no iCalendar, or nothing that calendars act on by themselves.
    NotUnderstood,
    /// The message answers something that is not there.
    NotThere,
}

impl Refused {
    /// The precondition that a write fails (RFC 6638 §3.2.4, RFC 4791 §5.3.2.1), in the namespace of CalDAV; nothing for what is
    /// said of messages only.
    pub const fn element(self) -> Option<&'static str> {
        match self {
            Self::SeveralOrganizers => Some("same-organizer-in-all-components"),
            Self::OrganizerChange => Some("allowed-organizer-scheduling-object-change"),
            Self::AttendeeChange => Some("allowed-attendee-scheduling-object-change"),
            Self::TooManyInvited => Some("max-attendees-per-instance"),
            Self::NotInvited | Self::NotOrganizer | Self::NotUnderstood | Self::NotThere => None,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SeveralOrganizers => "its parts have different organisers",
            Self::OrganizerChange => "who has organised it cannot be changed",
            Self::AttendeeChange => "only its organiser can change when it is and who is invited",
            Self::TooManyInvited => "it invites too many people",
            Self::NotInvited => "not invited to it",
            Self::NotOrganizer => "not its organiser",
            Self::NotUnderstood => "no message of scheduling that is understood",
            Self::NotThere => "it answers something that is not there",
        })
    }
}

impl std::error::Error for Refused {}
