//! Every message of a mailbox (RFC 9051 §6.4.5). FETCH by numbers and not by UIDs: meanwhile the store may say nothing of
//! messages that somebody else removes (RFC 9051 §7.5.1), so that all that it counted must come.

use super::OpenedImap;
use crate::connect::is_ok;
use passerelle_core::{
    Error, Result,
    ports::{LastingNames, Listed, ListedFlags, MOST_LISTED},
};
use passerelle_wire_imap::{Fetched, Value, fetched};

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
            .imap
            .converse(&format!("FETCH 1:{expected} (UID RFC822.SIZE FLAGS{with})"), |response| {
                // Flags that another client changed come without a size.
                listed.extend(fetched(response).as_ref().and_then(message));
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
            if !opened.imap.has("OBJECTID") {
                return Err(Error::Unsupported { what: "lasting names of messages" });
            }
            with = " EMAILID";
            continue;
        }
        if tries >= TRIES {
            let told = format!("the store told {} of {expected} messages and answered{words}", listed.len());
            return Err(opened.imap.failed("listing a mailbox", told));
        }
        // Some were removed since they were counted: count again.
        opened.enter(opened.mode, None).await?;
    }
}

fn message(fetched: &Fetched) -> Option<Listed> {
    let flags = fetched.item("FLAGS")?.list()?;
    let has = |flag: &str| flags.iter().any(|it| it.is(flag));
    let name = fetched.item("X-GUID").or_else(|| match fetched.item("EMAILID")? {
        // RFC 8474 §5.1: in parentheses.
        Value::List(values) => values.first(),
        Value::Nil | Value::Atom(_) | Value::Text(_) => None,
    });
    Some(Listed {
        uid: fetched.item("UID")?.number()?,
        size: fetched.item("RFC822.SIZE")?.number()?,
        flags: ListedFlags { seen: has("\\Seen"), deleted: has("\\Deleted") },
        name: name.and_then(Value::as_str).filter(|name| !name.is_empty()).map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(response: &str, expected: Option<(u32, u64, Option<&str>)>) {
        let read = fetched(response.as_bytes()).as_ref().and_then(message);
        assert_eq!(read.as_ref().map(|it| (it.uid, it.size, it.name.as_deref())), expected, "{response}");
    }

    #[test]
    fn what_stores_say() {
        check("* 1 FETCH (UID 7 RFC822.SIZE 42 FLAGS ())\r\n", Some((7, 42, None)));
        check(
            "* 1 FETCH (FLAGS (\\Seen $Junk) UID 1 X-GUID 17.M0P1.load,S=1839 RFC822.SIZE 1)\r\n",
            Some((1, 1, Some("17.M0P1.load,S=1839"))),
        );
        check("* 1 FETCH (FLAGS () UID 1 X-GUID \"a \\\"b\" RFC822.SIZE 1)\r\n", Some((1, 1, Some("a \"b"))));
        check("* 1 FETCH (EMAILID (M6d99) UID 1 RFC822.SIZE 1 FLAGS ())\r\n", Some((1, 1, Some("M6d99"))));
        check("* 1 FETCH (X-GUID {3}\r\na)b UID 1 FLAGS (a[) RFC822.SIZE 1)\r\n", Some((1, 1, Some("a)b"))));
        check("* 1 FETCH (FLAGS (\\Seen))\r\n", None);
    }
}
