//! The simulator on a pseudo-terminal, in real time.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "these are tests, the helpers too")]

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use m26_pay::blocking::SerialPort;
use m26_pay::serial::SerialSettings;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::pty::{self, Pty};
use m26_pay::sim::trace::Passing;
use m26_pay::sim::{NetworkState, Order};
use support::sim_line::quiet;

fn open(path: impl AsRef<Path>) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// Reads exactly as much as is expected; the simulator answers, or the test stands still.
fn expect(port: &mut impl Read, expected: &str) {
    let mut heard = vec![0; expected.len()];
    port.read_exact(&mut heard).unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), expected);
}

#[test]
fn an_exchange_over_a_serial_port() {
    let running = pty::spawn(Modem::new(ModemSettings::default())).unwrap();
    let path = running.path();
    let mut port = serialport::new(path.to_string_lossy(), 115_200)
        .timeout(Duration::from_secs(10))
        .open()
        .unwrap();
    port.write_all(b"AT+CGMI\r").unwrap();
    expect(&mut port, "AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n");
    drop(port);
    // Another client finds the same module.
    let mut port = open(&path);
    port.write_all(b"ATE0\r").unwrap();
    expect(&mut port, "ATE0\r\r\nOK\r\n");
    running.stop().unwrap();
}

#[test]
fn a_paced_exchange() {
    let modem = Modem::new(quiet());
    let running = pty::spawn(Paced::new(modem, 115_200)).unwrap();
    let mut port = open(running.path());
    port.write_all(b"ATI\r").unwrap();
    expect(&mut port, "\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03-TTS\r\n\r\nOK\r\n");
}

#[test]
fn orders_and_a_look_inside() {
    let running = pty::spawn(Modem::new(quiet())).unwrap();
    let mut port = open(running.path());
    running.order(Order::Urc("+CREG: 0".into()));
    expect(&mut port, "\r\n+CREG: 0\r\n");
    running.order(Order::Registration(NetworkState::Roaming));
    port.write_all(b"AT+CREG?\r").unwrap();
    expect(&mut port, "\r\n+CREG: 0,5\r\n\r\nOK\r\n");
    assert!(!running.with(|modem| modem.is_open()));
}

#[test]
fn a_hang_up_is_an_end_of_file_and_the_link_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    let (sender, events) = mpsc::channel();
    let running = Pty::open(Some(&link))
        .unwrap()
        .spawn(Faulty::new(Modem::new(quiet()), 0), move |passing| {
            if let Passing::Restored(path) = passing {
                sender.send(path.to_owned()).unwrap();
            }
        })
        .unwrap();
    assert_eq!(running.path(), link);
    let mut port = open(&link);
    running.order(Order::HangUp(Duration::from_millis(50)));
    let mut rest = Vec::new();
    match port.read_to_end(&mut rest) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.raw_os_error(), Some(5), "{error}"),
    }
    assert!(port.write_all(b"AT\r").is_err());

    assert_eq!(events.recv().unwrap(), link);
    running.order(Order::Urc("Call Ready".into()));
    let mut port = open(&link);
    expect(&mut port, "\r\nCall Ready\r\n");
    drop(running);
    assert_eq!(fs::symlink_metadata(&link).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_file_in_the_place_of_the_link_stays() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("precious");
    fs::write(&link, "data").unwrap();
    assert_eq!(Pty::open(Some(&link)).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&link).unwrap(), b"data");
}

#[test]
fn the_link_of_an_earlier_run_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    std::os::unix::fs::symlink("/dev/pts/99999", &link).unwrap();
    let pty = Pty::open(Some(&link)).unwrap();
    assert_eq!(pty.path(), link);
    assert_ne!(fs::read_link(&link).unwrap(), Path::new("/dev/pts/99999"));
}

#[test]
fn the_link_of_a_simulator_that_runs_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    let first = Pty::open(Some(&link)).unwrap();
    let leads_to = fs::read_link(&link).unwrap();
    let error = Pty::open(Some(&link)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with("another simulator has this link"), "{error}");
    assert_eq!(fs::read_link(&link).unwrap(), leads_to);
    drop(first);
    assert!(fs::symlink_metadata(&link).is_err());
    Pty::open(Some(&link)).unwrap();
}

#[test]
fn a_host_that_does_not_read_stops_nobody() {
    let (sender, events) = mpsc::channel();
    let running = Pty::open(None)
        .unwrap()
        .spawn(Modem::new(quiet()), move |passing| {
            if matches!(passing, Passing::ToHost(_)) {
                sender.send(()).unwrap();
            }
        })
        .unwrap();
    let flood = Order::Urc("x".repeat(1000));
    for _ in 0..200 {
        running.order(flood.clone());
    }
    for _ in 0..200 {
        events.recv().unwrap();
    }
    running.stop().unwrap();
}

/// As for an ordinary user: the port's opener gives up root's right to a port of somebody else's.
#[test]
fn a_port_whose_client_sent_nothing_can_be_opened_again() {
    let running = pty::spawn(Modem::new(quiet())).unwrap();
    let path = running.path().to_string_lossy().into_owned();
    let open = || SerialPort::open(&path, &SerialSettings::default());
    let client = open().unwrap();
    assert!(open().is_err(), "it is in use");
    drop(client);
    // The simulator learns of it by itself, and in its own time.
    while open().is_err() {
        thread::yield_now();
    }
}

#[test]
fn a_terminal_is_marked_while_its_simulator_lives() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("m26");
    let terminal = Pty::open(Some(&link)).unwrap();
    assert!(pty::is_simulated(&link));
    assert!(pty::is_simulated(&fs::read_link(&link).unwrap()));
    assert!(
        !pty::is_simulated(Path::new("/dev/null")) && !pty::is_simulated(Path::new("/nowhere"))
    );
    drop(terminal);
    assert!(!pty::is_simulated(&link));
}

#[test]
fn each_terminal_of_many_that_come_and_go_is_known() {
    // A number is given again at once.
    let open = || Pty::open(None).unwrap();
    let come_and_go = || {
        for _ in 0..50 {
            let pty = open();
            assert!(pty::is_simulated(&pty.path()));
        }
    };
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(come_and_go);
        }
    });
}
