//! How many lines a bring-up takes.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::session::Plan;
use support::session_line::{configured, module, plan, session};

use crate::session::availability::plan_of_all;

/// What commit 29789ef sent to a healthy simulated module until it was ready (counted in a checkout of
/// it), for each profile: with a plan that asks for nothing, and with an access point and a time server.
const BEFORE: [(&str, [usize; 2]); 2] = [("quectel", [15, 17]), ("luat", [15, 18])];

/// What may be added for what is worth it: no text of others, no sleep, reports of the registration, the
/// configuration, and the number that closes the past.
const WORTH: usize = 6;

#[test]
fn a_bring_up_takes_no_more_lines_than_before_and_six() {
    let profiles = [Profile::quectel(), Profile::luat()];
    for (profile, (name, before)) in profiles.into_iter().zip(BEFORE) {
        assert_eq!(profile.name, name);
        let plans: [Plan; 2] = [plan(), plan_of_all()];
        for (plan, before) in plans.into_iter().zip(before) {
            let healthy = module(configured(&profile), "");
            let (mut session, line) = session(healthy, plan, profile.clone());
            session.wait_ready(Duration::from_secs(60)).unwrap();
            let sent = line.sent();
            let lines = sent.matches('\r').count();
            assert!(lines <= before + WORTH, "{name}: {lines} lines, {before} before:\n{sent}");
        }
    }
}
