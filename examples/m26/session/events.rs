//! What happens in a session, as it is printed.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use m26_pay::blocking::SessionHandle;
use m26_pay::engine::Event;
use m26_pay::session::{SessionEvent, State, Transition};

use super::lock;
use crate::object::Object;
use crate::screen::{Screen, note, print};

/// Prints events until the session ends.
pub(super) fn print_all(session: &SessionHandle, screen: &Mutex<Screen>) -> io::Result<()> {
    while session.wait_event(None) {
        print_arrived(session, *lock(screen))?;
    }
    Ok(())
}

/// Prints the events that are there. Whoever calls it has the screen locked, so that no other
/// thread has taken one and not printed it yet.
pub(super) fn print_arrived(session: &SessionHandle, screen: Screen) -> io::Result<()> {
    while let Some(event) = session.next_event(Some(Duration::ZERO)) {
        one(&event, screen)?;
    }
    Ok(())
}

fn one(event: &SessionEvent, screen: Screen) -> io::Result<()> {
    if let SessionEvent::Module(
        event @ (Event::Late(_)
        | Event::Malformed(_)
        | Event::Stray(_)
        | Event::Text(_)
        | Event::Urc(_)),
    ) = event
    {
        return screen.event(event);
    }
    if screen.json {
        return print(&screen.mark(object(event)));
    }
    note(event);
    Ok(())
}

fn object(event: &SessionEvent) -> Object {
    let named = |name: &str| Object::new().with("event", name);
    match event {
        SessionEvent::Transition(transition) => state(named("state"), transition),
        SessionEvent::Warning(warning) => named("warning").with("message", warning.to_string()),
        SessionEvent::Progress(progress) => named("progress")
            .with("step", progress.step)
            .with("detail", progress.detail.as_str())
            .with("remaining_seconds", progress.remaining.map(|remaining| remaining.as_secs())),
        SessionEvent::Missed(count) | SessionEvent::Module(Event::Missed(count)) => {
            named("missed").with("count", *count)
        }
        SessionEvent::Module(Event::Overrun) => message(named("overrun"), event),
        SessionEvent::Module(Event::Reset) => message(named("reset"), event),
        SessionEvent::Module(Event::Silent) => message(named("silent"), event),
        other => message(named("other"), other),
    }
}

fn message(object: Object, event: &SessionEvent) -> Object {
    object.with("message", event.to_string())
}

fn state(object: Object, transition: &Transition) -> Object {
    let object = object
        .with("from", transition.from.name())
        .with("to", transition.to.name())
        .with("reason", &*transition.reason);
    match transition.to {
        State::Restarting { attempt } => object.with("attempt", attempt),
        _ => object,
    }
}
