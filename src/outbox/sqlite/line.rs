//! A report as a line of text.
//!
//! ```text
//! appended ⇥ business_no ⇥ QRcode ⇥ amount ⇥ time_consuming ⇥ trade_result ⇥ time_stamp
//!     [ ⇥ attempts ⇥ failures ⇥ first_failed ⇥ answered ⇥ answer ⇥ answer_code ] ⇥ checksum
//! ```
//!
//! Tabs separate the fields; no argument may hold a tab. A field without a value is empty. Times are
//! in Unix milliseconds, except time_stamp. The second part is there if the report was sent. The
//! checksum is a CRC-32 in hexadecimal, also of the report's number, state and boot.

use std::array;
use std::str::FromStr;

use super::answer;
use crate::alipay::{BusinessNo, QrCode, Report, TradeResult};
use crate::amount::Amount;
use crate::outbox::{Id, Item, ItemState, UnixMillis};
use crate::sqlite::StoreError;

/// What is known of a report beside its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: i64,
    pub(super) state: ItemState,
    pub(super) boot: Option<i64>,
}

/// Writes a report that was not sent yet.
pub(super) fn write_new(text: &mut Vec<u8>, place: Place, report: &Report, appended: UnixMillis) {
    let start = text.len();
    write_report(text, report, appended);
    seal(text, start, place);
}

/// Writes a report.
pub(super) fn write(text: &mut Vec<u8>, item: &Item<Report>) {
    let start = text.len();
    write_report(text, &item.content, item.added);
    if item.attempts > 0 || item.last.is_some() {
        let (kind, code) = answer::numbers(item.last.map(|(_, answer)| answer));
        let numbers = [
            Some(item.attempts.into()),
            Some(item.failures.into()),
            item.first_failed.map(|time| time.0),
            item.last.map(|(time, _)| time.0),
            kind.map(i64::from),
            code.map(i64::from),
        ];
        for number in numbers {
            text.push(b'\t');
            if let Some(number) = number {
                push(text, number);
            }
        }
    }
    seal(text, start, Place { id: item.id.get(), state: item.state, boot: item.boot });
}

/// Compares the checksum of a line, and reads nothing else of it. `scratch` is room for this, used
/// again for the next line.
pub(super) fn check(line: &str, place: Place, scratch: &mut Vec<u8>) -> Result<(), StoreError> {
    let sealed = line.as_bytes().split_last_chunk::<SUM>();
    let sealed = sealed.and_then(|(text, sum)| Some((text.strip_suffix(b"\t")?, sum)));
    let is_right = sealed.is_some_and(|(text, sum)| {
        scratch.clear();
        scratch.extend_from_slice(text);
        *sum == digits(checksum(scratch, 0, place))
    });
    if is_right { Ok(()) } else { Err(damaged("the checksum", place)) }
}

/// Reads a line. `scratch` is as in [`check`].
pub(super) fn read(
    line: &str,
    place: Place,
    scratch: &mut Vec<u8>,
) -> Result<Item<Report>, StoreError> {
    let damaged = |what| damaged(what, place);
    check(line, place, scratch)?;
    // The checksum and the tab before it.
    let mut fields = Fields(line.get(..line.len() - (1 + SUM)));
    let appended = UnixMillis(fields.int().ok_or_else(|| damaged("appended"))?);
    let report = read_report(&mut fields).map_err(damaged)?;
    let mut item = Item::new(Id::new(place.id), report, appended);
    (item.state, item.boot) = (place.state, place.boot);
    if let Some(attempts) = fields.next() {
        item.attempts = attempts.parse().map_err(|_| damaged("attempts"))?;
        item.failures = fields.int().ok_or_else(|| damaged("failures"))?;
        let mut number = |what| fields.maybe_int().ok_or_else(|| damaged(what));
        item.first_failed = number("first_failed")?.map(UnixMillis);
        let answered = number("answered")?;
        let kind = fields.maybe_int().ok_or_else(|| damaged("answer"))?;
        let code = fields.maybe_int().ok_or_else(|| damaged("answer_code"))?;
        item.last = answer::of(answered, kind, code).ok_or_else(|| damaged("answer"))?;
    }
    if fields.next().is_some() {
        return Err(damaged("the number of fields"));
    }
    Ok(item)
}

