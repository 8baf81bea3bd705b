//! `GET /portal/fragment.html`: a section for a portal's page to include. No script, no style, no id but its own; all text of
//! strangers is escaped, and links lead out of a frame.

use crate::{
    asker::Place,
    causes, date,
    escape::Escaped,
    reply,
    seen::{self, Seen},
    words,
};
use http::StatusCode;
use passerelle_core::{
    Failing, PortalSession,
    ports::{Latest, MailHeader},
};
use passerelle_net::http::Response;
use passerelle_words::direction;

pub(crate) async fn answer(session: &PortalSession, place: &Place) -> Response {
    let seen = match Seen::by(session).await {
        Ok(seen) => seen,
        Err(failing) => return refused(&failing, place),
    };
    let mail = seen.mail.as_ref().and_then(|glance| glance.outcome.as_ref().ok());
    let files = seen.files.as_ref().and_then(|glance| glance.outcome.as_ref().ok());
    let mut inside = String::new();
    if let Some(latest) = mail {
        inside += &mail_of(latest, place);
    }
    inside += &seen.failing().into_iter().map(|failing| told(failing, place)).collect::<String>();
    if let Some(space) = files {
        let room = space.map(|space| room(place, space.used, space.used.saturating_add(space.available)));
        inside += &format!(
            "<p class=\"passerelle-files\"><a href=\"{}\" target=\"_top\">{}</a> {}</p>\n",
            Escaped(&seen::link(place, "/#files")),
            Escaped(&place.say("files")),
            Escaped(&room.unwrap_or_default()),
        );
    }
    reply::typed("text/html; charset=utf-8", section(&inside, place), place)
}

/// Why there is nothing to show, as a section too: the portal includes what it gets.
pub(crate) fn refused(failing: &Failing, place: &Place) -> Response {
    let mut response = reply::typed("text/html; charset=utf-8", section(&told(failing, place), place), place);
    let status: StatusCode = causes::status(failing);
    *response.status_mut() = status;
    causes::challenged(response, failing)
}

fn section(inside: &str, place: &Place) -> String {
    format!(
        "<section class=\"passerelle\" lang=\"{}\" dir=\"{}\" aria-labelledby=\"passerelle-title\">\n\
         <h2 id=\"passerelle-title\">{}</h2>\n{inside}</section>\n",
        place.language,
        direction(place.language),
        Escaped(&place.say("mail")),
    )
}

fn mail_of(latest: &Latest, place: &Place) -> String {
    let headers: String = latest.headers.iter().map(|header| item(latest, header, place)).collect();
    let list =
        if headers.is_empty() { String::new() } else { format!("<ul class=\"passerelle-headers\">\n{headers}</ul>\n") };
    let unreadable = match latest.unreadable {
        0 => String::new(),
        count => format!("<p class=\"passerelle-error\">{}</p>\n", Escaped(&place.say_number("unreadable", count))),
    };
    let room = latest
        .room
        .map(|it| format!("<p class=\"passerelle-quota\">{}</p>\n", Escaped(&room(place, it.used, it.limit))));
    format!(
        "<p class=\"passerelle-counts\"><a href=\"{}\" target=\"_top\">{}</a> <span>{}</span></p>\n{list}{unreadable}{}",
        Escaped(&seen::link(place, "/#mail")),
        Escaped(&place.say_number("unread", latest.status.unseen)),
        Escaped(&place.say_number("total", latest.status.messages)),
        room.unwrap_or_default(),
    )
}

fn item(latest: &Latest, header: &MailHeader, place: &Place) -> String {
    let nobody = place.say("no-subject");
    let subject = if header.subject.is_empty() { &nobody } else { &header.subject };
    let author = if header.from_name.is_empty() { &header.from_address } else { &header.from_name };
    let (class, mark) = if header.unseen {
        (" class=\"passerelle-unread\"", format!(" <em>{}</em>", Escaped(&place.say("new"))))
    } else {
        ("", String::new())
    };
    format!(
        "<li{class}><a href=\"{}\" target=\"_top\"><bdi>{}</bdi></a>{mark} <span>{} <bdi>{}</bdi></span> <time datetime=\"{}\">{}</time></li>\n",
        Escaped(&seen::message(place, latest, header)),
        Escaped(subject),
        Escaped(&place.say("from")),
        Escaped(author),
        date::rfc3339(header.received),
        date::day(header.received, place.language),
    )
}

fn told(failing: &Failing, place: &Place) -> String {
    format!(
        "<p class=\"passerelle-error\" role=\"status\" data-leg=\"{}\" data-code=\"{}\">{}</p>\n",
        causes::leg(failing.leg),
        causes::code(&failing.error),
        Escaped(&causes::text(failing, place.language)),
    )
}

/// Octets as people say them.
fn size(octets: u64, language: &str) -> String {
    let say = |key, number: String| words::say(language, key, &[("number", number.into())]);
    let steps = [(1_u64 << 40, "size-tb"), (1 << 30, "size-gb"), (1 << 20, "size-mb"), (1 << 10, "size-kb")];
    let Some((step, key)) = steps.into_iter().find(|(step, _)| octets >= *step) else {
        return say("size-b", octets.to_string());
    };
    let tenths = u128::from(octets).saturating_mul(10).checked_div(u128::from(step)).unwrap_or_default();
    let [whole, rest] = [tenths.checked_div(10), tenths.checked_rem(10)].map(Option::unwrap_or_default);
    say(key, format!("{whole}{}{rest}", words::say(language, "decimal-mark", &[])))
}

fn room(place: &Place, used: u64, limit: u64) -> String {
    let [used, limit] = [used, limit].map(|octets| size(octets, place.language));
    words::say(place.language, "room", &[("used", used.into()), ("limit", limit.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size(0, "en"), "0 B");
        assert_eq!(size(1023, "fr"), "1023 o");
        assert_eq!(size(1536, "fr"), "1,5 ko");
        assert_eq!(size(1 << 30, "en"), "1.0 GB");
        assert_eq!(size(1 << 30, "es"), "1,0 GB");
        assert_eq!(size(u64::MAX, "en"), "16777215.9 TB");
    }
}
