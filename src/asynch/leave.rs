//! [`Leave`]: a caller does not wait for the end of its command.

use std::fmt;

use crate::engine::Certainty;

type Tell = Box<dyn FnOnce(Option<Certainty>) + Send>;

/// Tells once that a caller has left, and what is known of its command: `None` if the command had
/// ended. If this is dropped, that is [`Certainty::Unknown`].
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