fn write_report(text: &mut Vec<u8>, report: &Report, appended: UnixMillis) {
    push(text, appended.0);
    text.push(b'\t');
    text.extend_from_slice(report.business_no().map_or("", BusinessNo::expose).as_bytes());
    text.push(b'\t');
    text.extend_from_slice(report.qr_code().map_or("", QrCode::expose).as_bytes());
    text.push(b'\t');
    // At most `Report::MAX_AMOUNT`.
    push(text, report.amount().fen() as i64);
    text.push(b'\t');
    if let Some(seconds) = report.time_consuming() {
        push(text, seconds.into());
    }
    text.push(b'\t');
    push(text, report.trade_result().code().into());
    text.push(b'\t');
    push(text, report.time_stamp());
}

fn read_report(fields: &mut Fields<'_>) -> Result<Report, &'static str> {
    let business_no = fields.maybe_text().ok_or("business_no")?;
    let qr_code = fields.maybe_text().ok_or("QRcode")?;
    let amount = fields.int().and_then(|fen| Amount::from_fen(fen).ok()).ok_or("amount")?;
    let time_consuming: Option<u32> = fields.maybe_int().ok_or("time_consuming")?;
    let trade_result = fields.int().and_then(TradeResult::from_code).ok_or("trade_result")?;
    let mut report = Report::of(amount, trade_result, fields.int().ok_or("time_stamp")?);
    // Of a value that is not valid, only the name may be shown.
    if let Some(business_no) = business_no {
        report = report.business_no(BusinessNo::new(business_no).map_err(|error| error.field)?);
    }
    if let Some(qr_code) = qr_code {
        report = report.qr_code(QrCode::new(qr_code).map_err(|error| error.field)?);
    }
    if let Some(seconds) = time_consuming {
        report = report.time_consuming(seconds);
    }
    report.build().map_err(|error| error.field)
}

/// Appends its checksum to a line.
fn seal(text: &mut Vec<u8>, start: usize, place: Place) {
    let sum = digits(checksum(text, start, place));
    text.push(b'\t');
    text.extend_from_slice(&sum);
}

/// The checksum of the line that begins at `start`. The number, state and boot are appended to the
/// line while the sum is made: a sum of two pieces takes twice as long.
fn checksum(text: &mut Vec<u8>, start: usize, place: Place) -> u32 {
    let end = text.len();
    text.extend_from_slice(&place.bytes());
    let sum = crc32fast::hash(&text[start..]);
    text.truncate(end);
    sum
}

/// A checksum as it is written.
fn digits(sum: u32) -> [u8; SUM] {
    array::from_fn(|at| HEXADECIMAL[(sum >> (4 * (SUM - 1 - at)) & 0xF) as usize])
}

fn damaged(what: &str, place: Place) -> StoreError {
    StoreError::damaged(format_args!("{what} of report {} is wrong", place.id))
}

impl Place {
    fn bytes(self) -> [u8; 17] {
        let mut bytes = [super::state::number(self.state); 17];
        bytes[..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.boot.unwrap_or(-1).to_le_bytes());
        bytes
    }
}

/// Appends a number. A thousand reports that are appended at once have some thousands of numbers, so
/// the formatter is avoided.
fn push(text: &mut Vec<u8>, number: i64) {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// The fields of a line that are not read yet.
struct Fields<'a>(Option<&'a str>);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.take()?;
        // `str::split` takes three times as long.
        match rest.bytes().position(|byte| byte == b'\t') {
            Some(end) => {
                self.0 = rest.get(end + 1..);
                rest.get(..end)
            }
            None => Some(rest),
        }
    }

    /// A number.
    fn int<T: FromStr>(&mut self) -> Option<T> {
        self.next()?.parse().ok()
    }

    /// A number, or an empty field.
    fn maybe_int<T: FromStr>(&mut self) -> Option<Option<T>> {
        match self.next()? {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        }
    }

    /// A text, or an empty field.
    fn maybe_text(&mut self) -> Option<Option<&'a str>> {
        self.next().map(|text| Some(text).filter(|text| !text.is_empty()))
    }
}

