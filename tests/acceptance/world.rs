//! Codes, clocks and records that are made up.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use m26_pay::amount::Amount;
use m26_pay::campus::acceptance::{CampusPayment, Checkout, PaymentRecorder, RecordError, Sale};
use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{FinalData, Pid};
use m26_pay::campus::fake::{FakeCode, FakeDecoder};
use m26_pay::campus::guard::{Fingerprint, MemoryGuard, Now, TimeRules};
use m26_pay::campus::layout::{Card, Layout};
use m26_pay::unix_time::UnixMillis;

/// When everything happens: 2020-05-18.
pub(crate) const START: i64 = 1_589_760_000_000;
pub(crate) const PID: Pid = Pid::from_u64_be(2088000034052130);

/// Never refuses a code for its age, so that it is the guard's rules that do.
pub(crate) type Decoder = FakeDecoder<fn() -> UnixMillis>;

pub(crate) fn decoder() -> Decoder {
    FakeDecoder::new(|| UnixMillis(0))
}

/// So many milliseconds after the start.
#[allow(clippy::disallowed_methods, reason = "only the wall clock is virtual")]
pub(crate) fn at(millis: i64) -> Now {
    Now { monotonic: Instant::now(), wall: UnixMillis(START + millis) }
}

/// The code of the holder with this number, made at the start.
pub(crate) fn code(number: usize) -> Vec<u8> {
    encode(made(number))
}

pub(crate) fn made(number: usize) -> FakeCode {
    let student_no = format!("2020{number:06}");
    let card = Card { student_no, ..Card::sample() };
    let user_data = Layout::TEMPLATE_5.encode(&card, Encoding::GB2312).unwrap();
    FakeCode::new(UnixMillis(START)).user_data(user_data).enable(PID)
}

pub(crate) fn encode(code: FakeCode) -> Vec<u8> {
    code.encode().unwrap().expose().to_vec()
}

/// What may show nowhere: who holds `code(1)`, the code, and what of it is sent on.
pub(crate) fn hidden(final_data: &FinalData) -> Vec<String> {
    let bytes = |bytes: &[u8]| format!("{bytes:?}").trim_matches(['[', ']']).to_string();
    vec![
        "2020000001".to_string(),
        "李小明".into(),
        "1234567890123456".into(),
        bytes(b"2020000001"),
        bytes(&code(1)[..8]),
        bytes(&code(1)[100..108]),
        bytes(&final_data.expose()[..8]),
        bytes(&final_data.expose()[100..108]),
        final_data.expose_hex()[..16].into(),
        final_data.expose_base64()[..16].into(),
    ]
}

pub(crate) fn yuan(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(crate) fn sale() -> Sale {
    Sale::new(yuan("10.25"))
}

pub(crate) fn memory() -> MemoryGuard {
    MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default())
}

pub(crate) fn till() -> Checkout<Decoder, MemoryGuard, Book> {
    Checkout::new(decoder(), memory(), Book::default(), PID)
}

/// A record in memory, whose disk can be full.
#[derive(Debug, Default)]
pub(crate) struct Book {
    payments: Mutex<Vec<CampusPayment>>,
    full: AtomicBool,
}

impl Book {
    pub(crate) fn payments(&self) -> Vec<CampusPayment> {
        self.payments.lock().unwrap().clone()
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }
}

impl PaymentRecorder for Book {
    type Receipt = usize;

    fn record(&self, payment: &CampusPayment) -> Result<usize, RecordError> {
        if self.full.load(Ordering::Relaxed) {
            return Err(RecordError::NotSafe("the disk is full".into()));
        }
        let mut payments = self.payments.lock().unwrap();
        if payments.iter().any(|known| known.code().same_code(payment.code())) {
            return Err(RecordError::Already);
        }
        payments.push(payment.clone());
        Ok(payments.len())
    }

    fn is_recorded(&self, code: &Fingerprint) -> Option<bool> {
        Some(self.payments().iter().any(|known| known.code().same_code(code)))
    }
}
