//! To which threads messages belong: three fields of each, which stores keep at hand.

use crate::{
    desk::Desk,
    id::{EmailId, MailboxId, ThreadId},
    mail::{Fields, ROOT_FIELDS, thread_of},
};
use futures::TryStreamExt;
use passerelle_core::{
    Result,
    ports::{HeaderName, Items},
};
use std::collections::{BTreeMap, HashMap};

/// The thread of each; messages that are gone have none.
pub(crate) async fn roots(desk: &mut Desk<'_>, emails: &[EmailId]) -> Result<HashMap<EmailId, ThreadId>> {
    let mut by_mailbox: BTreeMap<MailboxId, Vec<EmailId>> = BTreeMap::new();
    for email in emails {
        by_mailbox.entry(email.mailbox).or_default().push(*email);
    }
    let mut all = HashMap::new();
    let headers = ROOT_FIELDS.iter().filter_map(|name| HeaderName::parse(name)).collect();
    let items = Items { items: Vec::new(), headers };
    for (mailbox, emails) in by_mailbox {
        let Some(name) = desk.name_of(mailbox).await? else { continue };
        let opened = desk.open(&name).await?;
        let uid_validity = opened.facts().uid_validity;
        let uids: Vec<u32> = emails.iter().filter(|it| it.uid_validity == uid_validity).map(|it| it.uid).collect();
        if uids.is_empty() {
            continue;
        }
        let mut summaries = opened.show(&uids, &items).await?;
        while let Some(summary) = summaries.try_next().await? {
            let email = EmailId { mailbox, uid_validity, uid: summary.uid };
            let header = summary.headers.unwrap_or_default();
            all.insert(email, thread_of(&Fields::of(&header), email));
        }
    }
    Ok(all)
}
