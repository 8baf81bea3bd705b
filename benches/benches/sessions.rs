//! Sessions: sealing, opening, and what every request of a browser begins with.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passerelle_core::{
    Errand,
    seal::{Purpose, Sealer},
};
use passerelle_model::Secret;
use passerelle_testkit::{house::HouseBuilder, memory_state::MemoryState};
use std::{hint::black_box, sync::Arc};

/// A cookie without a secret holds about as much, in octets.
const PLAIN: usize = 64;
const EPOCH: [u8; 16] = [7; 16];

fn sealing(criterion: &mut Criterion) {
    let sealer = Sealer::new(&[Secret::new([1; 32]), Secret::new([2; 32])]).expect("keys");
    let plain = [b'x'; PLAIN];
    let sealed = sealer.seal(Purpose::Session, EPOCH, &plain).expect("a token");
    let mut group = criterion.benchmark_group("sessions");
    group.throughput(Throughput::Elements(1));
    group.bench_function("seal 64 octets", |bench| {
        bench.iter(|| sealer.seal(Purpose::Session, EPOCH, black_box(&plain)).expect("a token"));
    });
    group.bench_function("open 64 octets", |bench| {
        bench.iter(|| sealer.open(Purpose::Session, EPOCH, black_box(&sealed)).expect("what was sealed"));
    });
}

fn doors(criterion: &mut Criterion) {
    let runtime = shared::runtime();
    let house = runtime.block_on(HouseBuilder::new(Arc::new(MemoryState::new())).open()).expect("a house");
    let door = &house.door;
    let signed_on = runtime.block_on(house.login("u00005@a.test", Errand::Web)).expect("a person");
    let cookie = door.begin_web(signed_on).and_then(|session| session.seal()).expect("a cookie");
    let mut group = criterion.benchmark_group("sessions");
    group.throughput(Throughput::Elements(1));
    group.bench_function("resume a session from its cookie", |bench| {
        bench.iter(|| runtime.block_on(door.resume(black_box(&cookie))).expect("a session"));
    });
    group.bench_function("log in with a password that is remembered", |bench| {
        bench.iter(|| runtime.block_on(house.login("u00005@a.test", Errand::Files)).expect("a session"));
    });
}

criterion_group! { name = benches; config = shared::settings(); targets = sealing, doors }
criterion_main!(benches);
