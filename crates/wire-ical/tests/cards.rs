//! Cards: facts, demands, filters and parts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

use passerelle_wire_ical::*;

fn card(lines: &str) -> Card<'static> {
    Card::read(format!("BEGIN:VCARD\n{lines}\nEND:VCARD\n").replace('\n', "\r\n").leak().as_bytes()).unwrap()
}

const PERSON: &str = "VERSION:4.0\nUID:urn:uuid:1\nFN:Zoë Dupré\nN:Dupré;Zoë;;;\nitem1.EMAIL;TYPE=work:zoe@a.test\nitem1.X-ABLABEL:Office\nEMAIL;TYPE=home:z@b.test\nNOTE:a\\, b";

#[test]
fn facts() {
    let facts = card(PERSON).facts();
    assert_eq!((facts.uid.as_deref(), facts.full_name.as_str()), (Some("urn:uuid:1"), "Zoë Dupré"));
    assert_eq!(
        (facts.emails, facts.kind, facts.version),
        (vec!["zoe@a.test".to_owned(), "z@b.test".to_owned()], CardKind::Individual, Some(CardVersion::V4))
    );
    let group = card("VERSION:4.0\nKIND:group\nUID:2\nFN:All\nMEMBER:urn:uuid:1\nMEMBER:mailto:x@a.test").facts();
    assert_eq!(
        (group.kind, group.members),
        (CardKind::Group, vec!["urn:uuid:1".to_owned(), "mailto:x@a.test".to_owned()])
    );
    let apple = card(
        "VERSION:3.0\nUID:2\nFN:All\nN:All\nX-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1",
    )
    .facts();
    assert_eq!((apple.kind, apple.members), (CardKind::Group, vec!["urn:uuid:1".to_owned()]));
    let old =
        card("VERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB=\n Dupr=E9\nEMAIL;INTERNET:z@a.test")
            .facts();
    assert_eq!((old.full_name.as_str(), old.version, old.uid), ("Zoë Dupré", Some(CardVersion::V2), None));
}

#[test]
fn demands() {
    assert_eq!(card(PERSON).fit(), Ok(CardVersion::V4));
    for (lines, precondition, what) in [
        (
            "VERSION:2.1\nUID:1\nFN:x",
            CardPrecondition::SupportedAddressData,
            "a card of version 2.1: 3.0 and 4.0 are stored",
        ),
        ("UID:1\nFN:x", CardPrecondition::ValidAddressData, "no VERSION that is known: 3.0 or 4.0"),
        ("VERSION:4.0\nFN:x", CardPrecondition::ValidAddressData, "a card without UID"),
        ("VERSION:4.0\nUID:1", CardPrecondition::ValidAddressData, "a card without FN"),
        ("VERSION:3.0\nUID:1\nFN:x", CardPrecondition::ValidAddressData, "a card of version 3.0 without N"),
        ("VERSION:4.0\nUID:1\nUID:2\nFN:x", CardPrecondition::ValidAddressData, "a second UID"),
    ] {
        let unfit = card(lines).fit().unwrap_err();
        assert_eq!((unfit.precondition, unfit.what.as_str()), (precondition, what));
    }
    assert_eq!(Card::read(b"").unwrap_err().what, "no VCARD");
    assert_eq!(Card::read(b"BEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n").unwrap_err().line, 3);
    assert_eq!(Card::read(b"BEGIN:VEVENT\nEND:VEVENT\n").unwrap_err().what, "a component that is not VCARD");
}

#[test]
fn filters() {
    let text = |wanted: &str, place| TextMatch::new(wanted, Collation::UnicodeCasemap, place);
    let prop = |name: &str, join, texts: Vec<TextMatch>, params| CardPropFilter {
        name: name.to_owned(),
        test: CardPropTest::Defined { join, texts, params },
    };
    let any = |props: Vec<CardPropFilter>| CardFilter { join: Join::AnyOf, props };
    let all = |props: Vec<CardPropFilter>| CardFilter { join: Join::AllOf, props };
    let check = |filter: CardFilter, expected: bool| assert_eq!(filter.matches(&card(PERSON)), expected, "{filter:?}");
    let name = |wanted: &str, place| prop("FN", Join::AnyOf, vec![text(wanted, place)], vec![]);
    check(CardFilter::default(), true);
    check(any(vec![name("ZOË dupré", MatchType::Equals)]), true);
    // The letter and its accent may be two characters.
    check(any(vec![name("zoe\u{308}", MatchType::StartsWith)]), true);
    check(any(vec![name("zoe", MatchType::Equals)]), false);
    check(any(vec![name("dupré", MatchType::EndsWith)]), true);
    check(any(vec![name("dupré", MatchType::StartsWith)]), false);
    let mail = |join, place: &str, kind: &str| {
        let params =
            vec![ParamFilter { name: "TYPE".to_owned(), test: ParamTest::Text(text(kind, MatchType::Equals)) }];
        prop("EMAIL", join, vec![text(place, MatchType::EndsWith)], params)
    };
    check(any(vec![mail(Join::AllOf, "@a.test", "work")]), true);
    check(any(vec![mail(Join::AllOf, "@a.test", "home")]), false);
    check(any(vec![mail(Join::AnyOf, "@a.test", "home")]), true);
    check(any(vec![name("nobody", MatchType::Contains), mail(Join::AllOf, "@b.test", "home")]), true);
    check(all(vec![name("nobody", MatchType::Contains), mail(Join::AllOf, "@b.test", "home")]), false);
    check(any(vec![prop("NOTE", Join::AnyOf, vec![text("a, b", MatchType::Equals)], vec![])]), true);
    check(any(vec![prop("item1.EMAIL", Join::AnyOf, vec![text("zoe", MatchType::StartsWith)], vec![])]), true);
    check(any(vec![prop("item2.EMAIL", Join::AnyOf, vec![], vec![])]), false);
    let not = |name: &str| CardPropFilter { name: name.to_owned(), test: CardPropTest::NotDefined };
    check(all(vec![not("TEL"), prop("UID", Join::AnyOf, vec![], vec![])]), true);
    check(any(vec![not("UID")]), false);
}

#[test]
fn parts() {
    let select = |name: &str, novalue| PropSelect { name: name.to_owned(), novalue };
    let told = card(PERSON).partial(&PropsSelect::Named(vec![select("email", false), select("NOTE", true)]));
    assert_eq!(
        told,
        "BEGIN:VCARD\r\nVERSION:4.0\r\nitem1.EMAIL;TYPE=work:zoe@a.test\r\nEMAIL;TYPE=home:z@b.test\r\nNOTE:\r\nEND:VCARD\r\n"
    );
}
