//! How what is in an outbox is shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use m26_pay::alipay::{BusinessNo, QrCode, Report};
use m26_pay::outbox::{
    Item, ItemState, Payload, Payment, PaymentKey, ReportAnswer, Summary, Upload, Usage,
};
use m26_pay::secret::REDACTED;
use m26_pay::unix_time::UnixMillis;

use crate::object::Object;
use crate::screen::printable;

/// Shows reports and payments, as they are now.
#[derive(Clone, Copy)]
pub(super) struct Viewer {
    show_secrets: bool,
    now: UnixMillis,
}

impl Viewer {
    pub(super) fn new(show_secrets: bool) -> Self {
        Self { show_secrets, now: now() }
    }

    pub(super) fn shows_secrets(self) -> bool {
        self.show_secrets
    }

    /// The counts, in the order of a report's life; `held` with what is held in memory alone.
    pub(super) fn counts(self, summary: &Summary) -> Object {
        let counts = summary.reports;
        Object::new()
            .with("pending", counts.due() + counts.announced + counts.ordered)
            .with("held", counts.held + counts.ram_only)
            .with("parked", counts.parked)
            .with("rejected", counts.rejected)
    }

    pub(super) fn usage(self, summary: &Summary) -> Object {
        let usage = &summary.usage;
        let uses = |uses: Usage| {
            Object::new().with("broadcasts", uses.broadcasts).with("scans", uses.scans)
        };
        let object = Object::new()
            .nest("unreported", &uses(usage.unreported))
            .with("reported_ms", usage.reported.map(|at| at.0));
        self.last(object, usage.last)
    }

    pub(super) fn payment_counts(self, summary: &Summary) -> Object {
        let counts = summary.payments;
        Object::new()
            .with("waiting", counts.due() + counts.announced)
            .with("parked", counts.parked)
            .with("refused", counts.rejected)
            .with("uploaded", counts.held)
            .with("expired", counts.expired)
    }

    pub(super) fn report(self, item: &Item<Report>) -> Object {
        let report = &item.content;
        let secret =
            |text: &str| if self.show_secrets { text.to_string() } else { REDACTED.into() };
        let report = Object::new()
            .with("business_no", report.business_no().map(BusinessNo::expose).map(secret))
            .with("qr_code", report.qr_code().map(QrCode::expose).map(secret))
            .with("amount_fen", report.amount().fen())
            .with("time_consuming", report.time_consuming())
            .with("trade_result", report.trade_result().code())
            .with("meaning", report.trade_result().description())
            .with("time_stamp", report.time_stamp());
        let object = Object::new()
            .with("id", item.id.get())
            .with("state", item.state.name())
            .with("attempts", item.attempts)
            .with("failures", item.failures)
            .with("appended_ms", item.added.0)
            .with("first_failed_ms", item.first_failed.map(|at| at.0))
            .with("boot", item.boot);
        self.last(object, item.last).nest("report", &report)
    }

    fn last(self, object: Object, last: Option<(UnixMillis, ReportAnswer)>) -> Object {
        let Some((at, answer)) = last else { return object.with("last", ()) };
        let code = match answer {
            ReportAnswer::Result(status) => Some(status.0),
            ReportAnswer::Refused(code) => code.map(i32::from),
            _ => None,
        };
        let last = Object::new()
            .with("at_ms", at.0)
            .with("code", code)
            .with("meaning", answer.to_string());
        object.nest("last", &last)
    }

    pub(super) fn payment(self, payment: &Item<Payment>) -> Object {
        let secret = |bytes: &[u8]| if self.show_secrets { hex(bytes) } else { REDACTED.into() };
        let last = payment
            .last
            .map(|(at, upload)| Object::new().with("at_ms", at.0).with("meaning", meaning(upload)));
        let object = Object::new()
            .with("id", payment.id.get())
            .with("state", payment.state.name())
            .with("attempts", payment.attempts)
            .with("failures", payment.failures)
            .with("accepted_ms", payment.added.0)
            .with("due_ms", payment.content.due.0)
            .with("last_moment_ms", payment.content.last_moment.0)
            .with("key", payment.content.key.as_ref().map(PaymentKey::expose).map(secret))
            .with("payload", payment.content.payload.as_ref().map(Payload::expose).map(secret));
        match last {
            Some(last) => object.nest("last", &last),
            None => object.with("last", ()),
        }
    }

