//! Sessions of both clients over a real pseudo-terminal that is pulled out and plugged back in the
//! middle of a signature and of a report.
//!
//! Nothing here waits for time to pass: the simulator cuts the line by its script, when it has
//! heard the command, and holds the answer back for longer than any test runs.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use m26_pay::alipay::Held;
use m26_pay::asynch as tasks;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{SerialPort, Session};
use m26_pay::engine::{Certainty, EarlierProgram, Settings};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::serial::{SerialHost, SerialSettings};
use m26_pay::session::{Backoff, Health, Plan, SessionEvent, State};
use m26_pay::sim::modem::{self, Boot, Latencies};
use m26_pay::sim::pty::{Pty, Running};
use support::session_line::{self, Module, configured, module, report, sign};

/// Each is pulled out when the module works on it, and once when only the command was heard.
const SCRIPT: &str = "
on 1 AT+ALIPAYSIGN late-result +ALIPAYSIGN 10m
on 1 AT+ALIPAYSIGN after 50ms hang-up for 300ms
on 1 AT+ALIPAYREP late-result +ALIPAYREP 10m
on 1 AT+ALIPAYREP hang-up for 300ms
";

/// Far more than it takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A module at a path that survives replugging, as those in `/dev/serial/by-id` do.
struct Plugged {
    module: Running<Module>,
    link: PathBuf,
    _dir: tempfile::TempDir,
}

fn simulated(profile: &Profile) -> Module {
    let ms = Duration::from_millis;
    let latencies = Latencies::default();
    let settings = modem::ModemSettings {
        boot: Boot { rdy: ms(100), cfun: ms(120), cpin: ms(150), call_ready: ms(300) },
        register_after: ms(50),
        latencies: Latencies { open: ms(50), product_info: ms(50), shut: ms(50), ..latencies },
        ..configured(profile)
    };
    module(settings, SCRIPT)
}

fn plug(profile: &Profile) -> Plugged {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("m26");
    let module = Pty::open(Some(&link)).unwrap().spawn(simulated(profile), |_| {}).unwrap();
    Plugged { module, link, _dir: dir }
}

fn plan() -> Plan {
    let ms = Duration::from_millis;
    let backoff = Backoff { initial: ms(50), cap: ms(500), ..Backoff::default() };
    Plan { backoff, ..Plan::default() }
}

fn settings(profile: &Profile) -> Settings {
    // Nothing was asked at this port before.
    Settings { earlier: EarlierProgram::Ended, ..Settings::new(profile.clone()) }
}

fn serial(path: &Path) -> (&str, SerialSettings) {
    (path.to_str().unwrap(), SerialSettings::default())
}

/// It was cut off after its first byte.
#[track_caller]
fn cut_off<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    let error = outcome.unwrap_err();
    let known = (error.kind(), error.certainty());
    assert_eq!(known, (ErrorKind::Disconnected, Certainty::Unknown), "{error}");
}

/// Nothing of it was sent, as the port was gone already.
#[track_caller]
fn held_back<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error:?}");
    assert_eq!(error.certainty(), Certainty::NotSent);
}

/// What the session and the module say in the end.
#[track_caller]
fn all_well(health: &Health, states: &[State], plugged: &Plugged) {
    assert_eq!(health.state, State::Ready);
    let counters = health.counters;
    assert_eq!((counters.disconnects, counters.connects), (2, 3), "{counters:?}");
    // A signature that was cut off could be taken for the next one. A report waits for that.
    assert_eq!((counters.ready, counters.restarts), (3, 1), "{counters:?}");
    assert!(states.contains(&State::Disconnected), "{states:?}");
    let held = plugged.module.with(|line| {
        let modem = line.inner().inner();
        modem.delivered().len() + modem.queued().count()
    });
    assert!(held >= 1, "the report that was sent again");
}

#[test]
fn unplugged_and_plugged_back_with_the_blocking_client() {
    blocking(&Profile::quectel());
}

#[test]
fn unplugged_and_plugged_back_with_the_blocking_client_of_luat() {
    blocking(&Profile::luat());
}

