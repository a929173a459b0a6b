//! `status`: how the session, the module and the outbox are.

use m26_pay::engine::InputErrors;
use m26_pay::outbox::Outbox;
use m26_pay::session::{Counters, Health};

use crate::jobs::module::network;
use crate::jobs::{Outcome, answer};
use crate::object::Object;
use crate::screen::printable;

/// Only one of both forms is read, and a screen asks all the time: so the other one is left out.
pub(super) fn status(health: &Health, outbox: Option<&Outbox>, json: bool) -> Outcome {
    if !json {
        let clock = health.clock.as_ref().map(ToString::to_string);
        return answer(Object::new(), text(health, clock.as_deref(), outbox));
    }
    let module = health.module.as_ref().map(|module| {
        Object::new()
            .with("manufacturer", module.manufacturer.as_str())
            .with("model", module.model.as_str())
            .with("revision", module.revision.as_str())
    });
    let clock = health.clock.as_ref().map(ToString::to_string);
    let object = Object::new()
        .with("state", health.state.name())
        .with("last_error", health.last_error.as_deref());
    let object = network(
        nest(object, "module", module),
        health.signal,
        health.gsm.status,
        health.gprs.status,
    )
    .with("clock", clock.as_deref())
    .with("identified", health.identified)
    .with("may_hold_reports", health.may_hold_reports);
    let object = nest(object, "outbox", outbox.map(reports))
        .nest("input_errors", &input_errors(health.input_errors))
        .nest("counters", &counters(&health.counters));
    answer(object, "")
}

/// An object, or null.
fn nest(object: Object, name: &str, value: Option<Object>) -> Object {
    match value {
        Some(value) => object.nest(name, &value),
        None => object.with(name, ()),
    }
}

fn text(health: &Health, clock: Option<&str>, outbox: Option<&Outbox>) -> String {
    let mut lines = vec![health.state.to_string()];
    let mut line = |name: &str, value: &str| lines.push(format!("{name:<14}{}", printable(value)));
    if let Some(error) = &health.last_error {
        line("last error", error);
    }
    if let Some(module) = &health.module {
        line("module", &module.to_string());
    }
    match health.signal.dbm() {
        Some(dbm) => line("signal", &format!("{dbm} dBm (rssi {})", health.signal.rssi)),
        None => line("signal", "not known"),
    }
    line("network", &health.gsm.status.to_string());
    line("packet data", &health.gprs.status.to_string());
    line("clock", clock.unwrap_or("not known"));
    if let Some(outbox) = outbox {
        let reports = outbox.summary().reports;
        let text = format!(
            "{} to be sent, {} held by the module, {} stepped aside",
            reports.due(),
            reports.held + reports.ram_only,
            reports.parked + reports.rejected
        );
        line("outbox", &text);
    }
    lines.join("\n")
}

fn reports(outbox: &Outbox) -> Object {
    let reports = outbox.summary().reports;
    Object::new()
        .with("pending", reports.due())
        .with("held", reports.held + reports.ram_only)
        .with("ram_only", reports.ram_only)
        .with("parked", reports.parked)
        .with("rejected", reports.rejected)
}

fn input_errors(errors: InputErrors) -> Object {
    Object::new()
        .with("overrun", errors.overrun)
        .with("buf_overrun", errors.buf_overrun)
        .with("frame", errors.frame)
        .with("parity", errors.parity)
        .with("brk", errors.brk)
}

fn counters(counters: &Counters) -> Object {
    Object::new()
        .with("commands", counters.commands)
        .with("failures", counters.failures)
        .with("not_allowed", counters.not_allowed)
        .with("urcs", counters.urcs)
        .with("late", counters.late)
        .with("strays", counters.strays)
        .with("missed", counters.missed)
        .with("resets", counters.resets)
        .with("restarts", counters.restarts)
        .with("silences", counters.silences)
        .with("disconnects", counters.disconnects)
        .with("connects", counters.connects)
        .with("ready", counters.ready)
}
