//! The directory by CardDAV: found by words, listed to nobody.

use super::{ask, element, hrefs};
use crate::harness::Gateway;

const WHO: &str = "u00220@a.test:pw-u00220";
const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";

fn query(filter: &str, limit: &str) -> String {
    format!(
        "<C:addressbook-query xmlns:D='DAV:' xmlns:C='{CARDDAV}'><D:prop><D:getetag/><C:address-data/></D:prop>\
         <C:filter>{filter}</C:filter>{limit}</C:addressbook-query>"
    )
}

fn named(words: &str) -> String {
    format!("<C:prop-filter name='EMAIL'><C:text-match>{words}</C:text-match></C:prop-filter>")
}

#[test]
fn programs_find_people_and_list_nobody() {
    let gateway = Gateway::start("collections-directory");
    let prop = |name: &str, namespace: &str| {
        format!("<D:propfind xmlns:D='DAV:' xmlns:N='{namespace}'><D:prop><N:{name}/></D:prop></D:propfind>")
    };
    let me = "/dav/principals/u00220/";
    let told = ask(&gateway, WHO, "PROPFIND", me, &["Depth: 0"], &prop("directory-gateway", CARDDAV)).body;
    let at = element(element(&told, "C:directory-gateway"), "D:href").to_owned();
    let kind = ask(&gateway, WHO, "PROPFIND", &at, &["Depth: 1"], &prop("resourcetype", "DAV:")).body;
    assert!(kind.contains("C:directory") && kind.contains("C:addressbook"), "{kind}");
    assert_eq!(hrefs(&kind), [at.as_str()].into(), "nobody is listed");
    let home = ask(&gateway, WHO, "PROPFIND", "/dav/contacts/u00220/", &["Depth: 1"], "").body;
    assert!(!home.contains("directory"), "a program that synchronises has nothing to do with it: {home}");

    let find = |filter: &str, limit: &str| {
        let answer = ask(&gateway, WHO, "REPORT", &at, &["Depth: 1"], &query(filter, limit));
        assert_eq!(answer.status, 207, "{}", answer.body);
        answer.body
    };
    let found = find(&named("u00221@"), "");
    let card = format!("{at}u00221.vcf");
    assert_eq!(hrefs(&found), [card.as_str()].into(), "{found}");
    assert!(found.contains("BEGIN:VCARD") && found.contains("UID:u00221@a.test") && found.contains("FN:"), "{found}");
    // Who asked not to be listed is in it for nobody.
    assert!(hrefs(&find(&named("u00250@"), "")).is_empty());
    assert_eq!(ask(&gateway, WHO, "GET", &format!("{at}u00250.vcf"), &[], "").status, 404);
    // The filter decides of whom the directory finds.
    let not_so =
        "<C:prop-filter name='EMAIL'><C:text-match match-type='starts-with'>00221@</C:text-match></C:prop-filter>";
    assert!(hrefs(&find(not_so, "")).is_empty());
    // One letter and no word are everybody: nobody is told, and that there are more.
    for filter in [String::new(), named("u"), "<C:prop-filter name='FN'/>".to_owned()] {
        let told = find(&filter, "");
        assert!(told.contains("507 Insufficient Storage") && !told.contains(".vcf"), "{told}");
    }
    let some = find(&named("u0022"), "<C:limit><C:nresults>3</C:nresults></C:limit>");
    assert_eq!(hrefs(&some).iter().filter(|it| it.ends_with(".vcf")).count(), 3, "{some}");
    assert!(some.contains("507 Insufficient Storage"), "{some}");

    // By name: GET with a tag, and several at once; what is not there is not there.
    let read = ask(&gateway, WHO, "GET", &card, &[], "");
    assert!(read.status == 200 && read.body.contains("EMAIL;TYPE=INTERNET,WORK:u00221@a.test\r\n"), "{}", read.body);
    let known = format!("If-None-Match: {}", read.header("etag").unwrap());
    assert_eq!(ask(&gateway, WHO, "GET", &card, &[&known], "").status, 304);
    let get = format!(
        "<C:addressbook-multiget xmlns:D='DAV:' xmlns:C='{CARDDAV}'><D:prop><C:address-data/></D:prop>\
         <D:href>{card}</D:href><D:href>{at}nobody.vcf</D:href></C:addressbook-multiget>"
    );
    let both = ask(&gateway, WHO, "REPORT", &at, &["Depth: 1"], &get).body;
    assert!(both.contains("UID:u00221@a.test") && both.matches("404 Not Found").count() == 1, "{both}");
    // It is read, and nothing else.
    for (method, path) in [("PUT", &card), ("DELETE", &card), ("PROPPATCH", &at), ("DELETE", &at), ("MKCOL", &at)] {
        let refused = ask(&gateway, WHO, method, path, &[], "x");
        assert_eq!(refused.status, 405, "{method}: {}", refused.body);
    }
    // Another institution's people are not in it.
    let autan = "u00222@b.test:pw-u00222";
    let theirs = ask(&gateway, autan, "REPORT", &at, &["Depth: 1"], &query(&named("@a.test"), "")).body;
    assert!(!theirs.contains(".vcf"), "{theirs}");
}
