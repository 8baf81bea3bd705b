//! What a relay owes to a client that has closed its half, with streams in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use super::*;
use std::future::poll_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

/// More than anything said here.
const ROOM: usize = 4096;

/// Pipes, and the ends of client and store that they and the test hold.
struct Bench {
    pipes: Pipes,
    client: DuplexStream,
    store: DuplexStream,
    clients_end: DuplexStream,
    stores_end: DuplexStream,
}

impl Bench {
    fn new() -> Self {
        let ((client, clients_end), (store, stores_end)) = (duplex(ROOM), duplex(ROOM));
        Self { pipes: Pipes::new(&[]), client, store, clients_end, stores_end }
    }

    /// The client says this and closes its half; the pipes have noticed.
    async fn half_closed(commands: &str) -> Self {
        let mut bench = Self::new();
        bench.clients_end.write_all(commands.as_bytes()).await.unwrap();
        bench.clients_end.shutdown().await.unwrap();
        assert!(matches!(bench.poll().await, Poll::Ready(Ok(Turn::HalfClosed))), "{commands}");
        bench
    }

    async fn poll(&mut self) -> Poll<io::Result<Turn>> {
        poll_fn(|cx| Poll::Ready(self.pipes.poll_both(cx, &mut self.client, &mut self.store))).await
    }

    async fn store_says(&mut self, answer: &str) -> Poll<io::Result<Turn>> {
        self.stores_end.write_all(answer.as_bytes()).await.unwrap();
        self.poll().await
    }

    async fn client_hears(&mut self, expected: &str) {
        let mut heard = vec![0; expected.len()];
        self.clients_end.read_exact(&mut heard).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&heard), expected);
    }
}

fn long_ago(wait: Duration) -> Instant {
    Instant::now().checked_sub(wait).unwrap()
}

#[tokio::test]
async fn it_ends_with_the_last_answer() {
    let mut bench = Bench::half_closed("a NOOP\r\nb FETCH 1 BODY[]\r\n").await;
    assert!(bench.poll().await.is_pending());
    assert!(bench.store_says("a OK\r\n* 1 FETCH (BODY[] {9}\r\nb OK\r\nx\r\n").await.is_pending());
    assert!(bench.store_says(")\r\nb O").await.is_pending());
    assert!(matches!(bench.store_says("K\r\n").await, Poll::Ready(Ok(Turn::Client))));
    bench.client_hears("a OK\r\n* 1 FETCH (BODY[] {9}\r\nb OK\r\nx\r\n)\r\nb OK\r\n").await;
}

