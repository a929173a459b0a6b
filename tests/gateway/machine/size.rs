//! What a payment at rest keeps.

use m26_pay::gateway::alipay::payment::{Heard, Payment};

use super::{Till, ours};

#[test]
fn a_payment_at_rest_keeps_less_than_2_kib() {
    let mut kept = None;
    let info = allocation_counter::measure(|| {
        let mut till = Till::new().paying();
        assert_eq!(till.hears(Heard::Waiting(ours())), "rest 5");
        till.entry = None;
        kept = Some(till.payment);
    });
    let heap = usize::try_from(info.bytes_current).unwrap();
    let all = heap + size_of::<Payment>();
    drop(kept);
    assert!(all <= 2048, "{all} bytes, {heap} of them on the heap");
}

/// Allocations and bytes stand for the cost of a step here: they are the same on every machine.
#[test]
fn ten_thousand_at_once_cost_per_step_what_one_costs() {
    let mut tills: Vec<_> = (0..10_000).map(|_| Till::new()).collect();
    let many = allocation_counter::measure(|| {
        tills.iter_mut().for_each(|till| drop(till.begin()));
        tills.iter_mut().for_each(|till| drop(till.written()));
        tills.iter_mut().for_each(|till| drop(till.hears(Heard::Waiting(ours()))));
        tills.iter_mut().for_each(|till| drop(till.rests()));
        tills.iter_mut().for_each(|till| drop(till.hears(Heard::Paid(ours()))));
        tills.iter_mut().for_each(|till| drop(till.written()));
    });
    let mut till = Till::new();
    let one = allocation_counter::measure(|| {
        till.begin();
        till.written();
        till.hears(Heard::Waiting(ours()));
        till.rests();
        till.hears(Heard::Paid(ours()));
        till.written();
    });
    assert!(many.count_total * 10 <= one.count_total * 10_000 * 11);
    assert!(many.bytes_total * 10 <= one.bytes_total * 10_000 * 11);
}
