//! The `watchdog` example, as a technician runs it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use support::example_run::run;

#[test]
fn a_session_tells_of_an_unplugged_port_a_brown_out_and_a_full_queue() {
    let said = run("watchdog", &[]);
    assert_eq!(said.err, "");
    said.says(&[
        "A session with a simulated module at ",
        "Switched on",
        "disconnected -> connecting: the port is opened",
        "connecting -> synchronising: the port is open",
        "synchronising -> bringing up: the module answers",
        "bringing up -> configuring: the module is in the network",
        "configuring -> opening: the module stays as it is configured",
        "opening -> identifying: the SDK is open",
        "identifying -> ready: the bizTid is known",
        "Somebody pulls the adapter out while a payment is being signed",
        "unknown: the port was disconnected",
        "not-sent: AT+ALIPAYSIGN was not sent: the session is disconnected",
        "-> disconnected: the port was lost",
        "the port cannot be opened: there is no ",
        "connecting -> synchronising: the port is open",
        "synchronising -> restarting (attempt 1): a signature is outstanding since the port was lost",
        "identifying -> ready",
        "signed again: 369 bytes",
        "A brown-out while a trade is being reported",
        "unknown: the module was reset",
        "ready -> synchronising: the module was restarted",
        "identifying -> ready",
        "reported again: Stored",
        "The queue of reports is full",
        "refused: AT+ALIPAYREP failed with result 6: the cache queue is full",
        "reported once there is room: Stored",
        "Closing time",
        "ready -> shutting down",
        "shutting down -> shut: the module is off",
        "not-sent: AT+ALIPAYREP was not sent: the Alipay SDK is shut",
        "For the technician",
        "module        Quectel_M26 M26FBR03A03-TTS",
        "signal        -91 dBm, 1 (registered in the home network)",
        "clocks        the module's clock",
        "ready         3 times",
        "port          opened 2, lost 1",
        "restarts      2 seen, 1 made",
        "commands      6 sent, 3 failed, 2 held back",
        "late answers  0",
        "last error    AT+ALIPAYREP failed with result 6",
    ])
    .ends(0);
    for secret in ["1234567890", "2019012922001450181015731428", "ALIPAY_BOX", "terminalType"] {
        assert!(!said.out.contains(secret), "{secret} shows: {}", said.out);
    }
}

#[test]
fn a_port_of_a_real_module_is_refused() {
    let said = run("watchdog", &["--port", "/dev/ttyUSB0"]);
    said.complains(&["error:", "--port"]).ends(2);
}
