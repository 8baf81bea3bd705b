//! Events for strangers: what is told of a calendar that its owner has published, by whom it is read is not known.
//!
//! What is not named here is not told, what nobody knows yet included: who is invited and by whom, alarms, files, the addresses of
//! conferences, and what programs write for themselves.

use crate::{CalendarObject, Class, Kind, Period, redact, write};

/// What is told of an event besides its UID.
const TOLD: &[&str] = &[
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "LAST-MODIFIED",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "GEO",
    "CATEGORIES",
    "COLOR",
    "URL",
];
/// Parameters without which a time is not understood, and the language of a text. An ALTREP can be anything.
const TOLD_PARAMETERS: &[&str] = &["TZID", "VALUE", "RANGE", "LANGUAGE"];

/// When this was written is not told: RFC 5545 §3.8.7.2 wants it said.
const UNKNOWN: &str = "19700101T000000Z";

impl CalendarObject<'_> {
    /// Whether all that it tells is for whoever may read the calendar. Of a series with one private instance none is: who sees all the
    /// others would know which one that is, and of what series.
    pub fn is_public(&self) -> bool {
        let mut told = self.calendar().components.iter().filter(|component| Kind::of(component).is_some());
        told.all(|component| Class::of(component) == Class::Public)
    }

    /// Its events with the zones that they are in; `alias` is what stands for a UID. Of an object that is not public nothing may be told
    /// by this.
    pub fn published(&self, alias: impl Fn(&str) -> String) -> String {
        let calendar = self.calendar();
        let mut out = String::new();
        write::within("VCALENDAR", &mut out, |out| {
            redact::kept_with(calendar, redact::KEPT_OF_CALENDAR, &[], out);
            calendar.inner("VTIMEZONE").for_each(|zone| redact::zone(zone, out));
            for event in calendar.inner(Kind::Event.name()).filter(|event| Class::of(event) == Class::Public) {
                let uid = event.property("UID").map(|uid| uid.to_text()).unwrap_or_default();
                write::within(Kind::Event.name(), out, |out| {
                    write::line(&format!("UID:{}", alias(uid.trim())), out);
                    redact::kept_with(event, TOLD, TOLD_PARAMETERS, out);
                });
            }
        });
        out
    }
}

/// A busy time as an event, which programs show that show no VFREEBUSY.
#[derive(Debug, Clone, Copy)]
pub struct BusyEvent<'b> {
    /// When, and how busy.
    pub period: Period,
    /// A name that says nothing.
    pub uid: &'b str,
    /// What stands for a title, in the reader's language.
    pub summary: &'b str,
}

impl BusyEvent<'_> {
    /// Its text.
    pub fn write(&self, out: &mut String) {
        let Self { period: Period { start, end, busy }, uid, summary } = self;
        write::within(Kind::Event.name(), out, |out| {
            write::line(&format!("UID:{uid}"), out);
            write::line(&format!("DTSTAMP:{UNKNOWN}"), out);
            write::line(&format!("DTSTART:{start}"), out);
            write::line(&format!("DTEND:{end}"), out);
            write::line(&format!("SUMMARY:{}", crate::escaped(summary)), out);
            write::line("TRANSP:OPAQUE", out);
            match busy {
                crate::Busy::Tentative => write::line("STATUS:TENTATIVE", out),
                crate::Busy::Busy | crate::Busy::Unavailable => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{Busy, Utc, Zone};

    fn object(inner: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nX-WR-CALNAME:secret\r\n{inner}END:VCALENDAR\r\n")
    }

    #[test]
    fn what_is_told_and_nothing_else() {
        let text = object(
            "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nX-SECRET:secret\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
             TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nCOMMENT:secret\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\nUID:secret@x\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Paris;X-P=secret:20260102T090000\r\n\
             RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY;ALTREP=\"data:secret\":Cours\r\nLOCATION:B 12\r\nORGANIZER;CN=secret:mailto:secret@x\r\n\
             ATTENDEE;CN=secret:mailto:secret@x\r\nATTACH:https://secret.test/\r\nCONFERENCE:https://secret.test/\r\nCONTACT:secret\r\n\
             X-ALT-DESC:secret\r\nCOMMENT:secret\r\nRELATED-TO:secret\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:secret\r\n\
             TRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nUID:t\r\nSUMMARY:secret\r\nEND:VTODO\r\n",
        );
        let read = CalendarObject::read(text.as_bytes(), Zone::utc()).unwrap();
        assert!(read.is_public());
        let told = read.published(|uid| format!("alias-{}", uid.len()));
        assert!(!told.contains("secret"), "{told}");
        for line in ["UID:alias-8", "DTSTART;TZID=Europe/Paris:20260102T090000", "SUMMARY:Cours", "LOCATION:B 12"] {
            assert!(told.contains(&format!("{line}\r\n")), "{line} in {told}");
        }
        assert!(told.contains("RRULE:FREQ=DAILY;COUNT=3") && told.contains("TZID:Europe/Paris"), "{told}");
        assert!(CalendarObject::read(told.as_bytes(), Zone::utc()).is_ok());
    }

    #[test]
    fn one_private_instance_hides_the_series() {
        let of = |class: &str| {
            object(&format!(
                "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260102T090000Z\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n\
                 BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260103T090000Z\r\nDTSTART:20260103T110000Z\r\n{class}END:VEVENT\r\n"
            ))
        };
        for (class, expected) in [
            ("", true),
            ("CLASS:PUBLIC\r\n", true),
            ("CLASS:PRIVATE\r\n", false),
            ("CLASS:CONFIDENTIAL\r\n", false),
            ("CLASS:X-MINE\r\n", false),
        ] {
            let text = of(class);
            assert_eq!(CalendarObject::read(text.as_bytes(), Zone::utc()).unwrap().is_public(), expected, "{class}");
        }
    }

    #[test]
    fn a_busy_time_is_an_event() {
        let period = Period { start: Utc::of(0), end: Utc::of(3_600), busy: Busy::Tentative };
        let mut out = String::new();
        BusyEvent { period, uid: "x", summary: "Busy; perhaps" }.write(&mut out);
        assert_eq!(
            out,
            "BEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:19700101T000000Z\r\nDTSTART:19700101T000000Z\r\nDTEND:19700101T010000Z\r\n\
             SUMMARY:Busy\\; perhaps\r\nTRANSP:OPAQUE\r\nSTATUS:TENTATIVE\r\nEND:VEVENT\r\n"
        );
    }

    #[test]
    fn a_zone_is_told_by_rules_or_by_name() {
        let rules = object("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE\r\n");
        for text in [rules.as_str(), "Europe/Paris", " europe/paris"] {
            assert_eq!(Zone::told(text).unwrap().iana_name(), Some("Europe/Paris"), "{text}");
        }
        assert!(Zone::told("nowhere").is_none() && Zone::told(&object("")).is_none());
    }
}
