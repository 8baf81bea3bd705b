//! Searching, sorting, threads, and what is to be seen of messages, on five messages that are made for it.

use super::{append::arriving, owner, tree::managed};
use futures::TryStreamExt;
use passerelle_core::{
    Error, OpenedMailbox, Read,
    ports::{
        Direction, Flag, HeaderName, Item, Items, MailAddress, MailStore, Place, Query, Search, SortBy, SortKey,
        Structure, Summary, Window,
    },
};
use passerelle_model::Timestamp;
use std::{num::NonZeroU32, sync::Arc};

/// An hour before midnight in UTC: a day later in half of the world.
const BEGINNING: i64 = 1_700_002_800 - 3600;

struct Made {
    open: OpenedMailbox,
    uids: Vec<u32>,
}

impl Made {
    /// The messages that a query finds, by their numbers from 1.
    async fn numbers(
        &mut self,
        search: Search,
        sort: &[(SortBy, Direction)],
        window: Option<Window>,
    ) -> (Vec<usize>, u32) {
        let sort = sort.iter().map(|(by, direction)| SortKey { by: by.clone(), direction: *direction }).collect();
        let found = self.open.find(&Query { search, sort, window }).await.unwrap();
        (found.uids.iter().map(|uid| self.uids.iter().position(|it| it == uid).unwrap() + 1).collect(), found.total)
    }

    #[track_caller]
    fn check(found: &(Vec<usize>, u32), expected: &[usize], what: &str) {
        assert_eq!(found.0, expected, "{what}");
        assert_eq!(usize::try_from(found.1).unwrap(), expected.len(), "{what}");
    }

    async fn finds(&mut self, what: &str, search: Search, expected: &[usize]) {
        let found = self.numbers(search, &[], None).await;
        Self::check(&found, expected, what);
    }

    async fn sorts(&mut self, by: SortBy, direction: Direction, expected: &[usize]) {
        let what = format!("{by:?} {direction:?}");
        let found = self.numbers(Search::Everything, &[(by, direction)], None).await;
        Self::check(&found, expected, &what);
    }

    async fn show(&mut self, uids: &[u32], items: &[Item], headers: &[&str]) -> Vec<Summary> {
        let headers = headers.iter().map(|it| HeaderName::parse(it).unwrap()).collect();
        let items = Items { items: items.to_vec(), headers };
        let mut shown: Vec<Summary> = self.open.show(uids, &items).await.unwrap().try_collect().await.unwrap();
        shown.sort_by_key(|it| it.uid);
        shown
    }
}

fn flag(text: &str) -> Flag {
    Flag::parse(text).unwrap()
}

fn texts() -> Vec<(String, i64, Vec<&'static str>)> {
    let head = |from: &str, subject: &str, id: u32, more: &str| {
        format!(
            "From: {from}\r\nTo: bob@a.test\r\nSubject: {subject}\r\nMessage-ID: <m{id}@contract.test>\r\n{more}MIME-Version: 1.0\r\n"
        )
    };
    let plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let mixed = "Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nvoici\r\n--cut\r\nContent-Type: application/pdf; name=\"x.pdf\"\r\nContent-Disposition: attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--cut--\r\n";
    vec![
        (format!("{}{plain}la cr\u{e8}me\r\n", head("Zoe <zoe@a.test>", "Budget", 1, "")), 0, vec![]),
        (
            format!(
                "{}{plain}oui\r\n",
                head(
                    "Anna <anna@a.test>",
                    "Re: Budget",
                    2,
                    "In-Reply-To: <m1@contract.test>\r\nReferences: <m1@contract.test>\r\n"
                )
            ),
            3600,
            vec!["\\Seen"],
        ),
        (format!("{}{mixed}", head("Marc <marc@a.test>", "Agenda", 3, "")), 3601, vec!["\\Flagged", "$Note"]),
        (
            format!("{}{plain}{}", head("Eve <eve@a.test>", "Colloque", 4, ""), "a line of text\r\n".repeat(300)),
            90_000,
            vec!["\\Seen", "\\Answered"],
        ),
        (
            format!(
                "{}{plain}merci\r\n",
                head(
                    "Zoe <zoe@a.test>",
                    "Re: Budget",
                    5,
                    "In-Reply-To: <m2@contract.test>\r\nReferences: <m1@contract.test> <m2@contract.test>\r\n"
                )
            ),
            200_000,
            vec![],
        ),
    ]
}

