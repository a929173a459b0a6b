//! What a till and a gate log.

use m26_pay::campus::acceptance::{AmountLimit, Checkout, Gate, Sale};
use m26_pay::campus::decoder::FinalData;
use m26_pay::campus::guard::{
    Claim, Fingerprint, Guard, GuardError, MemoryGuard, Now, RedisGuard, RedisSettings, TimeRules,
    Unreachable,
};
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxPolicy, Payment};

use crate::world::{PID, at, code, decoder, encode, hidden, made, memory, sale, yuan};
use support::logged::logged;

/// A guard that takes nothing back.
#[derive(Debug)]
struct Miser(MemoryGuard);

impl Guard for Miser {
    fn rules(&self) -> &TimeRules {
        self.0.rules()
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        self.0.claim(code, now)
    }

    fn release(&self, _: Claim, _: Now) -> Result<(), GuardError> {
        Err(GuardError::Store("the disk is broken".into()))
    }
}

#[test]
fn nothing_personal_is_logged() {
    let (final_data, log) = logged(a_day);
    for done in ["stays claimed", "was accepted"] {
        assert!(log.contains(done), "{log}");
    }
    for hidden in hidden(&final_data) {
        assert!(!log.contains(&hidden), "the log holds {hidden}:\n{log}");
    }
}

/// Payments and refusals of the same holder, logged by whoever meets them. The final_data.
fn a_day() -> FinalData {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path().join("outbox.db"), OutboxPolicy::default()).unwrap();
    let nobody = format!("unix://{}/redis.sock", folder.path().display());
    let settings = RedisSettings::new(nobody, Unreachable::AcceptOnLocal);
    let shared = RedisGuard::new(memory(), settings).unwrap();
    let till = Checkout::new(decoder(), shared, outbox.clone(), PID);
    let paid = till.accept(&code(1), &sale(), at(0)).unwrap();
    let contents = paid.contents();
    tracing::info!(?paid, ?contents, "was accepted");
    let payments = outbox.list(&ItemState::ALL, Id::<Payment>::START, 9);
    let used = till.accept(&code(1), &sale(), at(0)).unwrap_err();
    tracing::info!(?till, ?outbox, ?payments, %used, ?used, "afterwards");

    let till =
        Checkout::new(decoder(), Miser(memory()), outbox, PID).policy(AmountLimit(yuan("50")));
    let dear = till.accept(&code(1), &Sale::new(yuan("51")), at(0)).unwrap_err();
    let odd = till.accept(&encode(made(1).user_data(*b"2020000001")), &sale(), at(0)).unwrap();
    let late = till.accept(&code(1), &sale(), at(130_000)).unwrap_err();
    let half = till.accept(&code(1)[..200], &sale(), at(0)).unwrap_err();
    tracing::warn!(%dear, ?dear, ?odd, contents = ?odd.contents(), %late, ?late, %half, ?half);

    let gate = Gate::new(decoder(), memory(), None);
    let admitted = gate.accept(&code(1), at(0)).unwrap();
    let closed = gate.accept(&encode(made(1).user_data(*b"2020000001")), at(0)).unwrap_err();
    tracing::info!(?gate, ?admitted, contents = ?admitted.contents(), %closed, ?closed);
    paid.decoded.final_data.clone().unwrap()
}
