//! What a caller or a port may do to the blocking client without making it wait for ever, fill up
//! or take one answer for another.

#![expect(clippy::unwrap_used, reason = "the helpers of these tests are tests too")]

use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use m26_pay::blocking::{Client, Descriptor, Interest, Port};
use m26_pay::engine::{ANSWER_LIMIT, Certainty, Event, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::flows::{Context, Flow, Input, Step, Synchronise};
use m26_pay::m26::{At, ReadSignal};
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::virtual_port::VirtualPort;

fn client() -> Client<VirtualPort<Modem>> {
    let port = VirtualPort::new(Modem::new(modem::ModemSettings::default()));
    let mut client = Client::connect(port, Settings::default());
    client.run(Synchronise::default()).unwrap();
    client
}

/// A port that says that it wrote nothing, and why not it does not say.
struct Full(Instant);

impl Port for Full {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn wait(&mut self, _: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.0 += timeout.unwrap_or_default();
        Ok(false)
    }

    fn now(&self) -> Instant {
        self.0
    }
}

#[test]
fn a_port_that_writes_nothing_is_gone() {
    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    let mut client = Client::connect(Full(Instant::now()), Settings::default());
    assert_eq!(client.send(&At).unwrap_err().kind(), ErrorKind::Disconnected);
}

/// A socket blocks unless it is told otherwise, and a read would wait past every deadline.
#[test]
fn a_socket_in_blocking_mode_keeps_its_deadlines() {
    let (host, module) = UnixStream::pair().unwrap();
    let fence = Duration::from_millis(50);
    let mut client =
        Client::connect(Descriptor::new(host), Settings { fence, ..Settings::default() });
    client.set_timeout(Some(fence));
    assert_eq!(client.send(&At).unwrap_err().kind(), ErrorKind::TimedOut);
    drop(module);
}

/// Waits once, for so long.
struct Pause(Duration);

impl Flow for Pause {
    type Output = ();

    fn step(&mut self, _: &Context<'_>, input: Input) -> Step<()> {
        match input {
            Input::Begin => Step::Wait(self.0),
            _ => Step::Done(()),
        }
    }
}

#[test]
fn no_duration_is_too_long() {
    let mut client = client();
    client.set_timeout(Some(Duration::MAX));
    client.send(&At).unwrap();
    let port = VirtualPort::new(Modem::new(modem::ModemSettings::default()));
    let mut settings = Settings::default();
    for duration in [
        &mut settings.transmit,
        &mut settings.fence,
        &mut settings.payload,
        &mut settings.final_after_result,
        &mut settings.settle,
        &mut settings.boot,
    ] {
        *duration = Duration::MAX;
    }
    let mut client = Client::connect(port, settings);
    client.run(Synchronise::default()).unwrap();
    client.send(&ReadSignal).unwrap();
    // A port that goes away ends a pause that has no end.
    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    let mut client = Client::connect(Full(Instant::now()), Settings::default());
    let _ = client.send(&At);
    client.run(Pause(Duration::MAX));
}

#[test]
fn an_answer_goes_to_the_client_that_was_asked() {
    let (mut first, mut second) = (client(), client());
    let old = first.submit(ReadSignal).unwrap();
    let new = second.submit(ReadSignal).unwrap();
    let error = second.wait(old).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(second.wait(new).is_ok());
}

#[test]
fn answers_that_were_forgotten_do_not_fill_the_client() {
    let mut client = client();
    for _ in 0..1100 {
        drop(client.submit(At).unwrap());
        client.send(&At).unwrap();
    }
    // Forgotten after the answer came.
    for _ in 0..1100 {
        let pending = client.submit(At).unwrap();
        client.send(&At).unwrap();
        drop(pending);
    }
    // Left after the answer came.
    for _ in 0..1100 {
        let pending = client.submit(At).unwrap();
        while client.next_event(Some(Duration::from_millis(100))).unwrap().is_some() {}
        client.cancel(pending);
    }
    assert!(client.send(&ReadSignal).is_ok());
    // Those that are held are kept, and with as many no other command begins.
    let mut held: Vec<_> = (0..ANSWER_LIMIT).map(|_| client.submit(ReadSignal).unwrap()).collect();
    while !client.engine().is_idle() {
        client.next_event(Some(Duration::from_millis(100))).unwrap();
    }
    let busy = client.submit(ReadSignal).unwrap_err();
    assert_eq!((busy.kind(), busy.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    // Room for one more.
    client.wait(held.remove(0)).unwrap();
    held.push(client.submit(ReadSignal).unwrap());
    for pending in held {
        client.wait(pending).unwrap();
    }
    assert!(
        !std::iter::from_fn(|| client.take_event()).any(|event| matches!(event, Event::Late(_)))
    );
}
