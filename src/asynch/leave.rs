//! Callers who do not wait for the end of their command.

use std::fmt;

use crate::engine::Certainty;

type Tell = Box<dyn FnOnce(Option<Certainty>) + Send>;

/// Tells somebody, once, that a caller has left and what is known of the command: `None` if it had
/// ended. If nobody can say, whether the command was sent is not known.
#[derive(Default)]
pub(super) struct Leave(Option<Tell>);

impl Leave {
    pub(super) fn new(tell: impl FnOnce(Option<Certainty>) + Send + 'static) -> Self {
        Self(Some(Box::new(tell)))
    }

    /// The caller has left.
    pub(super) fn tell(mut self, certainty: Option<Certainty>) {
        if let Some(tell) = self.0.take() {
            tell(certainty);
        }
    }

    /// The caller has the end of the command.
    pub(super) fn stayed(mut self) {
        self.0 = None;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            tell(Some(Certainty::Unknown));
        }
    }
}

impl fmt::Debug for Leave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Leave").field(&self.0.is_some()).finish()
    }
}
