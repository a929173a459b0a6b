//! `cargo bench`: every parser on the same bytes, in the same run. The names are
//! `<question>/<parser>/<how the bytes arrive>`.
#![allow(missing_docs, reason = "criterion's macros write functions that have none")]

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use m26_pay_scenarios::scenarios;

fn compare(criterion: &mut Criterion) {
    let all = scenarios();
    for questions in all.chunk_by(|one, next| one.question == next.question) {
        let mut group = criterion.benchmark_group(questions[0].question);
        set_up(&mut group);
        for scenario in questions {
            group.throughput(Throughput::Bytes(scenario.stream.len() as u64));
            for arrival in scenario.arrivals {
                let id = BenchmarkId::new(scenario.parser, arrival);
                group.bench_function(id, |bencher| bencher.iter(scenario.set_up(*arrival)));
            }
        }
    }
}

/// Short, as there are many: the figures are for comparison, and the budgets are no matter of time.
fn set_up(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_millis(800));
    group.sample_size(20);
}

criterion_group!(benches, compare);
criterion_main!(benches);
