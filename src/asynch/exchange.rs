//! [`Exchange`]: a command that the driver carries out, and its answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc::{self, error::TrySendError};

use super::call::{Call, Caller, call};
use super::leave::Leave;
use crate::at::command::{Reply, Request};
use crate::engine::{Certainty, ExchangeError};

/// A command that was given to the driver, and the answer that is waited for.
///
/// It is no async function: the future of one is compiled anew in each program, and there once for each
/// place that polls it.
pub(super) struct Exchange<'a> {
    /// There while the driver has no room for the command. Whether it took it.
    room: Option<Pin<Box<dyn Future<Output = bool> + Send + 'a>>>,
    caller: Caller,
    /// What is known of the command if the driver gives no answer.
    unanswered: Certainty,
}

impl<'a> Exchange<'a> {
    /// Gives the command to the driver, behind those that wait for room.
    pub(super) fn begin(calls: &'a mpsc::Sender<Call>, request: Request, leave: Leave) -> Self {
        let (call, caller) = call(request, leave);
        // Only a driver that is dropped gives no answer to what it took.
        let mut exchange = Self { room: None, caller, unanswered: Certainty::Unknown };
        match calls.try_send(call) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => exchange.unanswered = Certainty::NotSent,
            Err(TrySendError::Full(call)) => {
                exchange.room = Some(Box::pin(async { calls.send(call).await.is_ok() }));
            }
        }
        exchange
    }
}

impl Future for Exchange<'_> {
    type Output = Result<Reply, ExchangeError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(room) = &mut self.room {
            if !ready!(room.as_mut().poll(cx)) {
                self.unanswered = Certainty::NotSent;
            }
            self.room = None;
        }
        let answer = ready!(self.caller.poll_outcome(cx));
        Poll::Ready(answer.unwrap_or(Err(ExchangeError::Disconnected(self.unanswered))))
    }
}
