//! The tool is killed wherever it stands, as by a power cut.

use std::process::Stdio;
use std::time::Duration;

use fastrand::Rng;
use m26_pay::amount::Amount;
use serde_json::json;

use super::{Desk, pay};
use support::real_time::pause;

#[test]
fn a_payment_that_is_killed_anywhere_is_settled_by_the_next_program() {
    // Its answers are quick, so that each place is met.
    let desk = Desk::new(&[]);
    let mut rng = Rng::with_seed(14);
    let mut begun = 0;
    for number in 0..ATTEMPTS {
        let (number, code) =
            (format!("A{number}_0"), format!("{}", 284_612_345_678_901_000_u64 + number));
        let mut tool = desk.tool();
        tool.args(pay(&number, &code)).stdin(Stdio::null());
        let mut child = tool.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        pause(Duration::from_micros(rng.u64(0..LONGEST)));
        child.kill().unwrap();
        child.wait().unwrap();
        let shown = desk.run(&["orders", "show", &number]);
        // Killed before its order was written, it has asked for no money either.
        begun += u32::from(shown.code == Some(0));
    }
    assert!(begun > 0, "every one was killed too early");
    let settled = desk.run(&["settle"]);
    assert!(matches!(settled.code, Some(0 | 10 | 20)), "{settled:?}");
    let mut paid = Amount::default();
    for number in 0..ATTEMPTS {
        let shown = desk.run(&["orders", "show", &format!("A{number}_0")]);
        if shown.code != Some(0) {
            continue;
        }
        let order = shown.object()["result"].clone();
        if order["outcome"] == json!("paid") {
            let amount: Amount = order["total_amount"].as_str().unwrap().parse().unwrap();
            paid = paid.checked_add(amount).unwrap();
        }
    }
    // What is still open never reached the gateway.
    assert_eq!(desk.kept(), paid.to_string());
}

const ATTEMPTS: u64 = 24;

/// In microseconds: about as long as a payment takes.
const LONGEST: u64 = 120_000;
