//! Contacts in the office, over the real Radicale and the real directory: an owner, and a colleague with whom a book is shared.
//! `browser/office_contacts.mjs` is the visitor.

use super::{begin_anew, visit};
use crate::{collections::ask, harness::Gateway};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00202";
const COLLEAGUE: &str = "u00203";

/// A card with a picture, and with lines that no form knows: of version 3.0, since of a picture in 4.0 Radicale keeps nothing.
const ZOE: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:urn:uuid:0a6e2b5e-0000-4000-8000-000000000202\r\nFN:Zoë Dupré\r\nN:Dupré;Zoë;;Dr;\r\n\
    EMAIL;TYPE=work:zoe@a.test\r\nTEL;TYPE=cell:+33 5 61 00 00 00\r\nORG:Université Garonne;Chimie\r\nBDAY:1980-05-17\r\n\
    X-LOCKER;X-FLOOR=2:kept\r\nNOTE:deux\\nlignes\r\n\
    PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAJElEQVR42mP4cOchHHWJWsARLnGGQaiBGEXI4oNRw2g8DAoNAGvvwhA0X6f1AAAAAElFTkSuQmCC\r\n\
    END:VCARD\r\n";

#[test]
fn cards_are_written_found_grouped_and_shared() {
    let gateway = Gateway::start("office-contacts");
    for login in [OWNER, COLLEAGUE] {
        begin_anew(&gateway, login);
    }
    let who = format!("{OWNER}@a.test:pw-{OWNER}");
    let at = format!("/dav/contacts/{OWNER}/service/");
    let book = "<?xml version=\"1.0\"?><mkcol xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><set><prop><resourcetype>\
                <collection/><C:addressbook/></resourcetype><displayname>Service</displayname></prop></set></mkcol>";
    assert_eq!(ask(&gateway, &who, "MKCOL", &at, &["Content-Type: text/xml"], book).status, 201);
    let item = format!("{at}zoe.vcf");
    let put = ask(&gateway, &who, "PUT", &item, &["Content-Type: text/vcard"], ZOE);
    assert_eq!(put.status, 201, "{}", put.body);
    visit("office_contacts.mjs", &gateway, &[OWNER, COLLEAGUE]);
    // By CardDAV what no form knows is still there, though the page has changed the card in each round.
    let kept = ask(&gateway, &who, "GET", &item, &[], "").body;
    for line in ["X-LOCKER;X-FLOOR=2:kept", "Dr", "iVBORw0KGgo", "31000"] {
        assert!(kept.contains(line), "{line} in {kept}");
    }
}
