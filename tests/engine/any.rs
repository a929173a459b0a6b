//! Whatever happens in whatever order: nothing panics, every command ends exactly once and in
//! time, no split of the input makes a difference, and nobody is told of another's command.

use m26_pay::at::profile::Profile;
use m26_pay::engine::Settings;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use support::any::{self, KINDS, Op, PLAUSIBLE, Run};
use support::slow::{self, Ask, Mood};

fn plausible() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => vec(select(PLAUSIBLE), 1..4).prop_map(|lines| lines.concat().into_bytes()),
        1 => vec(any::<u8>(), 0..60),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..KINDS, proptest::option::weighted(0.1, 1u64..60_000))
            .prop_map(|(kind, timeout)| Op::Submit(kind, timeout)),
        1 => any::<usize>().prop_map(Op::Cancel),
        6 => Just(Op::Answer),
        4 => plausible().prop_map(Op::Input),
        1 => (0usize..10).prop_map(Op::Write),
        8 => Just(Op::WriteAll),
        2 => prop_oneof![0u64..3_000, 0u64..50_000].prop_map(Op::Pass),
    ]
}

/// A disconnection is rare, since nothing comes after it.
fn ops() -> impl Strategy<Value = Vec<Op>> {
    (vec(op(), 0..60), proptest::option::weighted(0.1, any::<Index>())).prop_map(
        |(mut ops, gone)| {
            if let Some(at) = gone {
                ops.insert(at.index(ops.len() + 1), Op::Disconnect);
            }
            ops
        },
    )
}

fn mood() -> impl Strategy<Value = Mood> {
    let answer = prop_oneof![6 => 0u64..500, 2 => 0u64..4_000, 1 => 9_000u64..30_000];
    let result = prop_oneof![6 => 0u64..5_000, 1 => 25_000u64..40_000];
    let lost = || proptest::bool::weighted(0.1);
    let often = proptest::bool::weighted;
    (answer, result, [lost(), lost(), lost()], often(0.2), often(0.03)).prop_map(
        |(answer, result, lost, early, resets)| Mood { answer, result, lost, early, resets },
    )
}

fn ask() -> impl Strategy<Value = Ask> {
    let leaves = proptest::option::weighted(0.1, 0u64..30_000);
    (0..slow::KINDS, 0u64..20_000, leaves).prop_map(|(kind, gap, leaves)| Ask { kind, gap, leaves })
}

fn profile(luat: bool, overlap: bool) -> Profile {
    let profile = if luat { Profile::luat() } else { Profile::quectel() };
    Profile { overlap, ..profile }
}

proptest! {
    #[test]
    fn any_order_of_events(
        ops in ops(),
        luat in any::<bool>(),
        overlap in any::<bool>(),
        sizes in vec(1usize..8, 1..20),
        written in any::<bool>(),
    ) {
        any::any_order(&Settings::new(profile(luat, overlap)), &ops, &sizes, written);
    }

    /// A module that answers everything it is asked, whatever comes in between, and keeps its
    /// order: every command gets its own answer.
    #[test]
    fn a_module_that_answers(kinds in vec(0..12usize, 1..20), echo in any::<bool>()) {
        let mut run = Run::new(&Settings::default());
        for kind in &kinds {
            run.step(&Op::Submit(*kind, None), &mut |all| all);
        }
        for _ in 0..100 {
            let line = run.bench.transmit();
            if line.is_empty() {
                break;
            }
            run.write(usize::MAX);
            run.receive(b"\r\n+CREG: 1\r\n", &mut |all| all);
            let answer = any::answer(&line);
            let from = if echo { 0 } else { line.len() };
            run.receive(&answer[from..], &mut |all| all);
            run.receive(b"\r\n+CREG: 5,\"1A2B\",\"0C3D\"\r\n", &mut |all| all);
            run.listen();
        }
        prop_assert!(run.bench.engine.is_idle());
        let done = run.told.iter().filter(|event| event.starts_with('#')).count();
        prop_assert_eq!(done, kinds.len());
        let good = run.told.iter().all(|event| {
            event.starts_with("urc: +CREG: ") || event.starts_with('#') && event.ends_with("OK")
        });
        prop_assert!(good, "{:#?}", run.told);
    }

    /// A module that is slow, whose lines are lost, that answers late and restarts: whoever is told
    /// anything is told what the module said to his own line.
    #[test]
    fn nobody_is_told_of_another_command(
        asks in vec(ask(), 1..25),
        moods in vec(mood(), 1..30),
        overlap in any::<bool>(),
        luat in any::<bool>(),
    ) {
        slow::nobody_is_told_of_another_command(&profile(luat, overlap), &asks, &moods);
    }
}
