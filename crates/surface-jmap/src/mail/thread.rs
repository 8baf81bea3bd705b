//! To which conversation a message belongs (RFC 8621 §3): the message id that began it. It follows from the message alone, so that
//! it never changes, and is the same in every mailbox and on every node.

use crate::{
    id::{EmailId, ThreadId},
    mail::header::{Fields, message_ids},
};

/// The fields that say it.
pub(crate) const ROOT_FIELDS: [&str; 3] = ["References", "In-Reply-To", "Message-ID"];

/// The first of References, else what it answers, else itself.
pub(crate) fn thread_of(fields: &Fields<'_>, email: EmailId) -> ThreadId {
    let first = ROOT_FIELDS.iter().find_map(|name| {
        let raw = fields.named(name).next()?;
        // Only what stands in brackets can be searched for without finding half of all mail.
        let raw = String::from_utf8_lossy(raw);
        raw.contains('<').then(|| message_ids(&raw))??.into_iter().next()
    });
    first.map_or(ThreadId::Alone(email), |root| ThreadId::of(&root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MailboxId;

    #[test]
    fn a_conversation_is_known_by_its_beginning() {
        let email = EmailId { mailbox: MailboxId([0; 8]), uid_validity: 1, uid: 1 };
        let of = |header: &str| thread_of(&Fields::of(header.as_bytes()), email);
        let root = ThreadId::of("1@x");
        assert_eq!(of("Message-ID: <1@x>\r\n"), root);
        assert_eq!(of("Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n"), root);
        assert_eq!(of("Message-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\nReferences: <1@x>\r\n <2@x>\r\n"), root);
        assert_eq!(of("Subject: x\r\n"), ThreadId::Alone(email));
        assert_eq!(of("Message-ID: 1@x\r\n"), ThreadId::Alone(email));
    }
}
