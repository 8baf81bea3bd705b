//! Busy times of others (RFC 6638 §5): a VFREEBUSY request, and an answer for each who is asked for.

use crate::{Refusal, owner};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use passerelle_core::{Authorized, BusyAsk, CalendarUser, Error, FreeBusy, Result, Session, Taken, TakenHow};
use passerelle_model::{Account, CollectionRef, Timestamp};
use passerelle_wire_ical::{
    Busy, CalendarObject, Component, Fault, FreeBusy as Times, Heading, Period, Range, Utc, Zone,
};
use passerelle_wire_itip::Address;

/// Most days that one question is about.
pub const MOST_DAYS: i64 = 400;
/// How many people's calendars are looked into side by side.
const SIDE_BY_SIDE: usize = 4;
/// What an answer is called to be from.
pub(crate) const PRODUCT: &str = "-//Passerelle//EN";

/// What is answered about one of those who were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Their address, as it was asked for.
    pub recipient: String,
    /// The status (RFC 5546 §3.6).
    pub status: &'static str,
    /// Their busy times, as iCalendar.
    pub calendar: Option<String>,
}

/// Which times an object takes.
///
/// # Errors
/// `Invalid` for one that cannot be followed; what is no calendar takes none.
pub(crate) fn times(content: &[u8], ask: &BusyAsk) -> Result<Vec<Taken>> {
    let zone = ask.zone.as_deref().and_then(Zone::told).unwrap_or_else(Zone::utc);
    let Ok(object) = CalendarObject::read(content, zone) else { return Ok(Vec::new()) };
    let is_left_out = |component: &Component<'_>| {
        let uid = component.property("UID").map(|uid| uid.to_text().trim().to_owned());
        uid.is_some() && uid == ask.without
    };
    if ask.without.is_some() && object.calendar().components.iter().any(is_left_out) {
        return Ok(Vec::new());
    }
    let mut busy = Times::new(Range { start: Utc::of(ask.start.0), end: Utc::of(ask.end.0) });
    match busy.add(&object) {
        Err(wrong) if wrong.fault == Fault::TooManyTimes => return Err(Error::invalid(wrong.what)),
        Ok(()) | Err(_) => {}
    }
    Ok(busy.periods().into_iter().map(taken).collect())
}

fn taken(Period { start, end, busy }: Period) -> Taken {
    let how = match busy {
        Busy::Busy => TakenHow::Busy,
        Busy::Tentative => TakenHow::Tentative,
        Busy::Unavailable => TakenHow::Unavailable,
    };
    Taken { start: Timestamp(start.seconds()), end: Timestamp(end.seconds()), how }
}

fn period(Taken { start, end, how }: Taken) -> Period {
    let busy = match how {
        TakenHow::Busy => Busy::Busy,
        TakenHow::Tentative => Busy::Tentative,
        TakenHow::Unavailable => Busy::Unavailable,
    };
    Period { start: Utc::of(start.0), end: Utc::of(end.0), busy }
}

/// What is asked.
struct Question {
    uid: String,
    organizer: String,
    recipients: Vec<String>,
    ask: BusyAsk,
}

/// Answers a VFREEBUSY request of this person's, whom it is about one by one: of who is not to be reached nothing is told, as of who does
/// not exist.
///
/// # Errors
/// `Condition` for what is no such request, is somebody else's, or asks too much.
pub async fn free_busy(session: &Session, request: &[u8], now: Timestamp) -> Result<Vec<Answered>, Refusal> {
    let question = &read(request)?;
    let me = session.principal()?.account().clone();
    let own = owner::addresses(&session.calendar_owner(&me).await?);
    if !own.contains(&Address::new(&question.organizer)) {
        return Err(Refusal::Condition("valid-organizer"));
    }
    if question.recipients.len() > session.most_attendees(&me)? {
        return Err(Refusal::Condition("max-attendees-per-instance"));
    }
    let recipients = question.recipients.iter();
    let answers: Vec<BoxFuture<'_, Answered>> =
        recipients.map(|recipient| answer(session, question, recipient, now).boxed()).collect();
    Ok(stream::iter(answers).buffered(SIDE_BY_SIDE).collect().await)
}

