//! `cargo bench`: every parser on the same bytes, in the same run. The names are
//! `<question>/<parser>/<how the bytes arrive>`.
#![allow(missing_docs, reason = "criterion's macros write functions that have none")]

mod cpu_time;

use cpu_time::CpuTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use m26_pay_scenarios::scenarios;

fn compare(criterion: &mut Criterion<CpuTime>) {
    let all = scenarios();
    for questions in all.chunk_by(|one, next| one.question == next.question) {
        let mut group = criterion.benchmark_group(questions[0].question);
        for scenario in questions {
            group.throughput(Throughput::Bytes(scenario.stream.len() as u64));
            for arrival in scenario.arrivals {
                let id = BenchmarkId::new(scenario.parser, arrival);
                group.bench_function(id, |bencher| bencher.iter(scenario.set_up(*arrival)));
            }
        }
    }
}

criterion_group! {
    name = benches;
    config = cpu_time::criterion();
    targets = compare
}
criterion_main!(benches);
