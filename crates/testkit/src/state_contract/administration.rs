//! The trail, calls that may be repeated, API clients, accounts' cards.

use super::{Campus, NOW, account, octets, unique};
use passerelle_core::{
    Error,
    ports::state::{
        AUDIT_KEPT, ApiClient, ApiProof, AuditLine, AuditQuery, CALL_KEPT, Card, CardText, Claim, LONGEST_ANSWER, State,
    },
};
use passerelle_model::{InstitutionId, Timestamp};
use std::sync::Arc;

pub(super) fn line(institution: &InstitutionId, at: i64, target: &str) -> AuditLine {
    AuditLine {
        at: NOW.plus(at),
        id: octets(),
        institution: institution.clone(),
        who: format!("account:{institution}/Zoë"),
        from: "2001:db8::1".to_owned(),
        method: "account.lock".to_owned(),
        target: target.to_owned(),
        outcome: "done".to_owned(),
        change: "login 'x' \\ é".to_owned(),
    }
}

/// The newest first, of one institution, page by page without a gap, of one target or all.
pub async fn the_trail_is_read_backwards(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    // Several in one second, too.
    let mut lines: Vec<AuditLine> = (0..9).map(|n| line(&a, n / 3, if n % 2 == 0 { "u1" } else { "u2" })).collect();
    // One by one, several at once, and none.
    for some in [&lines[..1], &lines[1..2], &lines[2..], &[]] {
        state.audit(some).await.unwrap();
    }
    state.audit(&[line(&b, 0, "u1")]).await.unwrap();
    let twice = [line(&a, 5, "u3"), lines[0].clone()];
    assert!(state.audit(&twice).await.is_err(), "a line is there once");
    state.secure().await.unwrap();
    lines.sort_by_key(|line| std::cmp::Reverse((line.at, line.id)));
    let ask = |target: Option<&'static str>, before, limit| AuditQuery { institution: &a, target, before, limit };
    assert_eq!(state.audited(ask(None, None, 100)).await.unwrap(), lines);
    let (mut read, mut before) = (Vec::new(), None);
    loop {
        let page = state.audited(ask(None, before, 2)).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some((last.at, last.id));
        read.extend(page);
    }
    assert_eq!(read, lines);
    let of_one: Vec<AuditLine> = lines.into_iter().filter(|line| line.target == "u2").collect();
    assert_eq!(state.audited(ask(Some("u2"), None, 100)).await.unwrap(), of_one);
    assert!(state.audited(ask(Some("u"), None, 100)).await.unwrap().is_empty());
}

/// Of many who claim a key one may call; the others get its answer, once there is one.
pub async fn a_call_is_made_once(state: Arc<dyn State>) {
    let (key, call): ([u8; 32], [u8; 32]) = (octets(), octets());
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let state = Arc::clone(&state);
            tokio::spawn(async move { state.claim_call(&key, &call, NOW).await.unwrap() })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Claim::New => won += 1,
            known => assert_eq!(known, Claim::Known { call, answer: None }),
        }
    }
    assert_eq!(won, 1);
    state.settle_call(&key, "<é>").await.unwrap();
    let answer = Some("<é>".to_owned());
    assert_eq!(state.claim_call(&key, &octets(), NOW).await.unwrap(), Claim::Known { call, answer: answer.clone() });
    // What has an answer is not given back.
    state.release_call(&key).await.unwrap();
    assert_eq!(state.claim_call(&key, &call, NOW).await.unwrap(), Claim::Known { call, answer });
    // After a day it is another call, swept or not.
    let (later, other) = (NOW.plus(CALL_KEPT), octets());
    assert_eq!(state.claim_call(&key, &other, later).await.unwrap(), Claim::New);
    assert_eq!(state.claim_call(&key, &other, later).await.unwrap(), Claim::Known { call: other, answer: None });
    state.release_call(&key).await.unwrap();
    assert_eq!(state.claim_call(&key, &call, later).await.unwrap(), Claim::New);
    let long = "x".repeat(LONGEST_ANSWER + 1);
    assert!(matches!(state.settle_call(&key, &long).await, Err(Error::Invalid { .. })));
}

pub(super) fn client(institutions: &[&InstitutionId]) -> ApiClient {
    ApiClient {
        id: unique(),
        proof: ApiProof::Token(octets()),
        name: "Portal 'é'".to_owned(),
        institutions: institutions.iter().map(|it| (*it).clone()).collect(),
        methods: vec!["account.*".to_owned(), "group.get".to_owned()],
        made: NOW,
        until: Some(NOW.plus(9)),
        last_used: None,
    }
}

/// A client comes back as it was; its use is noted hourly; once removed it is gone.
pub async fn api_clients_come_and_go(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let mut one = client(&[&a, &b]);
    let other = ApiClient { proof: ApiProof::Certificate(octets()), until: None, ..client(&[&a]) };
    for it in [&one, &other] {
        state.add_client(it).await.unwrap();
        assert!(matches!(state.add_client(it).await, Err(Error::Conflict)));
    }
    assert_eq!(state.client(&one.id).await.unwrap(), Some(one.clone()));
    for (at, noted) in [(0, 0), (3599, 0), (3600, 3600)] {
        state.client_used(&one.id, NOW.plus(at)).await.unwrap();
        one.last_used = Some(NOW.plus(noted));
        assert_eq!(state.client(&one.id).await.unwrap(), Some(one.clone()), "{at}");
    }
    let all = state.clients().await.unwrap();
    assert!(all.contains(&one) && all.contains(&other));
    assert!(state.remove_client(&one.id).await.unwrap());
    assert!(!state.remove_client(&one.id).await.unwrap());
    assert_eq!(state.client(&one.id).await.unwrap(), None);
}

