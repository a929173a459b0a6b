//! A blocking session in a thread of its own, used through handles, over a real pseudo-terminal.

use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use m26_pay::alipay::{Held, ReadQueue};
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Host, Session, SessionHandle};
use m26_pay::engine::{Certainty, EarlierProgram, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::m26::ReadSignal;
use m26_pay::serial::SerialHost;
use m26_pay::session::{Backoff, Plan, SessionEvent, ShutDown, State};
use m26_pay::sim::Order;
use m26_pay::sim::modem::{self, Boot, Latencies};
use m26_pay::sim::pty::{Pty, Running};
use support::logged::logged;
use support::session_line::teller::Ledger;
use support::session_line::{Module, configured, module, plan, recording, report, sign};

/// Far more than it takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A session named in a struct without thought.
struct Till {
    thread: JoinHandle<Session>,
    session: SessionHandle,
}

struct Desk {
    module: Running<Module>,
    link: PathBuf,
    _dir: tempfile::TempDir,
}

fn desk(script: &str) -> Desk {
    let ms = Duration::from_millis;
    let profile = Profile::quectel();
    let settings = modem::ModemSettings {
        boot: Boot { rdy: ms(100), cfun: ms(120), cpin: ms(150), call_ready: ms(300) },
        register_after: ms(50),
        latencies: Latencies { open: ms(50), product_info: ms(50), ..Latencies::default() },
        ..configured(&profile)
    };
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("m26");
    let module = Pty::open(Some(&link)).unwrap().spawn(module(settings, script), |_| {}).unwrap();
    Desk { module, link, _dir: dir }
}

fn settings() -> Settings {
    // Nothing was asked at this port before.
    Settings { earlier: EarlierProgram::Ended, name: "till-1".into(), ..Settings::default() }
}

fn till(desk: &Desk, plan: Plan) -> Till {
    let host = SerialHost::at(desk.link.to_str().unwrap());
    let (session, driver) = Session::new(host, plan, settings()).into_driver().unwrap();
    Till { thread: thread::spawn(move || driver.run()), session }
}

#[test]
fn what_led_to_a_state_is_there_as_soon_as_the_state_is() {
    let desk = desk("");
    let Till { thread, session } = till(&desk, plan());
    session.wait_ready(PATIENCE).unwrap();
    assert!(session.wait_event(Some(Duration::ZERO)));
    assert_eq!(last_state(&session), Some(State::Ready));
    session.stop();
    thread.join().unwrap();
    while session.next_event(None).is_some() {}
    assert!(!session.wait_event(None));
}

#[test]
fn many_threads_use_one_session_and_the_owner_has_it_back() {
    let desk = desk("");
    let Till { thread, session } = till(&desk, plan());
    let error = session.send(&sign()).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    let (record, recorded) = recording();
    session.record(record);
    session.wait_ready(PATIENCE).unwrap();

    let threads: Vec<_> = (0..4)
        .map(|number| {
            let session = session.clone();
            thread::spawn(move || {
                let signed = session.send_within(&sign(), PATIENCE).map(|signed| signed.len());
                (signed.unwrap(), session.send(&report(&number.to_string())).unwrap())
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), (369, Held::Stored));
    }
    assert_eq!(session.health().counters.commands, 8);
    assert!(recorded().contains("> AT+ALIPAYSIGN=4,\"0000000000\""));

    assert_eq!(last_state(&session), Some(State::Ready));

    session.stop();
    let mut owned = thread.join().unwrap();
    assert!(owned.send(&ReadSignal).is_ok(), "it works for its owner again");
    let error = session.send(&ReadSignal).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Disconnected, Certainty::NotSent));
    assert!(session.next_event(None).is_none_or(|event| !matches!(event, SessionEvent::Missed(_))));
}

#[test]
fn a_call_that_is_cancelled_says_what_is_known() {
    let desk = desk("on 1 AT+ALIPAYSIGN late-result +ALIPAYSIGN 10m");
    let Till { thread, session } = till(&desk, Plan { keep_alive: None, ..plan() });
    session.wait_ready(PATIENCE).unwrap();
    let (record, recorded) = recording();
    session.record(record);
    let first = session.submit(sign()).unwrap();
    // Until it has left.
    until(&session, || recorded().contains("> AT+ALIPAYSIGN"));
    let second = session.submit(report("1")).unwrap();
    assert_eq!(second.cancel(), Certainty::NotSent);
    let first = first.wait_timeout(Duration::from_millis(10)).unwrap_err();
    assert_eq!(first.cancel(), Certainty::Unknown);
    // One that is dropped is cancelled as well.
    drop(session.submit(report("2")).unwrap());
    assert!(session.send(&ReadSignal).is_ok());
    drop(session);
    let session = thread.join().unwrap();
    assert_eq!(session.health().counters.commands, 4);
}