/// How many digits a checksum has.
const SUM: usize = 8;

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alipay::ReportStatus;
    use crate::outbox::{Doubt, ReportAnswer};

    fn report() -> impl Strategy<Value = Report> {
        let number = proptest::option::of("[a-zA-Z0-9 ,;一-丐]{1,16}");
        let code = proptest::option::of("[0-9]{16,24}");
        let seconds = proptest::option::of(any::<u32>());
        let fen = 0..=Report::MAX_AMOUNT.fen();
        (number, code, fen, seconds, -1..=6, 0..i64::MAX).prop_filter_map(
            "fields that go together",
            |(number, code, fen, seconds, outcome, time)| {
                let amount = Amount::from_fen(fen).ok()?;
                let mut report = Report::of(amount, TradeResult::from_code(outcome)?, time);
                if let Some(number) = number {
                    report = report.business_no(BusinessNo::new(number).ok()?);
                }
                if let Some(code) = code {
                    report = report.qr_code(QrCode::new(code).ok()?);
                }
                if let Some(seconds) = seconds {
                    report = report.time_consuming(seconds);
                }
                report.build().ok()
            },
        )
    }

    fn answer() -> impl Strategy<Value = ReportAnswer> {
        prop_oneof![
            any::<i32>().prop_map(|code| ReportAnswer::Result(ReportStatus(code))),
            any::<Option<u16>>().prop_map(ReportAnswer::Refused),
            proptest::sample::select(Doubt::ALL.to_vec()).prop_map(ReportAnswer::Unknown),
            Just(ReportAnswer::InvalidCommand),
        ]
    }

    prop_compose! {
        fn item()(
            id in 1..i64::MAX,
            content in report(),
            state in proptest::sample::select(ItemState::ALL.to_vec()),
            attempts in any::<u32>(),
            failures in any::<u32>(),
            first_failed in any::<Option<i64>>(),
            last in proptest::option::of((any::<i64>(), answer())),
            added in any::<i64>(),
            boot in proptest::option::of(0..i64::MAX),
        ) -> Item<Report> {
            let sent = attempts > 0 || last.is_some();
            Item {
                id: Id::new(id),
                content,
                state,
                attempts,
                failures: if sent { failures } else { 0 },
                first_failed: first_failed.filter(|_| sent).map(UnixMillis),
                last: last.map(|(at, answer)| (UnixMillis(at), answer)),
                added: UnixMillis(added),
                boot,
            }
        }
    }

    fn written(item: &Item<Report>) -> String {
        let mut text = Vec::new();
        write(&mut text, item);
        String::from_utf8(text).unwrap()
    }

    fn place(item: &Item<Report>) -> Place {
        Place { id: item.id.get(), state: item.state, boot: item.boot }
    }

    #[test]
    fn as_drawn() {
        let report = Report::of(Amount::from_fen(1025).unwrap(), TradeResult::Unsupported, 7);
        let mut text = Vec::new();
        let place = Place { id: 1, state: ItemState::Pending, boot: None };
        write_new(&mut text, place, &report.build().unwrap(), UnixMillis(-5));
        let text = String::from_utf8(text).unwrap();
        let (fields, sum) = text.rsplit_once('\t').unwrap();
        assert_eq!(fields, "-5\t\t\t1025\t\t6\t7");
        assert_eq!(sum.len(), SUM);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(item in item()) {
            let text = written(&item);
            prop_assert!(!text.contains('\n'));
            prop_assert_eq!(read(&text, place(&item), &mut Vec::new()).unwrap(), item.clone());
            let mut new = Vec::new();
            let pending = Place { state: ItemState::Pending, boot: None, ..place(&item) };
            write_new(&mut new, pending, &item.content, item.added);
            let read = read(std::str::from_utf8(&new).unwrap(), pending, &mut Vec::new()).unwrap();
            prop_assert_eq!(read, Item::new(item.id, item.content, item.added));
        }

        #[test]
        fn a_flipped_bit_is_told(item in item(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut bytes = written(&item).into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            // The hexadecimal digits read the same in upper case.
            if let Ok(text) = String::from_utf8(bytes) {
                let read = read(&text, place(&item), &mut Vec::new());
                prop_assert!(read.is_err() || read.is_ok_and(|read| read == item));
            }
        }

        #[test]
        fn another_place_is_told(item in item(), id in 1..i64::MAX) {
            let text = written(&item);
            prop_assume!(id != item.id.get());
            let other = Place { id, ..place(&item) };
            prop_assert!(read(&text, other, &mut Vec::new()).is_err());
            let boot = Some(item.boot.map_or(0, |boot| boot / 2 + 1));
            prop_assume!(boot != item.boot);
            let other = Place { boot, ..place(&item) };
            prop_assert!(read(&text, other, &mut Vec::new()).is_err());
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let place = Place { id: 1, state: ItemState::Pending, boot: None };
            prop_assert!(read(&text, place, &mut Vec::new()).is_err());
        }
    }
}
