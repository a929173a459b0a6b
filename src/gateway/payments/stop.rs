//! The cashier's stop.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::now;

/// The cashier's stop: given to a payment, and kept by whoever may press it. A clone is the same
/// button.
///
/// ```
/// use m26_pay::gateway::Stop;
///
/// let stop = Stop::new();
/// let button = stop.clone();
/// std::thread::spawn(move || button.press()).join().unwrap();
/// assert!(stop.is_pressed());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Button>);

#[derive(Debug, Default)]
struct Button {
    pressed: Mutex<bool>,
    press: Condvar,
}

impl Stop {
    /// One that is not pressed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives up: what is not paid yet is cancelled.
    pub fn press(&self) {
        *self.0.pressed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.press.notify_all();
    }

    /// Whether it was pressed.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        *self.0.pressed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until it is pressed. Whether it is.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        // What no clock can hold is for ever.
        let until = now().checked_add(time).unwrap_or_else(|| now() + DAY);
        self.wait_until(until, false);
        self.is_pressed()
    }

    /// Waits until then, or until it is pressed; one that is `known` to be pressed ends no wait.
    pub(super) fn wait_until(&self, until: Instant, known: bool) {
        let mut pressed = self.0.pressed.lock().unwrap_or_else(PoisonError::into_inner);
        while known || !*pressed {
            let left = until.saturating_duration_since(now());
            if left.is_zero() {
                return;
            }
            let waited = self.0.press.wait_timeout(pressed, left);
            pressed = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