#[tokio::test]
async fn what_did_not_end_is_not_waited_for() {
    for commands in ["", "a NO", "a APPEND x {9+}\r\nabc"] {
        let mut bench = Bench::half_closed(commands).await;
        assert!(matches!(bench.poll().await, Poll::Ready(Ok(Turn::Client))), "{commands}");
    }
    // Whether a literal may come, or an IDLE begin, the store still says.
    for (commands, answer) in
        [("a APPEND x {9}\r\n", "+ go on\r\n"), ("i IDLE\r\n", "+ idling\r\n"), ("i IDLE\r\n", "i BAD\r\n")]
    {
        let mut bench = Bench::half_closed(commands).await;
        assert!(bench.poll().await.is_pending(), "{commands}");
        assert!(matches!(bench.store_says(answer).await, Poll::Ready(Ok(Turn::Client))), "{commands}");
        bench.client_hears(answer).await;
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_given_up() {
    let idle = LAST_ANSWER * 10;
    let mut bench = Bench::half_closed("a NOOP\r\n").await;
    assert_eq!(bench.pipes.overdue(idle), None);
    assert!(bench.pipes.next_look(idle) <= Instant::now() + LAST_ANSWER);
    bench.pipes.last_heard = long_ago(LAST_ANSWER);
    assert_eq!(bench.pipes.overdue(idle).map(|it| it.0), Some("unanswered"));
    // Whatever it says gives it time again, but not for ever.
    assert!(bench.store_says("* 1 EXISTS\r\n").await.is_pending());
    assert_eq!(bench.pipes.overdue(idle), None);
    bench.pipes.closed = Some(long_ago(idle));
    assert_eq!(bench.pipes.overdue(idle).map(|it| it.0), Some("idle"));
}

#[tokio::test]
async fn a_client_that_reads_slowly_is_given_time() {
    let idle = LAST_ANSWER * 10;
    let mut bench = Bench::half_closed("a NOOP\r\n").await;
    let long = format!("* OK {}\r\n", "x".repeat(ROOM - 7));
    assert!(bench.store_says(&long).await.is_pending());
    assert!(bench.store_says("a OK\r\n").await.is_pending());
    assert!(!bench.pipes.down.left.is_empty(), "the client has not taken all");
    bench.pipes.last_heard = long_ago(LAST_ANSWER);
    assert_eq!(bench.pipes.overdue(idle), None);
    bench.client_hears(&long).await;
    assert!(matches!(bench.poll().await, Poll::Ready(Ok(Turn::Client))));
    bench.client_hears("a OK\r\n").await;
    bench.pipes.last_heard = long_ago(idle);
    assert_eq!(bench.pipes.overdue(idle).map(|it| it.0), Some("idle"));
}

#[tokio::test]
async fn a_drain_waits_for_what_is_under_way() {
    let mut bench = Bench::new();
    bench.clients_end.write_all(b"a NOOP\r\n").await.unwrap();
    bench.pipes.draining = true;
    assert!(bench.poll().await.is_pending(), "a command without its answer");
    assert!(matches!(bench.store_says("a OK\r\n").await, Poll::Ready(Ok(Turn::Rest))));
    bench.clients_end.write_all(b"i IDLE\r\n").await.unwrap();
    assert!(bench.poll().await.is_pending());
    assert!(matches!(bench.store_says("+ idling\r\n").await, Poll::Ready(Ok(Turn::Rest))), "an IDLE can be left");
}

impl Bench {
    /// A server elsewhere is spoken with, and this was let pass to it.
    async fn elsewhere(command: &str) -> Self {
        let mut bench = Self::new();
        bench.pipes.stop(Stops::Always);
        bench.pipes.sift(Some(Kept::Mailbox));
        bench.clients_end.write_all(command.as_bytes()).await.unwrap();
        assert!(matches!(bench.poll().await, Poll::Ready(Ok(Turn::Stopped))), "{command}");
        let stopped = bench.pipes.take_stopped().unwrap();
        bench.pipes.let_pass(stopped).unwrap();
        assert!(bench.poll().await.is_pending());
        bench
    }
}

#[tokio::test]
async fn a_server_elsewhere_that_owes_an_answer_has_a_minute() {
    let mut bench = Bench::elsewhere("a FETCH 1 FLAGS\r\n").await;
    assert!(bench.pipes.due().unwrap() > Instant::now());
    bench.pipes.heard = long_ago(STALLS);
    assert!(bench.pipes.due().unwrap() <= Instant::now());
    assert!(bench.store_says("* 1 FETCH (FLAGS ())\r\n").await.is_pending());
    assert!(bench.pipes.due().unwrap() > Instant::now(), "it was heard");
    assert!(bench.store_says("a OK x\r\n").await.is_pending());
    assert_eq!(bench.pipes.due(), None, "it owes nothing");
    // The beginning of something that nobody asked for has to end too.
    assert!(bench.store_says("* 1 FET").await.is_pending());
    assert!(bench.pipes.due().is_some());
    // In IDLE it may be silent.
    let mut bench = Bench::elsewhere("i IDLE\r\n").await;
    assert!(bench.pipes.due().is_some());
    assert!(bench.store_says("+ idling\r\n").await.is_pending());
    assert_eq!(bench.pipes.due(), None);
}

#[tokio::test]
async fn what_a_lost_server_owes_is_answered_where_that_is_true() {
    for (command, said, expected) in [
        ("a FETCH 1 FLAGS\r\n", "* 1 EXISTS\r\n* 2 EX", Some("* 1 EXISTS\r\na NO gone\r\n")),
        ("a UID SEARCH ALL\r\n", "", Some("a NO gone\r\n")),
        ("a IDLE\r\n", "", Some("a NO gone\r\n")),
        ("a APPEND x {3}\r\n", "", Some("a NO gone\r\n")),
        ("a NOOP\r\n", "a OK x\r\n", Some("a OK says the server elsewhere\r\n")),
        // Half told; waited in; and what may have been done, or not.
        ("a FETCH 1 BODY[]\r\n", "* 1 FETCH (BODY[] {9}\r\nx", None),
        ("a IDLE\r\n", "+ idling\r\n", None),
        ("a STORE 1 FLAGS ()\r\n", "", None),
        ("a UID MOVE 1 x\r\n", "", None),
        ("a EXPUNGE\r\n", "* 1 EXPUNGE\r\n", None),
    ] {
        let mut bench = Bench::elsewhere(command).await;
        assert!(bench.store_says(said).await.is_pending());
        let given_up = bench.pipes.give_up(b"NO gone");
        assert_eq!(given_up, expected.is_some(), "{command}");
        if let Some(expected) = expected {
            assert!(bench.poll().await.is_pending());
            bench.client_hears(expected).await;
            assert!(bench.pipes.may_speak() && bench.pipes.is_answered(), "{command}");
        }
    }
}
