//! [`Call`]: a command on its way to the driver, and its outcome on the way back.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::leave::Leave;
use crate::at::command::{Reply, Request};
use crate::engine::{Certainty, ExchangeError};

/// The driver's end of a call. If it is dropped before its end, the caller is told that the driver is
/// gone.
pub(super) struct Call(Arc<Shared>);

/// The caller's end, which waits for the outcome. If it is dropped before, the driver is told.
pub(super) struct Caller(Arc<Shared>);

/// In one piece of memory, because a channel for the outcome would be one more for each command.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    /// There until the driver takes it.
    request: Option<Request>,
    /// There until the caller takes it.
    outcome: Option<Result<Reply, ExchangeError>>,
    /// The driver has done with it: there was an outcome, or the driver is gone.
    is_over: bool,
    caller_has_left: bool,
    leave: Leave,
    /// Wakes the caller when it is over.
    caller: Option<Waker>,
    /// Wakes the driver when the caller leaves.
    driver: Option<Waker>,
}

pub(super) fn call(request: Request, leave: Leave) -> (Call, Caller) {
    let shared = Arc::<Shared>::default();
    let mut state = shared.lock();
    // Only now, so that it is copied once.
    state.request = Some(request);
    state.leave = leave;
    drop(state);
    (Call(Arc::clone(&shared)), Caller(shared))
}

impl Call {
    /// What the caller asks for; nothing if it has left, or if this was asked before.
    pub(super) fn begin(&self) -> Option<Request> {
        let mut state = self.0.lock();
        if state.caller_has_left { None } else { state.request.take() }
    }

    /// Whether the caller has left. If it has not, the task of `cx` is woken when it does.
    pub(super) fn has_left(&self, cx: &mut Context<'_>) -> bool {
        let mut state = self.0.lock();
        if !state.caller_has_left {
            wake_later(&mut state.driver, cx);
        }
        state.caller_has_left
    }

    /// The caller has left, and this is known of its command: `None` if it had ended.
    pub(super) fn left(self, certainty: Option<Certainty>) {
        let leave = mem::take(&mut self.0.lock().leave);
        leave.tell(certainty);
    }

    /// Gives the outcome to the caller. If it has left in this moment, this is known of its command.
    pub(super) fn end(self, outcome: Result<Reply, ExchangeError>, certainty: Option<Certainty>) {
        let mut state = self.0.lock();
        let leave = mem::take(&mut state.leave);
        if state.caller_has_left {
            drop(state);
            leave.tell(certainty);
        } else {
            state.outcome = Some(outcome);
            state.is_over = true;
            let caller = state.caller.take();
            drop(state);
            leave.stayed();
            wake(caller);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if !mem::replace(&mut state.is_over, true) {
            let (caller, leave) = (state.caller.take(), mem::take(&mut state.leave));
            drop(state);
            drop(leave);
            wake(caller);
        }
    }
}

impl Caller {
    /// The outcome, once there is one; nothing if there will be none.
    pub(super) fn poll_outcome(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Reply, ExchangeError>>> {
        let mut state = self.0.lock();
        match state.outcome.take() {
            Some(outcome) => Poll::Ready(Some(outcome)),
            None if state.is_over => Poll::Ready(None),
            None => {
                wake_later(&mut state.caller, cx);
                Poll::Pending
            }
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.caller_has_left = true;
        let driver = state.driver.take();
        let is_over = state.is_over;
        drop(state);
        if !is_over {
            wake(driver);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics with the lock held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the task of `cx` by this waker from now on.
fn wake_later(waker: &mut Option<Waker>, cx: &Context<'_>) {
    match waker {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *waker = Some(cx.waker().clone()),
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::at::command::Command as _;
    use crate::at::profile::Profile;
    use crate::m26::At;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Woken {
        fn times(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn waker() -> (Arc<Woken>, Waker) {
        let woken = Arc::<Woken>::default();
        (Arc::clone(&woken), woken.into())
    }

    /// What is told of a caller who leaves.
    type Told = Arc<Mutex<Vec<Option<Certainty>>>>;

    fn begun() -> (Call, Caller, Told) {
        let told = Told::default();
        let tells = Arc::clone(&told);
        let leave = Leave::new(move |certainty| tells.lock().unwrap().push(certainty));
        let request = At.request(&Profile::quectel()).unwrap();
        let (call, caller) = call(request, leave);
        (call, caller, told)
    }

    fn failed() -> Result<Reply, ExchangeError> {
        Err(ExchangeError::Silent)
    }

    #[test]
    fn the_outcome_wakes_the_caller_and_is_taken_once() {
        let (call, caller, told) = begun();
        let (woken, waker) = waker();
        let mut cx = Context::from_waker(&waker);
        assert!(call.begin().is_some() && call.begin().is_none());
        assert!(caller.poll_outcome(&mut cx).is_pending() && !call.has_left(&mut cx));
        call.end(failed(), None);
        assert_eq!(woken.times(), 1);
        assert_eq!(caller.poll_outcome(&mut cx), Poll::Ready(Some(failed())));
        assert_eq!(caller.poll_outcome(&mut cx), Poll::Ready(None));
        drop(caller);
        assert_eq!((woken.times(), told.lock().unwrap().len()), (1, 0));
    }

    #[test]
    fn a_caller_who_leaves_wakes_the_driver_which_tells_what_is_known() {
        let (call, caller, told) = begun();
        let (woken, waker) = waker();
        let mut cx = Context::from_waker(&waker);
        assert!(!call.has_left(&mut cx));
        drop(caller);
        assert_eq!(woken.times(), 1);
        assert!(call.has_left(&mut cx) && call.begin().is_none());
        call.left(Some(Certainty::NotSent));
        assert_eq!(*told.lock().unwrap(), [Some(Certainty::NotSent)]);
        // It leaves in the moment in which its command ends.
        let (call, caller, told) = begun();
        drop(caller);
        call.end(failed(), None);
        assert_eq!(*told.lock().unwrap(), [None]);
    }

    #[test]
    fn a_driver_that_goes_gives_no_outcome_and_knows_nothing() {
        let (call, caller, told) = begun();
        let (woken, waker) = waker();
        let mut cx = Context::from_waker(&waker);
        assert!(caller.poll_outcome(&mut cx).is_pending());
        drop(call);
        assert_eq!(woken.times(), 1);
        assert_eq!(caller.poll_outcome(&mut cx), Poll::Ready(None));
        assert_eq!(*told.lock().unwrap(), [Some(Certainty::Unknown)]);
    }
}
