//! What an archive keeps of messages beside their octets: flags, the time of receipt, the field that names them.

use super::{OpenedImap, change::sets};
use crate::connect::is_ok;
use passerelle_core::{
    Error, Result,
    ports::{Flag, MOST_MARKED, Marked},
};
use passerelle_model::Timestamp;
use passerelle_wire_imap::{Fetched, Value, fetched, seconds};

pub(super) async fn marked(opened: &mut OpenedImap, uids: &[u32]) -> Result<Vec<Marked>> {
    if uids.len() > MOST_MARKED {
        return Err(Error::TooLarge { most: u64::try_from(MOST_MARKED).unwrap_or(u64::MAX) });
    }
    let mut all = Vec::with_capacity(uids.len());
    for set in sets(uids) {
        let asked = format!("UID FETCH {set} (FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
        let words = opened
            .imap
            .converse(&asked, |response| {
                all.extend(fetched(response).as_ref().and_then(message));
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            return Err(opened.imap.refused("asking for flags and dates", &words));
        }
    }
    Ok(all)
}

fn message(fetched: &Fetched) -> Option<Marked> {
    let flags = fetched.item("FLAGS")?.list()?;
    let field = fetched.item_beginning("BODY[HEADER.FIELDS").and_then(Value::text).unwrap_or_default();
    Some(Marked {
        uid: fetched.item("UID")?.number()?,
        flags: flags.iter().filter_map(|flag| Flag::parse(flag.as_str()?)).collect(),
        received: Timestamp(seconds(fetched.item("INTERNALDATE")?.as_str()?)?),
        id_field: field.trim_ascii().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_stores_say() {
        let told = b"* 3 FETCH (UID 9 FLAGS (\\Seen \\Recent $Junk) INTERNALDATE \"24-Nov-2026 10:00:00 +0100\" BODY[HEADER.FIELDS (MESSAGE-ID)] {22}\r\nMessage-ID: <a@b>\r\n\r\n)\r\n";
        let message = message(&fetched(told).unwrap()).unwrap();
        let flags: Vec<_> = message.flags.iter().map(Flag::as_str).collect();
        assert_eq!((message.uid, flags.as_slice(), message.received.0), (9, &["\\Seen", "$Junk"][..], 1_795_510_800));
        assert_eq!(message.id_field, b"Message-ID: <a@b>");
    }
}
