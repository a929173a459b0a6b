//! What is refused, and what is said about it.

use m26_pay::advice::Language;
use m26_pay::campus::acceptance::{AcceptError, AmountLimit, Checkout, Sale};
use m26_pay::campus::decoder::{DecoderError, Pid};
use m26_pay::campus::fake::{FakeDecoder, FakeEnvironment};
use m26_pay::campus::guard::{
    Claim, Fingerprint, Guard, GuardError, MemoryGuard, Now, TimeError, TimeRules,
};
use m26_pay::unix_time::UnixMillis;
use proptest::prelude::*;

use crate::world::{
    Book, PID, START, at, code, decoder, encode, hidden, made, memory, sale, till, yuan,
};

/// A guard whose disk is broken, or that others cannot be asked by.
#[derive(Debug)]
struct Broken(fn() -> GuardError, TimeRules);

impl Guard for Broken {
    fn rules(&self) -> &TimeRules {
        &self.1
    }

    fn claim(&self, _: &Fingerprint, _: Now) -> Result<Claim, GuardError> {
        Err(self.0())
    }

    fn release(&self, _: Claim, _: Now) -> Result<(), GuardError> {
        Err(self.0())
    }
}

#[test]
fn the_clocks_are_compared() {
    let till = till();
    let refusal = |now| till.accept(&code(1), &sale(), now).unwrap_err();
    let late = refusal(at(120_001));
    assert!(matches!(late, AcceptError::Time(TimeError::Expired { .. })));
    assert_eq!(late.for_cashier(Language::English), "The code has expired. Ask for a new code.");
    let early = Now { wall: UnixMillis(START - 60_001), ..at(0) };
    assert!(matches!(refusal(early), AcceptError::Time(TimeError::Ahead { .. })));
    let never_set = Now { wall: UnixMillis(7_000), ..at(0) };
    let refused = refusal(never_set);
    assert!(matches!(refused, AcceptError::Time(TimeError::ClockNotSet { .. })));
    assert!(refused.for_cashier(Language::English).contains("clock is not set"));
    assert!(till.record().payments().is_empty());
    till.accept(&code(1), &sale(), at(120_000)).unwrap();
}

#[test]
fn nothing_but_a_whole_code_is_taken() {
    let till = till();
    let whole = code(1);
    for length in 0..whole.len() {
        let refused = till.accept(&whole[..length], &sale(), at(0));
        assert!(matches!(refused, Err(AcceptError::Code(_) | AcceptError::Decode(_))));
    }
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(till.accept(&flipped, &sale(), at(0)).is_err(), "bit {bit}");
    }
    assert!(till.guard().is_empty());
    assert!(till.record().payments().is_empty());
    till.accept(&whole, &sale(), at(0)).unwrap();
}

/// A refusal of each kind, with its sentence.
fn refusals() -> Vec<(AcceptError, &'static str)> {
    let refuse = |scanned: &[u8], now| till().accept(scanned, &sale(), now).unwrap_err();
    let by = |guard: fn() -> GuardError| {
        let guard = Broken(guard, TimeRules::default());
        let till = Checkout::new(decoder(), guard, Book::default(), PID);
        till.accept(&code(1), &sale(), at(0)).unwrap_err()
    };
    let used = |book: &Book, guard: MemoryGuard| {
        let first = Checkout::new(decoder(), &guard, Book::default(), PID);
        first.accept(&code(1), &sale(), at(0)).unwrap();
        let till = Checkout::new(decoder(), &guard, book, PID);
        till.accept(&code(1), &sale(), at(0)).unwrap_err()
    };
    let paid = Book::default();
    Checkout::new(decoder(), memory(), &paid, PID).accept(&code(1), &sale(), at(0)).unwrap();
    let full = till();
    full.record().set_full(true);
    let old = FakeDecoder::new(|| UnixMillis(START + 120_001));
    let old = Checkout::new(old, memory(), Book::default(), PID);
    let other = made(1).environment(FakeEnvironment::Production);
    let stranger = Checkout::new(decoder(), memory(), Book::default(), Pid([7; 8]));
    let limited = till().policy(AmountLimit(yuan("50")));
    vec![
        (refuse(b"", at(0)), "Not a campus code."),
        (refuse(b"wrong", at(0)), "Not a valid campus code."),
        (refuse(&encode(other), at(0)), "Not a valid campus code."),
        (refuse(&code(1), at(130_000)), "The code has expired."),
        (old.accept(&code(1), &sale(), at(0)).unwrap_err(), "The code has expired."),
        (stranger.accept(&code(1), &sale(), at(0)).unwrap_err(), "has not enabled this service"),
        (by(|| GuardError::Full { capacity: 1 }), "Too many codes at once."),
        (by(|| GuardError::Outdated), "Old code."),
        (by(|| GuardError::Store("broken".into())), "cannot store codes"),
        (by(|| GuardError::Unreachable { reason: "gone".into() }), "No connection"),
        (used(&Book::default(), memory()), "This code was used already."),
        (used(&paid, memory()), "Already paid with this code."),
        (full.accept(&code(1), &sale(), at(0)).unwrap_err(), "NOT paid"),
        (limited.accept(&code(1), &Sale::new(yuan("51")), at(0)).unwrap_err(), "limit of 50.00"),
    ]
}

#[test]
fn each_refusal_has_a_short_sentence_that_says_what_to_do() {
    for (refusal, expected) in refusals() {
        let said = refusal.for_cashier(Language::English);
        assert!(said.contains(expected), "{expected:?} is not in {said:?}");
        assert!(said.len() <= 90 && said.ends_with('.'), "{said:?}");
        assert!(
            said.matches(". ").count() >= 1,
            "{said:?} says what is the matter, and what to do"
        );
        assert!(!refusal.to_string().is_empty());
    }
}

#[test]
fn what_is_refused_by_a_guard_is_not_recorded() {
    for refused in [|| GuardError::Store("broken".into()), || GuardError::Outdated] {
        let guard = Broken(refused, TimeRules::default());
        let till = Checkout::new(decoder(), guard, Book::default(), PID);
        assert!(till.accept(&code(1), &sale(), at(0)).is_err());
        assert!(till.record().payments().is_empty());
    }
}

#[test]
fn a_decoder_that_was_refused_keeps_its_kind() {
    let till = till();
    let refusal = till.accept(b"wrong", &sale(), at(0)).unwrap_err();
    assert!(matches!(refusal, AcceptError::Decode(DecoderError::Refused { .. })));
}

#[test]
fn nothing_personal_shows() {
    let till = till();
    let paid = till.accept(&code(1), &sale(), at(0)).unwrap();
    let payments = till.record().payments();
    let mut shown = format!("{till:?} {paid:?} {payments:?} {:?}", paid.contents());
    for (refusal, _) in refusals() {
        shown += &format!("{refusal} {refusal:?} {}", refusal.for_cashier(Language::English));
    }
    for hidden in hidden(paid.decoded.final_data.as_ref().unwrap()) {
        assert!(!shown.contains(&hidden), "{hidden}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), millis: i64) {
        let till = till();
        let now = Now { wall: UnixMillis(millis), ..at(0) };
        prop_assert!(till.accept(&bytes, &sale(), now).is_err());
        prop_assert!(till.record().payments().is_empty());
    }
}
