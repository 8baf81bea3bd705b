//! The mail store in memory keeps the contract of real ones.

use passerelle_core::ports::MailStore;
use passerelle_testkit::{
    mail_contract::{
        append::keeps_whole_messages_or_none,
        changing::{Tells, copies_and_moves, tells_changes},
        finding::{finds_what_is_sought, shows_what_messages_say},
        tree::makes_and_moves_mailboxes,
        watching::tells_what_happens,
    },
    memory_mail::MemoryMail,
};
use std::sync::Arc;

#[tokio::test]
async fn mailboxes_and_messages() {
    let store = || -> Arc<dyn MailStore> { Arc::new(MemoryMail::default()) };
    makes_and_moves_mailboxes(store(), "u00001", "tree").await;
    keeps_whole_messages_or_none(store(), "u00001", "append").await;
    finds_what_is_sought(store(), "u00001", "find").await;
    shows_what_messages_say(store(), "u00001", "show").await;
    copies_and_moves(store(), "u00001", "copy").await;
    tells_changes(store(), "u00001", "changes", Tells::Everything).await;
    tells_what_happens(store(), "u00001", "watch").await;
}
