//! Commands that a line typed by hand hides from a ready session.

use std::cell::RefCell;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::error::Error;
use m26_pay::m26::Raw;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use support::session_line::{configured, module, plan, session};

/// What closes the SDK, switches the module off or restarts it, however it is written.
const OWN: &[&str] = &[
    "+ALIPAYSHUT",
    " + ALIPAYSHUT",
    "+alipay shut",
    "+AliPayShut ",
    "+ALIPAYSHUT=",
    "+QPOWD=1",
    "+ qpowd = 1",
    "+QPOWD",
    "+CFUN=1,1",
    "+C F U N =0",
    "+ALIPAYOPEN",
    "+ALIPAYCFG=\"1\"",
];

/// What may stand before it.
const BEFORE: &[&str] = &[
    "",
    " ",
    "E0",
    "e1 q0",
    "&F",
    "+CSQ;",
    "+CSQ ; ",
    "+X=\"a;b\";",
    "+CMEE?;;",
    "+X=?; ",
    "1\"+\"",
];

/// What may stand behind it.
const BEHIND: &[&str] = &["", " ", ";", ";+CSQ", " ; +CMEE?", ";E0"];

#[test]
fn no_line_closes_or_restarts_behind_the_sessions_back() {
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), ""), plan(), profile);
    session.wait_ready(Duration::from_secs(60)).unwrap();
    line.sent();
    let session = RefCell::new(session);
    let lines = (select(&["AT", "at"][..]), select(BEFORE), select(OWN), select(BEHIND));
    TestRunner::default()
        .run(&lines, |(at, before, own, behind)| {
            let text = format!("{at}{before}{own}{behind}");
            let refused = session.borrow_mut().send(&Raw::new(text.as_str()));
            prop_assert!(
                matches!(refused, Err(Error::NotAllowed { .. })),
                "{} {:?}",
                text,
                refused
            );
            prop_assert_eq!(line.sent(), "");
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_command_inside_a_string_is_text() {
    let profile = Profile::quectel();
    let (mut session, line) = session(module(configured(&profile), ""), plan(), profile);
    session.wait_ready(Duration::from_secs(60)).unwrap();
    line.sent();
    let text = "AT+QNTTP=\"+ALIPAYSHUT;+QPOWD=1\"";
    assert!(session.send(&Raw::new(text)).is_ok());
    assert_eq!(line.sent(), format!("{text}\r"));
}
