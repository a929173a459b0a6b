//! What a power cut leaves.

use std::collections::HashSet;
use std::path::Path;

use m26_pay::campus::acceptance::{AcceptError, CampusPayment};
use m26_pay::outbox::{Id, ItemState, Payment};

use crate::child::{Cut, Said, Work, open_outbox, present};

/// The customers whose payments are in the outbox.
fn recorded(folder: &Path) -> Vec<usize> {
    let outbox = open_outbox(folder);
    let payments = outbox.list(&ItemState::ALL, Id::<Payment>::START, usize::MAX).unwrap();
    let reference = |bytes: &[u8]| {
        let payment = CampusPayment::from_bytes(bytes).unwrap();
        payment.reference().unwrap().as_str().parse().unwrap()
    };
    payments
        .iter()
        .map(|payment| reference(payment.content.payload.as_ref().unwrap().expose()))
        .collect()
}

/// The power is cut at each point while the first customer pays.
#[test]
fn at_every_point() {
    for (cut, said, kept, afterwards) in [
        (Cut::Never, Some(Said::Paid(1)), true, Some(true)),
        (Cut::AfterDecoding, None, false, None),
        (Cut::AfterClaim, None, false, Some(false)),
        (Cut::InPolicy, None, false, Some(false)),
        (Cut::BeforeRelease, None, false, Some(false)),
        (Cut::AfterRelease, None, false, None),
        (Cut::AfterRecord, None, true, Some(true)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let work = Work { folder: folder.into(), disk: true, cut, from: 1, count: 1 };
        let (lines, status) = work.start().finish();
        assert_eq!(lines, Vec::from_iter(said), "{cut:?}");
        assert_eq!(status.success(), cut == Cut::Never, "{cut:?}");
        assert_eq!(recorded(folder), Vec::from_iter(kept.then_some(1)), "{cut:?}");
        // The customer shows the same code again after the restart.
        match (present(folder, 1), afterwards) {
            (Ok(_), None) => {}
            (Err(AcceptError::Used { recorded }), Some(_)) => assert_eq!(recorded, afterwards),
            (outcome, _) => panic!("{cut:?}: {outcome:?}"),
        }
        // Whatever happened, a code is paid with once at most.
        let payments = open_outbox(folder).list(&ItemState::ALL, Id::<Payment>::START, 9);
        assert_eq!(payments.unwrap().len(), usize::from(kept || afterwards.is_none()), "{cut:?}");
    }
}

/// A till is killed again and again, somewhere. Each time the last customers show their codes
/// again.
fn killed_again_and_again(disk: bool) {
    const KILLS: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut paid = Vec::new();
    let (mut from, mut furthest) = (0, 0);
    for kill in 0..KILLS {
        let work =
            Work { folder: folder.into(), disk, cut: Cut::Never, from, count: usize::MAX / 2 };
        let mut running = work.start();
        // Any number will do that is not always the same.
        let lines = 1 + kill * 7 % 23;
        let mut said: Vec<_> = std::iter::from_fn(|| running.next()).take(lines).collect();
        assert_eq!(said.len(), lines, "it has ended by itself");
        said.extend(running.kill());
        for said in said {
            match said {
                Said::Paid(number) => {
                    paid.push(number);
                    furthest = furthest.max(number);
                }
                Said::Refused(number) => furthest = furthest.max(number),
            }
        }
        from = furthest.saturating_sub(5);
    }
    let kept = recorded(folder);
    let once: HashSet<_> = paid.iter().collect();
    assert_eq!(once.len(), paid.len(), "a code was paid with twice");
    let kept_once: HashSet<_> = kept.iter().collect();
    assert_eq!(kept_once.len(), kept.len(), "a payment was recorded twice");
    assert!(once.is_subset(&kept_once), "a payment was lost");
    // What was recorded and not told of, at most one each time.
    assert!(kept.len() - paid.len() <= KILLS);
    assert!(paid.len() >= KILLS, "{} payments are too few for a test", paid.len());
    for number in once {
        let again = present(folder, *number);
        assert!(matches!(again, Err(AcceptError::Used { recorded: Some(true) })), "{again:?}");
    }
}

#[test]
fn killed_again_and_again_with_the_guard_on_disk() {
    killed_again_and_again(true);
}

#[test]
fn killed_again_and_again_with_a_guard_that_forgets() {
    killed_again_and_again(false);
}
