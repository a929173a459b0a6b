//! `outbox drain`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use m26_pay::blocking::{Host, Session};
use m26_pay::engine::{Certainty, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::outbox::Outbox;
use m26_pay::outbox::store::Counts;
use m26_pay::session::{Plan, Restart, SessionEvent, State};

use super::args::Drain;
use super::open;
use crate::connection::Target;
use crate::jobs::{Outcome, answer};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{note, progress};

/// Sends what is pending, as a session does by itself, and tells how far it is.
pub(crate) fn drain(target: &Target, args: &Drain) -> Outcome {
    target.must_be_real()?;
    let (host, _) = target.host()?;
    let outbox = open(&args.file.db)?;
    let before = outbox.summary().reports;
    if before.due() == 0 {
        return done(before, before);
    }
    let stopped = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopped);
    ctrlc::set_handler(move || stop.store(true, Ordering::Release))
        .map_err(|error| Problem::invalid(format!("Ctrl-C cannot be caught: {error}")))?;
    // Nothing of the product's is changed, and the module is not restarted: it may hold reports in
    // memory alone.
    let earlier = target.earlier.unwrap_or_default();
    let plan = Plan { human_verify: None, restart: Restart::Never, earlier, ..Plan::default() };
    let mut session = Session::new(host, plan, Settings::new(target.profile.clone()));
    session.attach(outbox.duty());
    if let Some(record) = target.record()? {
        session.record(record);
    }
    note(&format_args!("pending: {}; Ctrl-C ends it", before.due()));
    let why = watch(&mut session, &outbox, args.patience, &stopped);
    // What is in the air is settled by that.
    drop(session);
    let after = outbox.summary().reports;
    match why {
        None => done(before, after),
        Some((kind, why)) => {
            let message = format!(
                "{} reports are pending still, since {why}; the module took {}",
                after.due(),
                taken(before, after)
            );
            Err(Problem::new(kind, Certainty::Refused, message))
        }
    }
}

/// Lets the session work until nothing is pending. `Some` is why it stopped before.
fn watch<H: Host>(
    session: &mut Session<H>,
    outbox: &Outbox,
    patience: Option<Duration>,
    stopped: &AtomicBool,
) -> Option<(ErrorKind, String)> {
    let until = patience.and_then(|patience| now().checked_add(patience));
    loop {
        match session.next_event(Some(TURN)) {
            Some(SessionEvent::Progress(told)) => progress(&told),
            Some(SessionEvent::Transition(transition)) => note(&transition),
            Some(SessionEvent::Warning(warning)) => note(&warning),
            _ => {}
        }
        if outbox.summary().reports.due() == 0 {
            return None;
        }
        if matches!(session.state(), State::Failed | State::Shut) {
            let why = session.wait_ready(Duration::ZERO).err();
            let why = why.map(|error| error.to_string()).unwrap_or_default();
            return Some((ErrorKind::Refused, why));
        }
        if stopped.load(Ordering::Acquire) {
            return Some((ErrorKind::Interrupted, "it was stopped".into()));
        }
        if until.is_some_and(|until| until <= now()) {
            return Some((ErrorKind::TimedOut, "the time it was given is over".into()));
        }
    }
}

fn done(before: Counts, after: Counts) -> Outcome {
    let taken = taken(before, after);
    let aside = (after.parked + after.rejected).saturating_sub(before.parked + before.rejected);
    let object = Object::new()
        .with("taken", taken)
        .with("aside", aside)
        .with("pending", after.due())
        .with("held", after.held + after.ram_only)
        .with("parked", after.parked)
        .with("rejected", after.rejected)
        .with("ram_only", after.ram_only);
    let mut text = match before.due() {
        0 => "nothing is pending".to_string(),
        _ => format!("nothing is pending any more; the module took {taken}"),
    };
    if aside > 0 {
        text += &format!(", and {aside} stepped aside: see `outbox list`");
    }
    if after.ram_only > 0 {
        text += &format!(
            "\n{} are in the module's memory alone: close the SDK with `shut` before it goes off",
            after.ram_only
        );
    }
    answer(object, text)
}

fn taken(before: Counts, after: Counts) -> u64 {
    (after.held + after.ram_only).saturating_sub(before.held + before.ram_only)
}

#[allow(clippy::disallowed_methods, reason = "the tool waits in real time")]
fn now() -> Instant {
    Instant::now()
}

/// How often it is looked whether there is anything left to do.
const TURN: Duration = Duration::from_millis(200);