async fn made(store: Arc<dyn MailStore>, login: &str, name: &str) -> Made {
    let (session, mailbox) = owner(store, login, name).await;
    let managing = managed(&session, name).await;
    let _ = managing.delete().await;
    managing.create(None).await.unwrap();
    for (text, later, flags) in texts() {
        let mut message = arriving(text.len(), vec![Ok(text.into_bytes())], &flags);
        message.received = Some(Timestamp(BEGINNING + later));
        managing.append(message).await.unwrap();
    }
    let mut open = session.open::<_, Read>(mailbox).await.unwrap().keep_open(None).await.unwrap();
    let all = open.find(&Query { search: Search::Everything, sort: Vec::new(), window: None }).await.unwrap();
    assert_eq!((all.uids.len(), all.total), (5, 5));
    Made { open, uids: all.uids }
}

/// What is searched for is found and nothing else, to the second; orders are as they are asked for, in windows too; messages
/// that answer each other are one thread. `name` is a mailbox that this test may make and delete.
pub async fn finds_what_is_sought(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let mut made = made(store, login, name).await;
    let text = |place: Place, text: &str| Search::Text(place, text.to_owned());
    let header = |name: &str| HeaderName::parse(name).unwrap();
    let not = |one: Search| Search::Not(Box::new(one));
    made.finds("everything", Search::Everything, &[1, 2, 3, 4, 5]).await;
    made.finds("seen", Search::Has(flag("\\Seen")), &[2, 4]).await;
    made.finds("unseen", not(Search::Has(flag("\\Seen"))), &[1, 3, 5]).await;
    made.finds("a keyword", Search::Has(flag("$Note")), &[3]).await;
    made.finds("all of none", Search::And(vec![]), &[1, 2, 3, 4, 5]).await;
    made.finds("any of none", Search::Or(vec![]), &[]).await;
    let both = Search::And(vec![Search::Has(flag("\\Seen")), not(Search::Has(flag("\\Answered")))]);
    made.finds("both", both.clone(), &[2]).await;
    let any = vec![Search::Has(flag("\\Flagged")), both.clone(), text(Place::Subject, "colloque")];
    made.finds("any of three", Search::Or(any.clone()), &[2, 3, 4]).await;
    made.finds("none of three", not(Search::Or(any)), &[1, 5]).await;
    made.finds("not both", not(both), &[1, 3, 4, 5]).await;
    made.finds("large", Search::AtLeast(4000), &[4]).await;
    made.finds("small", Search::Below(4000), &[1, 2, 3, 5]).await;
    made.finds("larger than can be", Search::AtLeast(u64::MAX), &[]).await;
    made.finds("of any size", Search::And(vec![Search::AtLeast(0), Search::Below(u64::MAX)]), &[1, 2, 3, 4, 5]).await;
    for (what, at, since) in [
        ("the beginning", 0, vec![1, 2, 3, 4, 5]),
        ("a second later", 1, vec![2, 3, 4, 5]),
        ("the second of one", 3601, vec![3, 4, 5]),
        ("a day later", 90_001, vec![5]),
        ("the end", 200_001, vec![]),
    ] {
        let at = Timestamp(BEGINNING + at);
        let before: Vec<usize> = (1..=5).filter(|it| !since.contains(it)).collect();
        made.finds(what, Search::Since(at), &since).await;
        made.finds(what, Search::Before(at), &before).await;
    }
    let between = vec![Search::Since(Timestamp(BEGINNING + 3600)), Search::Before(Timestamp(BEGINNING + 90_000))];
    made.finds("between", Search::And(between), &[2, 3]).await;
    made.finds("a subject", text(Place::Subject, "BUDGET"), &[1, 2, 5]).await;
    made.finds("an author", text(Place::From, "anna"), &[2]).await;
    made.finds("an addressee", text(Place::To, "bob"), &[1, 2, 3, 4, 5]).await;
    made.finds("a text with an accent", text(Place::Body, "cr\u{e8}me"), &[1]).await;
    made.finds(
        "two of them",
        Search::Or(vec![text(Place::Body, "cr\u{e8}me"), text(Place::Body, "\u{e9}t\u{e9}")]),
        &[1],
    )
    .await;
    made.finds("what nobody wrote", text(Place::Anywhere, "a \"b\\c"), &[]).await;
    made.finds("a header", Search::HasHeader(header("References")), &[2, 5]).await;
    made.finds("an id", text(Place::Header(header("Message-ID")), "<m3@contract.test>"), &[3]).await;
    let some = vec![made.uids[0], made.uids[3], made.uids[4] + 1000];
    made.finds("some", Search::Uids(some), &[1, 4]).await;
    made.finds("none", Search::Uids(vec![]), &[]).await;
    made.finds("what was there before", Search::UidsBelow(made.uids[2]), &[1, 2]).await;
    made.finds("nothing was before", Search::UidsBelow(1), &[]).await;

    let (up, down) = (Direction::Ascending, Direction::Descending);
    made.sorts(SortBy::Received, down, &[5, 4, 3, 2, 1]).await;
    made.sorts(SortBy::From, up, &[2, 4, 3, 1, 5]).await;
    made.sorts(SortBy::Subject, up, &[3, 1, 2, 5, 4]).await;
    let largest = made.numbers(Search::Everything, &[(SortBy::Size, down)], None).await.0;
    assert_eq!(largest[..2], [4, 3]);
    let keys = [(SortBy::Has(flag("\\Seen")), down), (SortBy::Received, down)];
    assert_eq!(made.numbers(Search::Everything, &keys, None).await.0, [4, 2, 5, 3, 1]);
    let keys = [(SortBy::Subject, up), (SortBy::Received, down)];
    assert_eq!(made.numbers(Search::Everything, &keys, None).await.0, [3, 5, 2, 1, 4]);
    let window = |skip, most| Some(Window { skip, most: NonZeroU32::new(most).unwrap() });
    let newest = [(SortBy::Received, down)];
    for (sort, first) in [(&newest[..], vec![4, 3]), (&[], vec![2, 3])] {
        assert_eq!(made.numbers(Search::Everything, sort, window(1, 2)).await, (first, 5));
        assert_eq!(made.numbers(Search::Everything, sort, window(7, 2)).await, (vec![], 5), "behind the end");
        assert_eq!(made.numbers(Search::Or(vec![]), sort, window(0, 2)).await, (vec![], 0));
    }

    let threads = made.open.threads(&Search::Everything).await.unwrap();
    let mut threads: Vec<Vec<usize>> = threads
        .iter()
        .map(|thread| {
            let number = |uid: &u32| made.uids.iter().position(|it| it == uid).unwrap() + 1;
            thread.iter().map(number).collect()
        })
        .collect();
    threads.sort();
    assert_eq!(threads, [vec![1, 2, 5], vec![3], vec![4]]);
    let none = made.open.threads(&Search::Or(vec![])).await.unwrap();
    assert!(none.is_empty());

    let hostile = text(Place::Subject, "a\r\nx LOGOUT");
    let query = Query { search: hostile, sort: Vec::new(), window: None };
    assert!(matches!(made.open.find(&query).await, Err(Error::Invalid { .. })));
    made.finds("and the connection still serves", Search::Everything, &[1, 2, 3, 4, 5]).await;
}

