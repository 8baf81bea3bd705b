//! `GET /portal/feed.atom`: the last headers as an Atom feed (RFC 4287). A mailbox that cannot be seen is no empty feed.

use crate::{asker::Place, causes, date, escape::Escaped, reply, seen, words};
use passerelle_core::{
    Failing, PortalSession,
    ports::{Latest, MailHeader},
};
use passerelle_net::http::Response;

pub(crate) async fn answer(session: &PortalSession, place: &Place) -> Response {
    match feed(session, place).await {
        Ok(feed) => reply::typed("application/atom+xml; charset=utf-8", feed, place),
        Err(failing) => causes::refused(&failing, place),
    }
}

async fn feed(session: &PortalSession, place: &Place) -> Result<String, Failing> {
    let latest = seen::mail(session).await?;
    let account = session.account().map_err(Failing::of_sign_on)?;
    let institution = session.institution().map_err(Failing::of_sign_on)?;
    let name = institution.name_in(place.language);
    let title =
        words::say(place.language, "feed-title", &[("login", account.id.as_str().into()), ("name", name.into())]);
    // A name that stays when the host changes its port (RFC 4151; RFC 4287 §4.2.6.1).
    let authority = institution.mail_domains.first().or(institution.hosts.first()).map_or("invalid", String::as_str);
    let id = format!("tag:{authority},2026:mail/{}/INBOX", account.id);
    // The feed changes with its newest entry; an empty one never has.
    let updated = latest.headers.iter().map(|header| header.received).max().unwrap_or(passerelle_model::Timestamp(0));
    let entries: String = latest.headers.iter().map(|header| entry(&latest, header, &id, place)).collect();
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <id>{}</id>\n<title>{}</title>\n<subtitle>{}</subtitle>\n<updated>{}</updated>\n\
         <author><name>{}</name></author>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{}/portal/feed.atom\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n{entries}</feed>\n",
        place.language,
        Escaped(&id),
        Escaped(&title),
        Escaped(&place.say_number("unread", latest.status.unseen)),
        date::rfc3339(updated),
        Escaped(name),
        Escaped(&place.origin),
        Escaped(&seen::link(place, "/#mail")),
    ))
}

fn entry(latest: &Latest, header: &MailHeader, feed: &str, place: &Place) -> String {
    let nobody = place.say("no-subject");
    let subject = if header.subject.is_empty() { &nobody } else { &header.subject };
    // An entry has an author with a name (RFC 4287 §4.2.1, §3.2.1).
    let author = [&header.from_name, &header.from_address].into_iter().find(|name| !name.is_empty());
    let date = date::rfc3339(header.received);
    format!(
        "<entry><id>{}/{}</id><title>{}</title><updated>{date}</updated><published>{date}</published>\
         <author><name>{}</name></author><link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\
         <content type=\"text\">{}</content></entry>\n",
        Escaped(feed),
        seen::id(latest, header),
        Escaped(subject),
        Escaped(author.map_or("-", String::as_str)),
        Escaped(&seen::message(place, latest, header)),
        Escaped(subject),
    )
}
