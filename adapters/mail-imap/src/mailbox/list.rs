//! Every message of a mailbox (RFC 9051 §6.4.5). FETCH by numbers and not by UIDs: meanwhile the store may say nothing of
//! messages that somebody else removes (RFC 9051 §7.5.1), so that all that it counted must come.

use super::{OpenedImap, fetch};
use crate::connect::is_ok;
use passerelle_core::{
    Error, Result,
    ports::{LastingNames, Listed, MOST_LISTED},
};

/// How often a listing is begun again when messages were removed under it.
const TRIES: u32 = 3;

pub(super) async fn list(opened: &mut OpenedImap, names: LastingNames) -> Result<Vec<Listed>> {
    let mut with = match names {
        LastingNames::Untold => "",
        LastingNames::Told => " X-GUID",
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let expected = opened.facts.exists;
        if expected == 0 {
            return Ok(Vec::new());
        }
        if expected > MOST_LISTED {
            return Err(Error::TooLarge { most: u64::from(MOST_LISTED) });
        }
        let mut listed = Vec::new();
        let words = opened
            .converse(&format!("FETCH 1:{expected} (UID RFC822.SIZE FLAGS{with})"), |response| {
                let Some(items) = fetch::items(response) else { return Ok(()) };
                // Flags that another client changed come without a size.
                if let (Some(uid), Some(size), Some(flags)) = (items.uid, items.size, items.flags) {
                    listed.push(Listed { uid, size, flags, name: items.name });
                }
                Ok(())
            })
            .await?;
        let complete = u32::try_from(listed.len()).is_ok_and(|count| count == expected);
        if is_ok(&words, "") && complete {
            if names == LastingNames::Told && listed.iter().any(|it| it.name.is_none()) {
                return Err(Error::Unsupported { what: "lasting names of messages" });
            }
            return Ok(listed);
        }
        if words.starts_with(" BAD") && with == " X-GUID" {
            if !opened.has_object_ids {
                return Err(Error::Unsupported { what: "lasting names of messages" });
            }
            with = " EMAILID";
            continue;
        }
        if tries >= TRIES {
            let told = format!("the store told {} of {expected} messages and answered{words}", listed.len());
            return Err(opened.failed("listing a mailbox", told));
        }
        // Some were removed since they were counted: count again.
        opened.enter(opened.mode).await?;
    }
}
