//! Whether a message may change a calendar.

use crate::Mail;
use passerelle_wire_ical::{CalendarObject, Zone};
use passerelle_wire_itip::{
    Address, Known, Method, Owner, Received, Refused, known, receive, says_the_same, with_own_answers, without_orders,
};

/// Why a message changes a calendar or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does.
    Fits,
    /// It is so already.
    Same,
    /// What is there is newer.
    Outdated,
    /// It is not from whom it would have to be: the organiser, or the one who answers.
    OtherSender,
    /// Only a part of the message is known, or it does not say who has sent it.
    UnknownSender,
    /// Its recipient is not invited, or has not organised what is answered.
    NotForMe,
    /// Who answers was not invited.
    NotInvited,
    /// It is about something that is not in the calendar.
    NotThere,
    /// What is in the calendar has another organiser.
    OtherOrganizer,
    /// It asks what calendars do not do by themselves: COUNTER, REFRESH, ADD, DECLINECOUNTER, PUBLISH.
    OtherMethod,
    /// It is nothing that a calendar can hold.
    Unclear,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Fits,
        Self::Same,
        Self::Outdated,
        Self::OtherSender,
        Self::UnknownSender,
        Self::NotForMe,
        Self::NotInvited,
        Self::NotThere,
        Self::OtherOrganizer,
        Self::OtherMethod,
        Self::Unclear,
    ];

    /// It in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Same => "same",
            Self::Outdated => "outdated",
            Self::OtherSender => "otherSender",
            Self::UnknownSender => "unknownSender",
            Self::NotForMe => "notForMe",
            Self::NotInvited => "notInvited",
            Self::NotThere => "notThere",
            Self::OtherOrganizer => "otherOrganizer",
            Self::OtherMethod => "otherMethod",
            Self::Unclear => "unclear",
        }
    }

    const fn of(refused: Refused) -> Self {
        match refused {
            Refused::NotInvited => Self::NotInvited,
            Refused::NotOrganizer | Refused::OrganizerChange => Self::OtherOrganizer,
            Refused::NotThere => Self::NotThere,
            Refused::SeveralOrganizers | Refused::AttendeeChange | Refused::TooManyInvited | Refused::NotUnderstood => {
                Self::Unclear
            }
        }
    }
}

/// What a message is to a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Why it changes it, or not. A sender who is not the organiser is told also where it may be taken.
    pub reason: Reason,
    /// What the calendar has of it.
    pub known: Known,
    /// What the copy is then, where it may be taken.
    pub after: Option<Vec<u8>>,
}

impl Judged {
    fn not(reason: Reason, known: Known) -> Self {
        Self { reason, known, after: None }
    }
}

impl Mail {
    /// What the message is to somebody who has `copy` of what it is about, or nothing.
    ///
    /// A first invitation may be taken whoever has sent it: it changes nothing that is there, and many are sent by services in the name
    /// of the organiser. Everything else is only for whom it is of.
    pub fn judge(&self, copy: Option<&[u8]>, mine: &[Address]) -> Judged {
        let owner = &Owner { addresses: mine };
        let plain = without_orders(self.content.as_bytes());
        let known = known(copy, &plain, owner);
        let said = &self.described;
        let method = Method::named(&said.method);
        let Some(organizer) = &said.organizer else { return Judged::not(Reason::Unclear, known) };
        let answers = matches!(said.method.as_str(), "REPLY" | "COUNTER" | "REFRESH");
        let is_for_me = if answers { mine.contains(organizer) } else { said.of(mine).is_some() };
        if !is_for_me {
            return Judged::not(Reason::NotForMe, known);
        }
        // One's own event is not changed by mail, whoever sends it: what is in one's calendar says how it is.
        if !answers && mine.contains(organizer) {
            return Judged::not(Reason::NotForMe, known);
        }
        let doubt = self.doubt(organizer, answers);
        let Some(method) = method else { return Judged::not(doubt.unwrap_or(Reason::OtherMethod), known) };
        let is_first = method == Method::Request && copy.is_none();
        if let Some(doubt) = doubt.filter(|_| !is_first) {
            return Judged::not(doubt, known);
        }
        if method == Method::Cancel && copy.is_none() {
            return Judged::not(Reason::NotThere, known);
        }
        match receive(copy, &plain, owner) {
            Err(refused) => Judged::not(Reason::of(refused), known),
            Ok(Received::Unchanged) if known == Known::Newer => Judged::not(Reason::Outdated, known),
            Ok(Received::Unchanged) => Judged::not(Reason::Same, known),
            Ok(Received::Put(after)) => {
                let after = if method == Method::Request { with_own_answers(&after, copy, owner) } else { after };
                if copy.is_some_and(|copy| says_the_same(copy, &after)) {
                    return Judged::not(Reason::Same, Known::Same);
                }
                let fits = CalendarObject::read(&after, Zone::utc()).is_ok_and(|object| object.fit().is_ok());
                if !fits {
                    return Judged::not(Reason::Unclear, known);
                }
                Judged { reason: doubt.unwrap_or(Reason::Fits), known, after: Some(after) }
            }
        }
    }

    /// What is wrong with its sender: RFC 6047 §3 has whoever gets it compare who has sent it with who says so.
    fn doubt(&self, organizer: &Address, answers: bool) -> Option<Reason> {
        if self.from.is_none() && self.sender.is_none() {
            return Some(Reason::UnknownSender);
        }
        // An answer is of one person.
        let speaks = match (answers, self.described.attendees.as_slice()) {
            (false, _) => Some(organizer),
            (true, [(attendee, _)]) => Some(attendee),
            (true, _) => None,
        };
        let is_sender = speaks.is_some_and(|who| self.from.as_ref() == Some(who) || self.sender.as_ref() == Some(who));
        (!is_sender).then_some(Reason::OtherSender)
    }
}
