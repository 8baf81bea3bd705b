//! What administrators see before and after a group is made: whom its filter finds, and whom it names.

use crate::provision::{Setting, account, group, new_account, new_group, said, whole};
use passerelle_core::ports::{AccountLock, MemberChange};
use passerelle_model::Account;

#[tokio::test]
async fn campus_a_filter_is_tried_before_it_is_kept() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    for number in 0..23 {
        handle.create_account(&new_account(&format!("p{number:02}"), &[], None)).await.unwrap();
    }
    let found = handle.matching("(uid=p*)").await.unwrap();
    let first: Vec<String> = found.first.iter().map(|person| person.account.to_string()).collect();
    assert_eq!(found.count, 23);
    assert_eq!(first, (0..20).map(|number| format!("p{number:02}")).collect::<Vec<_>>());
    // Who comes or goes is seen at once, and what is no person is none.
    handle.create_account(&new_account("p23", &[], None)).await.unwrap();
    assert_eq!(handle.matching("(uid=p*)").await.unwrap().count, 24);
    assert_eq!(handle.matching("(ou=groups)").await.unwrap().count, 0);
    said("invalid", handle.matching("(uid=p").await);
    said("invalid", handle.matching("").await);
    // Two filters that differ by the case of a value are two questions.
    handle.lock_account(&account("p01"), AccountLock::Lock).await.unwrap();
    assert_eq!(handle.matching("(&(uid=p0*)(carLicense=locked))").await.unwrap().count, 1);
}

#[tokio::test]
async fn campus_whom_a_group_names_is_listed_page_by_page() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_group(&new_group("g", None)).await.unwrap();
    let nobody = handle.named_members(&group("g"), None, 10).await.unwrap();
    assert!(nobody.items.is_empty() && nobody.next.is_none(), "the member that nobody is");
    let logins: Vec<String> = (0..11).map(|number| format!("p{number:02}")).collect();
    for login in &logins {
        handle.create_account(&new_account(login, &[], None)).await.unwrap();
    }
    let all: Vec<Account> = logins.iter().map(|login| whole(login)).collect();
    handle.change_members(&group("g"), MemberChange::Add, &all).await.unwrap();
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = handle.named_members(&group("g"), after.as_deref(), 5).await.unwrap();
        seen.extend(page.items.iter().map(|person| person.account.to_string()));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen, pages), (logins, 3));
    // Who is gone is named by nobody; a dynamic group names nobody, and none is not there.
    handle.delete_account(&account("p03")).await.unwrap();
    assert_eq!(handle.named_members(&group("g"), None, 20).await.unwrap().items.len(), 10);
    handle.create_group(&new_group("d", Some("(uid=bob)"))).await.unwrap();
    said("invalid", handle.named_members(&group("d"), None, 20).await);
    said("not found", handle.named_members(&group("nothing"), None, 20).await);
}
