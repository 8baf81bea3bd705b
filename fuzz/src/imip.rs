//! Scheduling by mail: whatever a message is made of, what was taken of it does nothing a second time.

use passerelle_wire_imip::{LARGEST_OBJECT, Mail, Reason};

pub(crate) fn messages(octets: &[u8]) {
    let Some(mail) = Mail::read(octets) else { return };
    assert!(mail.content.len() <= LARGEST_OBJECT);
    let people = mail.described.attendees.iter().map(|(address, _)| address).chain(&mail.described.organizer);
    for who in people.take(3) {
        let mine = std::slice::from_ref(who);
        let Some(copy) = mail.judge(None, mine).after else { continue };
        let again = mail.judge(Some(&copy), mine);
        // A first one may be taken whoever has sent it, and is not believed a second time.
        let expected = [Reason::Same, Reason::OtherSender, Reason::UnknownSender];
        assert!(again.after.is_none() && expected.contains(&again.reason), "{again:?}");
    }
}
