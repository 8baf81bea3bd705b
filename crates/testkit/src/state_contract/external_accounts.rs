//! Mail accounts that people have elsewhere.

use super::{Campus, NOW, account, unique};
use passerelle_core::{
    Error,
    ports::{
        ExternalFault, ExternalProtocol, ExternalServer, ExternalTls,
        state::{ExternalAccount, FoldersNoted, State},
    },
};
use passerelle_model::{Account, ExternalId, Timestamp};
use std::sync::Arc;

/// An account elsewhere that never was.
pub(super) fn made(owner: &Account, label: &str) -> ExternalAccount {
    ExternalAccount {
        id: ExternalId::parse(&unique()).unwrap(),
        owner: owner.clone(),
        label: label.to_owned(),
        server: ExternalServer::parse("mail.example.org", 993, ExternalTls::Implicit, "é 'x'@example.org")
            .unwrap()
            .speaking(ExternalProtocol::Pop3),
        sealed: format!("sealed-{label}"),
        made: NOW,
        fault: Some((ExternalFault::Slow, NOW.plus(1))),
        folders: Some(("folders".to_owned(), NOW.plus(2))),
        uids: None,
    }
}

/// They are added, told by owner and label, noted, resealed, and removed; nobody meets another's.
pub async fn external_accounts_come_and_go(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (one, other, abroad) = (account(&a, "u1"), account(&a, "u10"), account(&b, "u1"));
    let (second, first) = (made(&one, "b"), made(&one, "a"));
    for row in [&second, &first, &made(&other, "a"), &made(&abroad, "a")] {
        state.add_external(row).await.unwrap();
    }
    let again = state.add_external(&made(&one, "a")).await;
    assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
    assert_eq!(state.externals_of(&one).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(state.external(&one, &first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(state.external(&other, &first.id).await.unwrap(), None);

    // What is said of another's changes nothing.
    state.note_external_fault(&other, &first.id, None).await.unwrap();
    state.note_external_folders(&abroad, &first.id, None).await.unwrap();
    assert!(!state.reseal_external(&other, &first.id, &first.sealed, "x").await.unwrap());
    assert!(!state.remove_external(&other, &first.id).await.unwrap());
    assert_eq!(state.external(&one, &first.id).await.unwrap(), Some(first.clone()));

    state.note_external_fault(&one, &first.id, Some((ExternalFault::Password, NOW))).await.unwrap();
    let noted = FoldersNoted { sealed: "é\n", listed: Timestamp(0) };
    state.note_external_folders(&one, &first.id, Some(noted)).await.unwrap();
    let kept = state.external(&one, &first.id).await.unwrap().unwrap();
    assert_eq!(kept.fault, Some((ExternalFault::Password, NOW)));
    assert_eq!(kept.folders, Some(("é\n".to_owned(), Timestamp(0))));
    assert!(!state.reseal_external(&one, &first.id, "not this", "x").await.unwrap());
    assert!(state.reseal_external(&one, &first.id, &first.sealed, "x").await.unwrap());
    state.note_external_folders(&one, &first.id, None).await.unwrap();
    let kept = state.external(&one, &first.id).await.unwrap().unwrap();
    assert_eq!(kept, ExternalAccount { sealed: "x".to_owned(), fault: None, folders: None, ..first.clone() });

    // Of two nodes that number at once, one wins.
    assert!(!state.note_external_uids(&other, &first.id, None, "u").await.unwrap());
    assert!(state.note_external_uids(&one, &first.id, None, "u").await.unwrap());
    assert!(!state.note_external_uids(&one, &first.id, None, "v").await.unwrap());
    assert!(state.note_external_uids(&one, &first.id, Some("u"), "w").await.unwrap());
    assert_eq!(state.external(&one, &first.id).await.unwrap().unwrap().uids.as_deref(), Some("w"));

    // All of them, page by page.
    let (mut last, mut seen) = (String::new(), Vec::new());
    loop {
        let page = state.externals_after(&last, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(end) = page.last() else { break };
        last = end.id.to_string();
        seen.extend(page.into_iter().map(|row| row.id));
    }
    assert!(seen.is_sorted() && [&first.id, &second.id].iter().all(|id| seen.contains(id)));

    assert!(state.remove_external(&one, &first.id).await.unwrap());
    assert!(!state.remove_external(&one, &first.id).await.unwrap());
    assert_eq!(state.externals_of(&one).await.unwrap(), [second]);
    assert_eq!(state.externals_of(&other).await.unwrap().len(), 1);
}