#[test]
fn what_is_pending_ends_when_the_session_stops_or_the_port_goes() {
    let desk = desk("on AT+ALIPAYSIGN late-result +ALIPAYSIGN 10m");
    let backoff = Backoff { initial: Duration::from_millis(50), ..Backoff::default() };
    let Till { thread, session } = till(&desk, Plan { backoff, ..plan() });
    session.wait_ready(PATIENCE).unwrap();
    let pending = session.submit(sign()).unwrap();
    desk.module.order(Order::HangUp(Duration::from_millis(100)));
    assert_eq!(pending.wait().unwrap_err().kind(), ErrorKind::Disconnected);
    session.wait_ready(PATIENCE).unwrap();
    let pending = session.submit(sign()).unwrap();
    session.stop();
    assert_eq!(pending.wait().unwrap_err().kind(), ErrorKind::Disconnected);
    thread.join().unwrap();
}

#[test]
fn a_thread_that_rests_is_woken_by_a_nudge_and_ends_with_its_last_handle() {
    let desk = desk("");
    let Till { thread, session } = till(&desk, Plan { keep_alive: None, ..plan() });
    let ledger = Ledger::default();
    session.attach(ledger.teller());
    session.wait_ready(PATIENCE).unwrap();
    let nudger = session.nudger();
    ledger.add(0..2);
    assert!(nudger.nudge());
    until(&session, || ledger.pending() == 0);
    session.shut_down(ShutDown::CloseSdk).unwrap();
    assert_eq!(session.state(), State::Shut);
    drop(session);
    drop(thread.join().unwrap());
    assert!(!nudger.nudge(), "there is no session any more");
}

#[test]
fn a_session_without_a_port_is_stopped_at_once() {
    let host = SerialHost::at("/dev/there-is-no-such-port");
    let (session, driver) = Session::new(host, plan(), settings()).into_driver().unwrap();
    let thread = thread::spawn(move || driver.run());
    // Before, it is connecting.
    until(&session, || {
        let error = session.wait_ready(Duration::from_millis(20)).unwrap_err();
        error.to_string().contains("disconnected")
    });
    assert!(session.send(&ReadQueue).is_err());
    // Nobody has closed the SDK.
    let error = session.shut_down(ShutDown::CloseSdk).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Disconnected, Certainty::NotSent));
    session.stop();
    thread.join().unwrap();
}

#[test]
fn each_line_of_the_log_names_its_module_and_hides_its_secrets() {
    let desk = desk("");
    let host = SerialHost::at(desk.link.to_str().unwrap());
    let ((), log) = logged(|| story(Session::new(host, plan(), settings())));
    let named = log.lines().filter(|line| line.contains("module{name=till-1}")).count();
    assert_eq!(named, log.lines().filter(|line| line.contains("m26_pay::")).count(), "{log}");
    for wanted in [
        "sent line=AT+ALIPAYSIGN=4,\"0000000000\",\"10.25\"",
        "received line=+CSQ: ",
        "state from=identifying to=ready reason=the bizTid is known",
    ] {
        assert!(log.contains(wanted), "{wanted} is not in\n{log}");
    }
    // With its quotes: the serial number of the sample terminal begins so.
    assert!(!log.contains("\"1234567890\"") && !log.contains("ALIPAY_BOX"), "{log}");
}

fn story<H: Host>(mut session: Session<H>) {
    session.wait_ready(PATIENCE).unwrap();
    session.send(&ReadSignal).unwrap();
    session.send(&sign()).unwrap();
}

/// The last state of which the waiting events tell.
fn last_state(session: &SessionHandle) -> Option<State> {
    let events = std::iter::from_fn(|| session.next_event(Some(Duration::ZERO)));
    let states = events.filter_map(|event| match event {
        SessionEvent::Transition(transition) => Some(transition.to),
        _ => None,
    });
    states.last()
}

/// Waits until it is so, while another thread works.
#[track_caller]
fn until(session: &SessionHandle, so: impl Fn() -> bool) {
    let look = Duration::from_millis(5);
    let looks = PATIENCE.as_millis() / look.as_millis();
    let found = (0..looks).any(|_| {
        // An event comes earlier, and then it is looked earlier.
        drop(session.next_event(Some(look)));
        so()
    });
    assert!(found, "it never came");
}