fn read(request: &[u8]) -> Result<Question, Refusal> {
    const WRONG: Refusal = Refusal::Condition("valid-scheduling-message");
    let calendar = Component::calendar(request).map_err(|_| Refusal::Condition("valid-calendar-data"))?;
    let is_request = calendar.property("METHOD").is_some_and(|it| it.value().trim().eq_ignore_ascii_case("REQUEST"));
    let mut all = calendar.inner("VFREEBUSY");
    let (Some(busy), None, true) = (all.next(), all.next(), is_request) else { return Err(WRONG) };
    let text = |name: &str| busy.property(name).map(|it| it.value().trim().to_owned());
    let moment = |name: &str| text(name).and_then(|value| Utc::parse(&value)).ok_or(WRONG);
    let (start, end) = (moment("DTSTART")?, moment("DTEND")?);
    if start >= end {
        return Err(WRONG);
    }
    if end.seconds().saturating_sub(start.seconds()) > MOST_DAYS * 86_400 {
        return Err(Refusal::Condition("max-date-time"));
    }
    let without = busy.property("X-CALENDARSERVER-MASK-UID").map(|uid| uid.to_text().trim().to_owned());
    let (start, end) = (Timestamp(start.seconds()), Timestamp(end.seconds()));
    Ok(Question {
        uid: text("UID").unwrap_or_default(),
        organizer: text("ORGANIZER").ok_or(WRONG)?,
        recipients: busy.all("ATTENDEE").map(|it| it.value().trim().to_owned()).collect(),
        ask: BusyAsk { start, end, zone: None, without },
    })
}

/// When an account has no time, of all calendars that make it busy, whoever those are shared with.
///
/// # Errors
/// `NotFound` and `Forbidden` for one that is not there or not to be asked, `Unsupported` where only its owner can open them, `Invalid` for
/// what cannot be followed, `Unavailable`.
pub async fn busy_times(session: &Session, account: &Account, ask: &BusyAsk) -> Result<Times> {
    let user = session.calendar_owner(account).await?;
    taken_of(session, user, ask).await
}

async fn taken_of(session: &Session, user: CalendarUser, ask: &BusyAsk) -> Result<Times> {
    session.check_in_force()?;
    let inbox = session.open::<_, FreeBusy>(user.inbox).await?;
    all_of(inbox.busy(times, ask).await?, ask)
}

/// When what is in one calendar takes time (RFC 4791 §7.10).
///
/// # Errors
/// `NotFound`, `Invalid` for what cannot be followed, `TooLarge`, `Unavailable`.
pub async fn busy_in(calendar: &Authorized<CollectionRef, FreeBusy>, ask: &BusyAsk) -> Result<Times> {
    all_of(calendar.busy(times, ask).await?, ask)
}

fn all_of(taken: Vec<Taken>, ask: &BusyAsk) -> Result<Times> {
    let mut busy = Times::new(Range { start: Utc::of(ask.start.0), end: Utc::of(ask.end.0) });
    for one in taken {
        busy.take(period(one)).map_err(|wrong| Error::invalid(wrong.what))?;
    }
    Ok(busy)
}

async fn answer(session: &Session, question: &Question, recipient: &str, now: Timestamp) -> Answered {
    let (status, calendar) = match known(session, question, recipient, now).await {
        Ok(calendar) => ("2.0;Success", Some(calendar)),
        Err(Error::NotFound | Error::Forbidden) => ("3.7;Invalid calendar user", None),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "busy times cannot be told");
            ("5.1;Could not complete delivery", None)
        }
    };
    Answered { recipient: recipient.to_owned(), status, calendar }
}

async fn known(session: &Session, question: &Question, recipient: &str, now: Timestamp) -> Result<String> {
    let address = Address::new(recipient);
    let user = session.calendar_user(address.mail().ok_or(Error::NotFound)?).await?.ok_or(Error::NotFound)?;
    let busy = taken_of(session, user, &question.ask).await?;
    Ok(busy.write(&Heading {
        product: PRODUCT,
        method: Some("REPLY"),
        uid: &question.uid,
        stamp: Utc::of(now.0),
        organizer: Some(&question.organizer),
        attendee: Some(recipient),
    }))
}
