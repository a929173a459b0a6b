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