/// What is to be seen of messages agrees with what they say.
pub async fn shows_what_messages_say(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let mut made = made(store, login, name).await;
    let uids = made.uids.clone();
    let all = [Item::Flags, Item::Size, Item::Received, Item::Envelope, Item::Ids];
    let shown = made.show(&uids, &all, &["Message-ID", "References"]).await;
    assert_eq!(shown.iter().map(|it| it.uid).collect::<Vec<_>>(), uids);
    for (number, (it, (text, later, flags))) in shown.iter().zip(texts()).enumerate() {
        let mut has: Vec<&str> = it.flags.as_ref().unwrap().iter().map(Flag::as_str).collect();
        let mut expected = flags;
        has.sort_unstable();
        expected.sort_unstable();
        assert_eq!(has, expected);
        assert_eq!(it.size, Some(u64::try_from(text.len()).unwrap()));
        assert_eq!(it.received, Some(Timestamp(BEGINNING + later)));
        let id = format!("<m{}@contract.test>", number + 1);
        assert_eq!(it.envelope.as_ref().unwrap().message_id.as_deref(), Some(id.as_str()));
        let headers = String::from_utf8(it.headers.clone().unwrap()).unwrap();
        assert!(
            headers.to_lowercase().contains(&format!("message-id: {id}")) && headers.ends_with("\r\n\r\n"),
            "{headers}"
        );
        assert!(!headers.contains("Subject"), "{headers}");
        assert!(it.structure.is_none() && it.preview.is_none(), "not asked for");
    }
    let second = shown[1].envelope.as_ref().unwrap();
    assert_eq!(second.subject.as_deref(), Some("Re: Budget"));
    let anna = MailAddress::One { name: Some("Anna".to_owned()), address: "anna@a.test".to_owned() };
    assert!(second.from == [anna]);
    assert_eq!(second.in_reply_to.as_deref(), Some("<m1@contract.test>"));
    let gone = made.show(&[uids[4] + 1000], &[Item::Flags], &[]).await;
    assert!(gone.is_empty());
    assert!(made.show(&[], &[Item::Flags], &[]).await.is_empty());
}

