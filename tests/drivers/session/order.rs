//! A caller of an async session hears of its command's end after what happened before it.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use m26_pay::asynch::{Events, Session};
use m26_pay::at::profile::Profile;
use m26_pay::engine::Settings;
use m26_pay::m26::ReadImei;
use m26_pay::session::{SessionEvent, State};
use support::session_line::pipes::Pipes;
use support::session_line::plan;

use crate::session::odd::odd;

/// Wakes a caller on another thread, and gives it time to run before the driver goes on.
struct Hasty {
    woken: Sender<()>,
    over: Mutex<Receiver<()>>,
}

impl Wake for Hasty {
    fn wake(self: Arc<Self>) {
        self.woken.send(()).ok();
        // A caller that may go on at once does so in less.
        self.over.lock().unwrap().recv_timeout(Duration::from_millis(200)).ok();
    }
}

/// The module says that it switches off, and then answers: who has the answer sees that the session is
/// not ready any more.
#[tokio::test(start_paused = true)]
async fn no_caller_is_ahead_of_what_it_is_told() {
    let answer = b"\r\nNORMAL POWER DOWN\r\n\r\n861234567890123\r\n\r\nOK\r\n";
    let line = Pipes::new(odd("AT+GSN", answer, None), false);
    let (session, mut events, driver) =
        Session::new(line, plan(), Settings::new(Profile::quectel()));
    tokio::spawn(driver);
    session.wait_ready(Duration::from_secs(60)).await.unwrap();
    while told(&mut events).is_some() {}
    let (begun, has_begun) = channel();
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    thread::spawn(move || {
        let (woken, wakes) = channel();
        let (over, is_over) = channel();
        let waker = Waker::from(Arc::new(Hasty { woken, over: Mutex::new(is_over) }));
        let mut send = pin!(session.send(&ReadImei));
        while send.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            begun.send(()).ok();
            wakes.recv().unwrap();
        }
        let told = std::iter::from_fn(|| told(&mut events)).collect::<Vec<_>>();
        over.send(()).ok();
        ended.send(told).unwrap();
    });
    has_begun.recv().unwrap();
    let told = has_ended.await.unwrap();
    let left_ready = |event: &SessionEvent| matches!(event, SessionEvent::Transition(transition) if transition.from == State::Ready);
    assert!(told.iter().any(left_ready), "{told:?}");
}

/// The next event, if there is one.
fn told(events: &mut Events<SessionEvent>) -> Option<SessionEvent> {
    match pin!(events.next()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(event) => event,
        Poll::Pending => None,
    }
}
