//! What happens in a session, as it is shown.

use m26_pay::engine::Event;
use m26_pay::session::{SessionEvent, State, Transition};

use crate::object::Object;
use crate::screen::{Screen, Shown};

/// An event as this screen shows it; nothing where it has no words for it.
pub(super) fn shown(event: &SessionEvent, screen: Screen) -> Option<Shown> {
    match event {
        SessionEvent::Module(
            event @ (Event::Late(_)
            | Event::Malformed(_)
            | Event::Stray(_)
            | Event::Text(_)
            | Event::Urc(_)),
        ) => screen.of_event(event),
        event if screen.json => Some(Shown::Line(screen.mark(object(event)).to_string())),
        event => Some(Shown::Note(event.to_string())),
    }
}

/// How many events were not shown to who did not read what was.
pub(super) fn missed(count: u64, screen: Screen) -> Shown {
    let event = SessionEvent::Missed(count);
    match screen.json {
        true => Shown::Line(screen.mark(object(&event)).to_string()),
        false => Shown::Note(event.to_string()),
    }
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
        SessionEvent::Module(Event::InputErrors(_)) => message(named("input_errors"), event),
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
