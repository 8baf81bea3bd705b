//! What of a message is for calendars, put into those of its recipients. It never fails the message.

use crate::{Lmtp, NAME, content::plain, proof};
use futures::{StreamExt, stream};
use passerelle_core::{DeliveryRules, Error, Result};
use passerelle_observe::{MailForCalendar, emit};
use passerelle_scheduling::by_mail::{Mail, Reason, put_in};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Largest message that is looked into, in octets.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;
/// How long the MTA waits for calendars, all of them together.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many calendars are reached side by side.
const SIDE_BY_SIDE: usize = 8;

/// Puts a message, as it came over the wire, into the calendars of those who have got it.
pub(crate) async fn give(shared: &Lmtp, octets: Vec<u8>, got: Vec<(String, Arc<DeliveryRules>)>) {
    let read = tokio::task::spawn_blocking(move || {
        let message = plain(&octets);
        let mail = Mail::read(&message)?;
        let end = memchr::memmem::find(&message, b"\r\n\r\n").map_or(message.len(), |at| at.saturating_add(2));
        Some((message.get(..end).unwrap_or_default().to_vec(), mail))
    });
    let Ok(Some((header, mail))) = read.await else { return };
    let each = got.into_iter().map(|(address, rules)| {
        let (header, mail) = (&header, &mail);
        async move {
            match put(shared, &address, &rules, header, mail).await {
                Ok(None) => {}
                Ok(Some(outcome)) => {
                    emit(MailForCalendar { method: &mail.described.method, outcome: outcome.word() });
                }
                Err(error) => {
                    tracing::warn!(surface = NAME, error = %error.chain(), "a mail could not be put into a calendar");
                    emit(MailForCalendar { method: &mail.described.method, outcome: "failed" });
                }
            }
        }
    });
    let each: Vec<_> = each.collect();
    let all = stream::iter(each).buffer_unordered(SIDE_BY_SIDE).collect::<Vec<()>>();
    if timeout(PATIENCE, all).await.is_err() {
        tracing::warn!(surface = NAME, "calendars took too long, and the mail went on without some of them");
    }
}

/// What came of it; nothing where it is not for this calendar.
async fn put(
    shared: &Lmtp,
    address: &str,
    rules: &DeliveryRules,
    header: &[u8],
    mail: &Mail,
) -> Result<Option<Reason>> {
    if !rules.invitations && mail.described.method == "REQUEST" {
        return Ok(None);
    }
    // Sender proves nothing: what is signed is From.
    let is_proved = mail
        .from
        .as_ref()
        .and_then(|from| from.mail())
        .is_some_and(|from| proof::is_proved(&rules.trust, header, from));
    let Some((inbox, user)) = shared.door.inbox_of(address).await? else { return Ok(None) };
    if !is_proved {
        return Ok(Some(Reason::UnknownSender));
    }
    let mail = Mail { sender: None, ..mail.clone() };
    match put_in(&inbox, &user, &mail).await {
        // Calendars that open by their owner's own password alone.
        Err(Error::Unsupported { .. }) => Ok(None),
        outcome => outcome.map(Some),
    }
}
