//! [`TillPayments`] and [`TillSession`]: the parts of a till, for threads and for tasks. Only this
//! crate implements them.

use std::sync::Arc;

use crate::gateway::Transport;
use crate::gateway::alipay::Identity;
use crate::outbox::{OutboxDuty, OutboxJournal};

/// Payments with a journal in an outbox.
pub trait TillPayments {
    /// The journal.
    fn journal(&self) -> &OutboxJournal;

    /// Whose orders it asks for.
    fn identity(&self) -> &Arc<Identity>;
}

/// A session that sends reports.
pub trait TillSession {
    /// Gives it the duty of an outbox.
    fn attach(&self, duty: OutboxDuty);

    /// Something that nudges the session, and does not keep it running.
    fn nudge(&self) -> impl Fn() + Send + Sync + 'static;
}

#[cfg(feature = "blocking")]
impl<T: Transport> TillPayments for crate::gateway::Payments<T, OutboxJournal> {
    fn journal(&self) -> &OutboxJournal {
        self.journal()
    }

    fn identity(&self) -> &Arc<Identity> {
        self.identity()
    }
}

#[cfg(feature = "async")]
impl<T> TillPayments for crate::asynch::Payments<T, OutboxJournal>
where
    T: Transport + Send + Sync + 'static,
{
    fn journal(&self) -> &OutboxJournal {
        self.journal()
    }

    fn identity(&self) -> &Arc<Identity> {
        self.identity()
    }
}

#[cfg(feature = "blocking")]
impl TillSession for crate::blocking::SessionHandle {
    fn attach(&self, duty: OutboxDuty) {
        self.attach(duty);
    }

    fn nudge(&self) -> impl Fn() + Send + Sync + 'static {
        let nudger = self.nudger();
        move || {
            nudger.nudge();
        }
    }
}

#[cfg(feature = "async")]
impl TillSession for crate::asynch::Session {
    fn attach(&self, duty: OutboxDuty) {
        self.attach(duty);
    }

    fn nudge(&self) -> impl Fn() + Send + Sync + 'static {
        let nudger = self.nudger();
        move || {
            nudger.nudge();
        }
    }
}
