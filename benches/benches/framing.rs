//! IMAP framing both ways: what each octet of a relay passes through.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passerelle_wire_imap::{CommandGate, ResponseWatch};
use std::hint::black_box;

/// As much as a relay reads at once.
const PIECE: usize = 64 * 1024;
/// In all.
const WHOLE: usize = 1024 * 1024;

/// So much of something that repeats.
fn repeated(one: &str) -> Vec<u8> {
    one.repeat(WHOLE / one.len()).into_bytes()
}

/// A message of so many octets in a literal.
fn literal(before: &str, after: &str) -> Vec<u8> {
    let body = "a line of a message as people write them\r\n".repeat(WHOLE / 42);
    format!("{before}{body}{after}").replace("LENGTH", &body.len().to_string()).into_bytes()
}

fn up(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("IMAP framing, client to store");
    for (name, said) in [
        ("commands", repeated("a17 UID FETCH 4711 (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])\r\n")),
        ("an APPEND of 1 MiB", literal("a APPEND INBOX {LENGTH+}\r\n", "\r\n")),
    ] {
        group.throughput(Throughput::Bytes(u64::try_from(said.len()).expect("a small number")));
        let mut out = Vec::with_capacity(2 * PIECE);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut gate = CommandGate::default();
                for piece in said.chunks(PIECE) {
                    out.clear();
                    gate.pass(black_box(piece), &mut out).expect("commands that can be followed");
                }
                gate.ended()
            });
        });
    }
}

fn down(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("IMAP framing, store to client");
    let envelopes = repeated(
        "* 17 FETCH (UID 4711 FLAGS (\\Seen) ENVELOPE (\"Mon, 7 Feb 2026 21:52:25 -0800\" \"a subject\" NIL NIL NIL NIL NIL NIL NIL \"<m@x>\"))\r\n",
    );
    let flags = repeated("* 17 FETCH (FLAGS (\\Seen))\r\n");
    let message = literal("* 1 FETCH (BODY[] {LENGTH}\r\n", ")\r\n");
    // A literal is skipped without a look: a rate of it would say nothing.
    let octets = |said: &[u8]| Some(Throughput::Bytes(u64::try_from(said.len()).expect("a small number")));
    for (name, said, throughput) in [
        ("a message of 1 MiB, skipped", &message, None),
        ("envelopes", &envelopes, octets(&envelopes)),
        ("flags", &flags, octets(&flags)),
    ] {
        if let Some(throughput) = throughput {
            group.throughput(throughput);
        }
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut watch = ResponseWatch::default();
                said.chunks(PIECE).for_each(|piece| watch.skip(black_box(piece)));
                watch.answered()
            });
        });
    }
    // While the answer to CAPABILITY is looked for, everything is copied.
    group.throughput(Throughput::Bytes(u64::try_from(envelopes.len()).expect("a small number")));
    let mut out = Vec::with_capacity(2 * PIECE);
    group.bench_function("envelopes, looked at line by line", |bench| {
        bench.iter(|| {
            let mut watch = ResponseWatch::default();
            watch.expect(1);
            for piece in envelopes.chunks(PIECE) {
                out.clear();
                watch.pass(black_box(piece), &mut out);
            }
            watch.answered()
        });
    });
}

criterion_group! { name = benches; config = shared::settings(); targets = up, down }
criterion_main!(benches);
