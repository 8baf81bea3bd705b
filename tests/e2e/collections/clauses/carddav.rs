//! RFC 6352: address books.

use super::{super::files, Desk};
use crate::collections::{MAKE_BOOK, card, hrefs};

const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";

#[test]
fn address_books_clause_by_clause() {
    let gateway = files::start("clauses-books");
    let desk = Desk {
        gateway: &gateway,
        who: "u00219@a.test:pw-u00219".to_owned(),
        at: "/dav/contacts/u00219/amis/".to_owned(),
    };
    // RFC 6352 §6.3.1: made by the extended MKCOL.
    let make = MAKE_BOOK.replace(
        "</D:prop>",
        "<D:displayname>Amis</D:displayname><C:addressbook-description>Du village</C:addressbook-description></D:prop>",
    );
    assert_eq!(desk.ask("MKCOL", "", &[], &make).status, 201);
    // RFC 6352 §6.1
    let options = desk.ask("OPTIONS", "", &[], "");
    assert!(options.header("dav").unwrap().contains("addressbook"));
    // RFC 6352 §3, §8.1: reports are told where they are.
    let reports = desk.property("supported-report-set", "DAV:");
    assert!(reports.contains("addressbook-query") && reports.contains("addressbook-multiget"), "{reports}");
    // RFC 6352 §5.2, §10.1
    assert!(desk.property("resourcetype", "DAV:").contains("addressbook"));
    for (name, part) in [
        // RFC 6352 §6.2.1
        ("addressbook-description", "Du village"),
        // RFC 6352 §6.2.2
        ("supported-address-data", "version=\"3.0\""),
        ("supported-address-data", "version=\"4.0\""),
        // RFC 6352 §6.2.3
        ("max-resource-size", "10485760"),
        // RFC 6352 §8.3.1, §10.2
        ("supported-collation-set", "i;unicode-casemap"),
    ] {
        let told = desk.property(name, CARDDAV);
        assert!(told.contains("200 OK") && told.contains(part), "{name}: {told}");
    }
    // RFC 6352 §7.1.1
    let principal = Desk { gateway: &gateway, who: desk.who.clone(), at: "/dav/principals/u00219/".to_owned() };
    assert!(principal.property("addressbook-home-set", CARDDAV).contains("/dav/contacts/u00219/"));

    // RFC 6352 §5.1, §6.3.2: one card in each, not over another.
    let zoe = card("zoe", "Zoë Martin").replace("EMAIL", "X-OURS;X-P=1:kept\r\nNICKNAME:Zozo\r\nEMAIL;TYPE=home");
    assert_eq!(desk.ask("PUT", "zoe.vcf", &["If-None-Match: *"], &zoe).status, 201);
    assert_eq!(desk.ask("PUT", "zoe.vcf", &["If-None-Match: *"], &zoe).status, 412);
    // RFC 6352 §6.3.2.2, §8.5: as it was sent; RFC 6352 §6.3.2.3: with a strong tag.
    let read = desk.ask("GET", "zoe.vcf", &[], "");
    assert_eq!(read.body, zoe);
    let tag = read.header("etag").unwrap();
    let stale = desk.put("zoe.vcf", &zoe.replace("Zozo", "Zo"));
    assert_ne!(stale.header("etag"), Some(tag));
    assert_eq!(desk.ask("PUT", "zoe.vcf", &[&format!("If-Match: {tag}")], &zoe).status, 412);
    // RFC 6352 §6.3.2.1
    let two = format!("{zoe}{}", card("two", "Two"));
    for text in ["no card", two.as_str()] {
        desk.refused(&desk.ask("PUT", "bad.vcf", &[], text), 403, "valid-address-data");
    }
    // RFC 6352 §5.2: an address book holds no collections.
    desk.refused(&desk.ask("MKCOL", "below/", &[], MAKE_BOOK), 403, "addressbook-collection-location-ok");
    for (uid, name) in [("ana", "Ana Lopes"), ("max", "Max Martin")] {
        desk.put(&format!("{uid}.vcf"), &card(uid, name));
    }

    let query = |data: &str, test: &str, filter: &str, limit: &str| {
        format!(
            "<C:addressbook-query xmlns:D='DAV:' xmlns:C='{CARDDAV}'><D:prop><D:getetag/>{data}</D:prop>\
             <C:filter {test}>{filter}</C:filter>{limit}</C:addressbook-query>"
        )
    };
    let text = |name: &str, attributes: &str, words: &str| {
        format!("<C:prop-filter name='{name}'><C:text-match {attributes}>{words}</C:text-match></C:prop-filter>")
    };
    let martin = text("FN", "match-type='ends-with'", "martin");
    let zo = text("NICKNAME", "match-type='equals'", "zo");
    for (test, filter, names) in [
        // RFC 6352 §8.6, §10.3: everything.
        ("", String::new(), ["ana", "max", "zoe"].as_slice()),
        // RFC 6352 §10.5.4, §8.3: how a text is compared, by which collation, and negated.
        ("", text("FN", "match-type='starts-with'", "ANA"), &["ana"]),
        ("", text("FN", "match-type='starts-with' collation='i;octet'", "ANA"), &[]),
        ("", text("FN", "match-type='contains'", "ZOË"), &["zoe"]),
        ("", text("FN", "match-type='contains' negate-condition='yes'", "martin"), &["ana"]),
        // RFC 6352 §10.5: one or all.
        ("", format!("{martin}{zo}"), &["max", "zoe"]),
        ("test='allof'", format!("{martin}{zo}"), &["zoe"]),
        // RFC 6352 §10.5.1, §10.5.3: there, and not there.
        ("", "<C:prop-filter name='NICKNAME'/>".to_owned(), &["zoe"]),
        ("", "<C:prop-filter name='NICKNAME'><C:is-not-defined/></C:prop-filter>".to_owned(), &["ana", "max"]),
        // RFC 6352 §10.5.2
        (
            "",
            "<C:prop-filter name='EMAIL'><C:param-filter name='TYPE'><C:text-match>home</C:text-match></C:param-filter></C:prop-filter>".to_owned(),
            &["zoe"],
        ),
    ] {
        let told = desk.report(&query("", test, &filter, ""));
        let found: Vec<&str> =
            hrefs(&told).iter().filter_map(|it| it.strip_prefix(&desk.at)?.strip_suffix(".vcf")).collect();
        assert_eq!(found, names, "{filter}");
    }
    // RFC 6352 §8.4, §10.4, §10.4.2: these properties alone; RFC 6352 §10.4.1: all of them.
    let part = "<C:address-data><C:prop name='VERSION'/><C:prop name='FN'/></C:address-data>";
    let told = desk.report(&query(part, "", &martin, ""));
    assert!(told.contains("FN:Max Martin") && !told.contains("EMAIL"), "{told}");
    let told = desk.report(&query("<C:address-data><C:allprop/></C:address-data>", "", &martin, ""));
    assert!(told.contains("EMAIL"), "{told}");
    // RFC 6352 §8.6.1, §8.6.2, §10.6, §10.6.1: as many as are wanted, and that there are more.
    let limited = desk.report(&query("", "", "", "<C:limit><C:nresults>2</C:nresults></C:limit>"));
    assert!(limited.contains("507 Insufficient Storage"), "{limited}");
    assert_eq!(hrefs(&limited).iter().filter(|it| it.ends_with(".vcf")).count(), 2, "{limited}");
    let wrong = desk.ask("REPORT", "", &["Depth: 1"], &query("", "", &text("FN", "collation='i;none'", "x"), ""));
    desk.refused(&wrong, 403, "supported-collation");
    // RFC 6352 §8.7, §10.7: those that are named.
    let get = format!(
        "<C:addressbook-multiget xmlns:D='DAV:' xmlns:C='{CARDDAV}'><D:prop><C:address-data/></D:prop>\
         <D:href>{0}ana.vcf</D:href><D:href>{0}none.vcf</D:href></C:addressbook-multiget>",
        desk.at
    );
    let told = desk.report(&get);
    assert!(told.contains("FN:Ana Lopes") && told.contains("404 Not Found") && !told.contains("Martin"), "{told}");
}