#[tokio::test]
async fn unplugged_and_plugged_back_with_the_async_client() {
    asynch(&Profile::quectel()).await;
}

#[tokio::test]
async fn unplugged_and_plugged_back_with_the_async_client_of_luat() {
    asynch(&Profile::luat()).await;
}

#[test]
fn a_port_with_another_name_each_time_is_found_by_the_blocking_session() {
    let plugged = plug(&Profile::quectel());
    let find = plugged.find();
    let open = move || SerialPort::open(&find()?, &SerialSettings::default());
    let mut session = Session::new(open, plan(), settings(&Profile::quectel()));
    session.wait_ready(PATIENCE).unwrap();
    cut_off(session.send(&sign()));
    session.wait_ready(PATIENCE).unwrap();
    assert!(session.send(&sign()).is_ok());
}

#[tokio::test]
async fn a_port_with_another_name_each_time_is_found_by_the_async_session() {
    let plugged = plug(&Profile::quectel());
    let find = plugged.find();
    let (session, _events, driver) =
        tasks::Session::new(SerialHost::found_by(find), plan(), settings(&Profile::quectel()));
    tokio::spawn(driver);
    session.wait_ready(PATIENCE).await.unwrap();
    cut_off(session.send(&sign()).await);
    session.wait_ready(PATIENCE).await.unwrap();
    assert!(session.send(&sign()).await.is_ok());
}

impl Plugged {
    /// Finds the port as `UsbPort::find` finds an adapter: under a name that it never had before,
    /// and which is gone when the port is.
    fn find(&self) -> impl Fn() -> Result<String, Error> + use<> {
        let (link, names) = (self.link.clone(), AtomicU32::new(0));
        move || {
            let number = names.fetch_add(1, Ordering::Relaxed);
            let port = std::fs::read_link(&link).map_err(|source| {
                let doing = "no port of a USB adapter".to_string();
                Error::Io { doing, source }
            })?;
            let name = link.with_file_name(format!("ttyUSB{number}"));
            std::os::unix::fs::symlink(port, &name).unwrap();
            Ok(name.to_str().unwrap().to_owned())
        }
    }
}

fn blocking(profile: &Profile) {
    let plugged = plug(profile);
    let link = plugged.link.clone();
    let open = move || {
        let (path, settings) = serial(&link);
        SerialPort::open(path, &settings)
    };
    let mut session = Session::new(open, plan(), settings(profile));
    session.wait_ready(PATIENCE).unwrap();
    cut_off(session.send(&sign()));
    held_back(session.send(&sign()));
    session.wait_ready(PATIENCE).unwrap();
    assert!(session.send(&sign()).is_ok());
    cut_off(session.send(&report("1")));
    held_back(session.send(&report("1")));
    // This caller prefers to wait.
    assert_eq!(session.send_within(&report("1"), PATIENCE).unwrap(), Held::Stored);
    let (states, _) = session_line::story(&mut session);
    all_well(&session.health(), &states, &plugged);
}

async fn asynch(profile: &Profile) {
    let plugged = plug(profile);
    let link = plugged.link.clone();
    let (path, serial) = serial(&link);
    let host = SerialHost::at(path).settings(serial);
    let (session, mut events, driver) = tasks::Session::new(host, plan(), settings(profile));
    let driver = tokio::spawn(driver);
    session.wait_ready(PATIENCE).await.unwrap();
    cut_off(session.send(&sign()).await);
    held_back(session.send(&sign()).await);
    session.wait_ready(PATIENCE).await.unwrap();
    assert!(session.send(&sign()).await.is_ok());
    cut_off(session.send(&report("1")).await);
    held_back(session.send(&report("1")).await);
    assert_eq!(session.send_within(&report("1"), PATIENCE).await.unwrap(), Held::Stored);
    let health = session.health();
    drop(session);
    driver.await.unwrap();
    let mut states = Vec::new();
    while let Some(event) = events.next().await {
        if let SessionEvent::Transition(transition) = event {
            states.push(transition.to);
        }
    }
    all_well(&health, &states, &plugged);
}
