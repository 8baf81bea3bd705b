//! Dynamic groups: a person's entry judged against the filters of 5,000 of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passerelle_model::Attributes;
use passerelle_wire_filter::{Entry, Filter, Match, matches};
use std::hint::black_box;

/// As many groups as the design asks for.
const GROUPS: usize = 5_000;

struct Person(Attributes);

impl Entry for Person {
    fn values(&self, attribute: &str) -> Option<&[String]> {
        Some(self.0.values(attribute)).filter(|values| !values.is_empty())
    }
    fn withheld(&self, _attribute: &str) -> bool {
        false
    }
}

fn person() -> Person {
    Person(
        [
            ("objectclass", "inetOrgPerson"),
            ("uid", "u00042"),
            ("cn", "Person u00042"),
            ("mail", "u00042@a.test"),
            ("edupersonaffiliation", "student"),
            ("edupersonaffiliation", "member"),
            ("supannetablissement", "{UAI}0310001A"),
            ("supannentiteaffectation", "dept-17"),
        ]
        .into_iter()
        .collect(),
    )
}

/// A filter as campuses write them: an affiliation and a department, some with a second way in.
fn filter(number: usize) -> String {
    let affiliation = if number.is_multiple_of(2) { "student" } else { "teacher" };
    let department = number % 400;
    match number % 3 {
        0 => format!("(&(eduPersonAffiliation={affiliation})(supannEntiteAffectation=dept-{department}))"),
        1 => format!(
            "(&(eduPersonAffiliation={affiliation})(|(supannEntiteAffectation=dept-{department})(uid=u{number:05})))"
        ),
        _ => format!("(&(objectClass=inetOrgPerson)(mail=*@a.test)(!(supannEntiteAffectation=dept-{department})))"),
    }
}

fn judging(criterion: &mut Criterion) {
    let texts: Vec<String> = (0..GROUPS).map(filter).collect();
    let filters: Vec<Filter> = texts.iter().map(|text| Filter::parse(text).expect("a filter")).collect();
    let person = person();
    let mut group = criterion.benchmark_group("dynamic groups");
    group.throughput(Throughput::Elements(u64::try_from(GROUPS).expect("a small number")));
    group.bench_function("judge 5,000 filters on a person", |bench| {
        bench.iter(|| filters.iter().filter(|filter| matches(black_box(filter), &person) == Match::True).count());
    });
    group.bench_function("parse 5,000 filters", |bench| {
        bench.iter(|| texts.iter().filter(|text| Filter::parse(black_box(text)).is_ok()).count());
    });
}

criterion_group! { name = benches; config = shared::settings(); targets = judging }
criterion_main!(benches);