/// The parts of messages, and their first words where the store has them.
pub async fn tells_parts(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let mut made = made(store, login, name).await;
    let uids = made.uids.clone();
    let shown = made.show(&uids[..3], &[Item::Structure], &[]).await;
    let Some(Structure::Known(plain)) = &shown[0].structure else { panic!("{:?}", shown[0].structure) };
    assert_eq!((plain.media_type.as_str(), plain.path.len(), plain.parts.len()), ("text/plain", 1, 0));
    assert_eq!(plain.parameters, [("charset".to_owned(), "utf-8".to_owned())]);
    let Some(Structure::Known(mixed)) = &shown[2].structure else { panic!("{:?}", shown[2].structure) };
    assert_eq!((mixed.media_type.as_str(), mixed.path.len(), mixed.parts.len()), ("multipart/mixed", 0, 2));
    let file = &mixed.parts[1];
    assert_eq!((file.media_type.as_str(), file.encoding.as_deref()), ("application/pdf", Some("base64")));
    assert_eq!(
        (file.disposition.as_deref(), file.file_name.as_deref()),
        (Some("attachment"), Some("\u{e9}t\u{e9}.pdf"))
    );
    let part =
        super::read(&mut made.open, uids[2], passerelle_core::ports::Section::Part(file.path.clone())).await.unwrap();
    assert_eq!(u64::try_from(part.len()).ok(), file.size);
    assert!(part.starts_with(b"JVBERi0="));
    let items = Items { items: vec![Item::Preview], headers: Vec::new() };
    match made.open.show(&uids[..1], &items).await {
        Ok(shown) => {
            // A store may make previews later, and says nothing until then.
            let shown: Vec<Summary> = shown.try_collect().await.unwrap();
            assert!(shown[0].preview.as_deref().is_none_or(|it| it.contains("cr\u{e8}me")), "{:?}", shown[0].preview);
        }
        Err(error) => assert_eq!(error.word(), "unsupported"),
    }
}