    /// A report as a row of [`HEADING`].
    pub(super) fn row(self, item: &Item<Report>) -> String {
        let report = &item.content;
        format!(
            "{:>6}  {:<9} {:>7} {:>8} {:>10}  {:<12} {}",
            item.id.get(),
            item.state.name(),
            self.age(item.added),
            item.attempts,
            report.amount().to_string(),
            outcome(item),
            self.answer(item.last),
        )
        .trim_end()
        .to_string()
    }

    /// All of a report, for people.
    pub(super) fn describe(self, item: &Item<Report>) -> String {
        let report = &item.content;
        let secret = |text: &str| if self.show_secrets { printable(text) } else { REDACTED.into() };
        let none = || "none".to_string();
        let mut lines = vec![
            ("report", item.id.to_string()),
            ("state", format!("{}: {}", item.state, standing(item.state))),
            ("appended", format!("{} ago", self.age(item.added))),
            ("attempts", item.attempts.to_string()),
            (
                "last answer",
                match self.answer(item.last) {
                    text if text.is_empty() => "not sent yet".into(),
                    text => text,
                },
            ),
        ];
        if let Some(since) = item.first_failed {
            let count = item.failures;
            lines.push(("failing", format!("{count} times in a row, for {}", self.age(since))));
        }
        let result = report.trade_result();
        lines.extend([
            ("amount", format!("{} yuan", report.amount())),
            ("outcome", format!("{} ({})", result.code(), result.description())),
            ("time stamp", report.time_stamp().to_string()),
            ("took", report.time_consuming().map_or_else(none, |seconds| format!("{seconds} s"))),
            ("business no", report.business_no().map(BusinessNo::expose).map_or_else(none, secret)),
            ("QR code", report.qr_code().map(QrCode::expose).map_or_else(none, secret)),
        ]);
        let lines = lines.into_iter().map(|(name, value)| format!("{name:<14}{value}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A payment on one line, for people.
    pub(super) fn payment_row(self, payment: &Item<Payment>) -> String {
        let last = payment
            .last
            .map(|(at, upload)| format!(", last {} {} ago", meaning(upload), self.age(at)));
        format!(
            "{:>6}  accepted {} ago, last moment {} ago, tried {} times{}",
            payment.id.get(),
            self.age(payment.added),
            self.age(payment.content.last_moment),
            payment.attempts,
            last.unwrap_or_default(),
        )
    }

    /// The last answer and its age, or nothing.
    pub(super) fn answer(self, last: Option<(UnixMillis, ReportAnswer)>) -> String {
        last.map(|(at, answer)| format!("{answer}, {} ago", self.age(at))).unwrap_or_default()
    }

    pub(super) fn age(self, at: UnixMillis) -> String {
        in_words(self.now.since(at))
    }
}

/// How an answer of the uploader reads.
fn meaning(upload: Upload) -> &'static str {
    match upload {
        Upload::Done => "uploaded",
        Upload::Failed => "failed",
        Upload::Refused => "refused",
        Upload::Unreachable => "server not reached",
        _ => "not known",
    }
}

/// What becomes of a report in this state.
fn standing(state: ItemState) -> &'static str {
    match state {
        ItemState::Pending | ItemState::Sending | ItemState::Announced => {
            "it is sent when the till runs, or by `outbox drain`"
        }
        ItemState::Ordered => "it waits until its order at the gateway is settled",
        ItemState::Held => "the module has taken it, and sends it when it can",
        ItemState::RamOnly => {
            "the module has taken it and holds it in memory alone: it is sent again after a restart"
        }
        ItemState::Parked => "it failed for too long; `outbox retry` has it sent again",
        ItemState::Rejected => {
            "the module found fault with it; `outbox retry` has it sent again as it is"
        }
        _ => "it stays as it is",
    }
}

/// The outcome of a trade, short.
fn outcome(item: &Item<Report>) -> String {
    use m26_pay::alipay::TradeResult;
    match item.content.trade_result() {
        TradeResult::Unavailable => "not had",
        TradeResult::Success => "success",
        TradeResult::Timeout => "timeout",
        TradeResult::Failed => "failed",
        TradeResult::Processing => "processing",
        TradeResult::NetworkError => "network",
        TradeResult::Unknown => "unknown",
        TradeResult::Unsupported => "unsupported",
        other => other.description(),
    }
    .into()
}

/// Two digits are enough to know.
fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 2 * 3600 => format!("{} min", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[allow(clippy::disallowed_methods, reason = "the tool tells how long ago something was")]
fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::default().plus(since)
}

pub(super) const HEADING: &str =
    "    id  state         age attempts       yuan  outcome      last answer";
