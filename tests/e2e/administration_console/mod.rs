//! The console of administrators in Chromium, onto the campus's slapd: accounts and groups are made, found, changed and taken away,
//! a filter is tried, a file imported; in French and in Arabic, on a desk and on a phone. What `ldapsearch` sees afterwards counts.
//! `browser/office_admin.mjs` is the visitor.

mod api;

use crate::{
    administration::{Swept, binds, search},
    harness::Gateway,
    office::visit,
};

/// The administrator of garonne, and somebody who is none and has no other test.
const ADMINISTRATOR: &str = "u00001";
const STRANGER: &str = "u00863";
/// How everything begins that is made here.
const MARK: &str = "console-";

#[test]
fn an_administrator_works_in_the_console() {
    // What an earlier run was kept from taking away.
    drop(Swept::of(MARK));
    let _swept = Swept::of(MARK);
    let gateway = Gateway::start("console");
    visit("office_admin.mjs", &gateway, &[ADMINISTRATOR, STRANGER]);
    for window in ["fr-1440", "fr-390", "ar-1440", "ar-390"] {
        // Made, renamed, and taken out of use: the entry is there under its new login, and nobody signs on.
        let found = search("a", &format!("(uid={MARK}{window}-2)"), &["telephoneNumber", "uid"]);
        let (dn, entry) = found.iter().next().unwrap_or_else(|| panic!("{window}: {found:?}"));
        assert_eq!(entry["telephoneNumber"], ["+33 5 00 00 00 00"], "{dn}");
        assert!(!dn.contains("ou=people,"), "{dn} is out of use");
        assert!(!binds(&format!("{MARK}{window}-2"), "a word"));
        assert!(search("a", &format!("(cn={MARK}{window}*group)"), &[]).is_empty(), "groups were deleted");
        assert_eq!(search("a", &format!("(uid={MARK}{window}-file*)"), &[]).len(), 2, "{window}: from the file");
    }
    // More than one part, of which one was sent twice.
    assert_eq!(search("a", &format!("(uid={MARK}many*)"), &[]).len(), 210);
    assert!(!gateway.log().contains("a word"), "no password is in the log");
}

#[test]
fn an_administrator_changes_the_institution_and_sees_how_it_fares() {
    let gateway = Gateway::start("console-institution");
    visit("office_institution.mjs", &gateway, &[ADMINISTRATOR]);
}
