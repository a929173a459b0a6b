//! [`Duty`]: work that a session does by itself.

use std::fmt::Debug;
use std::time::Instant;

use crate::flows::{Context, Input, Step};
use crate::session::State;

/// Work that a session does while it is ready and has nothing of its own to do, such as sending
/// stored reports to the module.
///
/// # When it is called
///
/// It is a [`Flow`](crate::flows::Flow) that begins again and again, under the rules of a caller's
/// command.
///
/// * [`Input::Begin`] comes when the session becomes ready, at the time that the last
///   [`Step::Done`] named, and after a nudge. Nothing that an earlier step asked for is under way
///   then.
/// * [`Step::Send`] sends a command. What the session does not allow comes back as a failure. Each
///   command is answered by one [`Input::Reply`], even if the session is not ready any more: a
///   command that was cut off is [`Certainty::Unknown`](crate::engine::Certainty::Unknown), one of
///   which no byte was sent is [`Certainty::NotSent`](crate::engine::Certainty::NotSent).
/// * [`Step::Wait`] is not cut short by a nudge.
/// * [`Step::Done`] says until when there is nothing to do; `None` means until a nudge, or until
///   the session is ready again.
/// * [`Standing::state`] says whether the session is still [`State::Ready`] when a reply comes. If
///   not, a command that has not begun, or that the duty sends now, comes back at once as
///   [`SubmitError::NotAllowed`](crate::engine::SubmitError::NotAllowed). The next step of the duty
///   is ignored then, unless it is [`Step::Report`]. [`Input::Begin`] comes once the session is
///   ready again.
///
/// The session sends one command of all duties at a time, after those of callers. After a command
/// that could not be sent it waits before the next one, as the plan's
/// [`backoff`](crate::session::Plan::backoff) says. If an outstanding result blocks a command
/// ([`SubmitError::Outstanding`](crate::engine::SubmitError::Outstanding)) for longer than
/// [`Plan::settle`](crate::session::Plan::settle), that result is taken for lost.
///
/// A duty is called while the session is locked. It must not call the session, and the session
/// waits while the duty writes to a disk.
///
/// ```
/// use std::collections::VecDeque;
/// use std::time::Instant;
///
/// use m26_pay::alipay::Report;
/// use m26_pay::at::command::Command;
/// use m26_pay::flows::{self, Context, Input, Step};
/// use m26_pay::session::{Duty, Notice, Standing};
///
/// /// Sends reports until each is taken, and forgets all when the host does.
/// #[derive(Debug)]
/// struct Reports(VecDeque<Report>);
///
/// impl Duty for Reports {
///     fn notice(&mut self, _now: Instant, _notice: Notice) {}
///
///     fn step(
///         &mut self,
///         cx: &Context<'_>,
///         _standing: Standing,
///         input: Input,
///     ) -> Step<Option<Instant>> {
///         if let (Input::Reply(reply), Some(report)) = (input, self.0.front()) {
///             if flows::decode(report, reply).is_err() {
///                 return Step::Done(cx.now.checked_add(std::time::Duration::from_secs(30)));
///             }
///             self.0.pop_front();
///         }
///         match self.0.front().map(|report| report.request(cx.profile)) {
///             Some(Ok(request)) => Step::Send(request),
///             _ => Step::Done(None),
///         }
///     }
/// }
/// ```
pub trait Duty: Debug + Send {
    /// Something has happened that the duty may have to know. `now` is the time at which the session
    /// last looked. Notices and replies come in their order: a reply before a
    /// [`Notice::Restarted`] belongs to the boot before it.
    fn notice(&mut self, now: Instant, notice: Notice);

    /// Whether a report of an earlier program may still be answered, as this duty knows from what it
    /// keeps on disk. Its answer is for all reports of that program. The session asks if the SDK is
    /// open already when the session begins: see [`Plan::earlier`](crate::session::Plan::earlier).
    ///
    /// Signatures are waited for whatever it answers: a file knows what its own programs asked, and not
    /// who else signed at this port.
    fn unanswered(&self) -> Unanswered {
        Unanswered::Unknown
    }

    /// The next step.
    fn step(&mut self, cx: &Context<'_>, standing: Standing, input: Input)
    -> Step<Option<Instant>>;
}

/// Whether something that an earlier program sent may still be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unanswered {
    /// It is not known.
    #[default]
    Unknown,
    /// Nothing: all that was sent was answered.
    Nothing,
    /// Something may be.
    Something,
}

/// What a [`Duty`] is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// A change of the configuration is sent next, and the SDK then discards everything it holds
    /// (spec V1.0, 3.1, note 4). The notice comes before the change, so that it is not missed if the
    /// host loses power. If the change fails, nothing was discarded.
    CacheDiscarded,
    /// SHUT was confirmed, so what the SDK held is saved. The session shuts the SDK when the caller
    /// wants it, and before it restarts the module.
    Closed,
    /// The SDK is open.
    Opened {
        /// Whether OPEN has started it (it answered 0). Then the module has booted since the SDK was
        /// last opened (spec V1.0, 3.2: once a boot), and reports that only its memory held are
        /// lost, unless [`Notice::Closed`] came after the module took them. If OPEN answered 1, it
        /// is still the boot in which the SDK was opened, and nothing is lost.
        fresh: bool,
    },
    /// The session is ready.
    Ready,
    /// The module was restarted, or says that it switches off. Reports that only its memory held are
    /// lost, unless [`Notice::Closed`] came after the module took them. This notice comes once
    /// before the next [`Notice::Opened`], however many restarts are seen. A restart that nobody
    /// sees shows in [`Notice::Opened`] alone.
    Restarted,
    /// The session is not ready any more.
    Unready,
}

/// What a [`Duty`] may know of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Standing {
    /// The state of the session, after the reply.
    pub state: State,
    /// Whether the module was registered for packet data when it last said so. A report that fails
    /// with 1 is itself wrong only if the session is ready and the module is registered: some
    /// firmware answers 1 also where there is no registration.
    pub registered: bool,
    /// The time by the host's wall clock, in seconds since 1970; `None` if it has none.
    pub unix_seconds: Option<i64>,
}
