//! The mail store in memory keeps the contract of real ones.

use passerelle_testkit::{
    mail_contract::{append::keeps_whole_messages_or_none, tree::makes_and_moves_mailboxes},
    memory_mail::MemoryMail,
};
use std::sync::Arc;

#[tokio::test]
async fn mailboxes_and_messages() {
    let store = Arc::new(MemoryMail::default());
    makes_and_moves_mailboxes(Arc::clone(&store) as _, "u00001", "tree").await;
    keeps_whole_messages_or_none(store, "u00001", "append").await;
}