pub(super) fn card_text() -> CardText {
    let text = |word: &str| format!("{word} é '\"");
    CardText {
        owner: text("owner"),
        customer: text("customer"),
        country: text("country"),
        subscription: text("subscription"),
        state: text("state"),
        external_address: text("external"),
        comment: "two\nlines".to_owned(),
    }
}

/// Text and log-ins do not touch each other; log-ins are noted hourly; an end is told of until it was dealt with.
pub async fn a_card_keeps_text_and_log_ins(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (one, other) = (account(&a, "Zoë"), account(&a, "u2"));
    assert_eq!(state.card(&one).await.unwrap(), Card::default());
    for (at, count, last) in [(0, 1, 0), (3599, 1, 0), (3600, 2, 3600), (3601, 2, 3600)] {
        state.signed_in(&one, NOW.plus(at)).await.unwrap();
        let card = state.card(&one).await.unwrap();
        assert_eq!((card.sign_ins, card.last_sign_in), (count, Some(NOW.plus(last))), "{at}");
    }
    // Long ago: other checks ask for ended cards at moments of their own, and the sweep touches none.
    let ends = Timestamp(i64::MIN + 7);
    let set = async |account: &passerelle_model::Account, before: &Card, text: &CardText, ends| {
        state.set_card(account, before, text, ends).await.unwrap()
    };
    let nothing = Card::default();
    assert!(set(&one, &nothing, &card_text(), Some(ends)).await);
    let card = Card { text: card_text(), ends: Some(ends), sign_ins: 2, last_sign_in: Some(NOW.plus(3600)) };
    assert_eq!(state.card(&one).await.unwrap(), card);
    // Who has not seen what is there writes nothing, whatever the log-ins are.
    let last = Card { ends: Some(ends.plus(1)), ..card.clone() };
    let comment = Card { text: CardText { comment: "other".to_owned(), ..card_text() }, ..card.clone() };
    for unseen in [&nothing, &last, &comment] {
        assert!(!set(&one, unseen, &CardText::default(), None).await, "{unseen:?}");
    }
    assert!(!set(&account(&a, "nobody"), &card, &card_text(), None).await, "there is no such card");
    assert_eq!(state.card(&one).await.unwrap(), card);
    assert_ne!(card.version(), comment.version());
    assert_ne!(card.version(), last.version());
    assert!(set(&other, &nothing, &CardText::default(), None).await);
    let after = [NOW.plus(3599), NOW.plus(3600)];
    assert_eq!(state.signed_in_after(&a, &after).await.unwrap(), [1, 0]);
    let due = async || state.ended_cards(ends, 1000).await.unwrap().contains(&one);
    assert!(due().await);
    assert!(!state.ended_cards(ends.plus(-1), 1000).await.unwrap().contains(&one));
    state.settle_card(&one, ends.plus(-1)).await.unwrap();
    assert!(due().await);
    state.settle_card(&one, ends).await.unwrap();
    assert!(!due().await);
    // The same end again is dealt with; another one is not.
    let ended = |ends| Card { ends: Some(ends), ..Card::default() };
    assert!(set(&one, &card, &CardText::default(), Some(ends)).await);
    assert!(!due().await);
    assert!(set(&one, &ended(ends), &CardText::default(), Some(ends.plus(-1))).await);
    assert!(due().await);
    assert!(set(&one, &ended(ends.plus(-1)), &CardText::default(), None).await);
    assert!(!due().await);
    assert_eq!(state.card(&one).await.unwrap().sign_ins, 2);
    state.signed_in(&other, NOW).await.unwrap();
    assert_eq!(state.card(&other).await.unwrap().sign_ins, 1);
}

/// The trail is kept for a year and calls for a day; what is younger stays. Part of the one check that sweeps at `now`.
pub(super) async fn old_lines_and_calls_are_swept(state: &dyn State, now: Timestamp) {
    let Campus { a, .. } = Campus::new();
    for (target, at) in [("gone", now.plus(-AUDIT_KEPT)), ("stays", now.plus(1 - AUDIT_KEPT))] {
        state.audit(&[AuditLine { at, ..line(&a, 0, target) }]).await.unwrap();
    }
    let (old, young): ([u8; 32], [u8; 32]) = (octets(), octets());
    state.claim_call(&old, &old, now.plus(-CALL_KEPT)).await.unwrap();
    state.claim_call(&young, &young, now.plus(1 - CALL_KEPT)).await.unwrap();
    state.sweep(now).await.unwrap();
    let query = AuditQuery { institution: &a, target: None, before: None, limit: 9 };
    let left = state.audited(query).await.unwrap();
    assert_eq!(left.iter().map(|line| line.target.as_str()).collect::<Vec<_>>(), ["stays"]);
    let earlier = now.plus(-CALL_KEPT);
    assert_eq!(state.claim_call(&old, &old, earlier).await.unwrap(), Claim::New);
    assert_eq!(state.claim_call(&young, &young, earlier).await.unwrap(), Claim::Known { call: young, answer: None });
}
