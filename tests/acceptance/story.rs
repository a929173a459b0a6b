//! What is accepted, and what is kept of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use m26_pay::advice::Language;
use m26_pay::campus::acceptance::{
    AcceptError, AmountLimit, CampusPayment, Checkout, Gate, PolicyError, Presented, Sale,
};
use m26_pay::campus::charset::Encoding;
use m26_pay::campus::guard::{RedisGuard, RedisSettings, Unreachable};
use m26_pay::campus::layout::{Card, Layout, LayoutStanding};
use m26_pay::campus::layouts::{CodeContents, Layouts};
use m26_pay::campus::template::Template;
use m26_pay::outbox::{Id, ItemState, Outbox, OutboxPolicy, Payment};

use crate::world::{Book, PID, START, at, code, decoder, encode, made, memory, sale, till, yuan};

fn is_used<T>(outcome: &Result<T, AcceptError>, recorded: bool) -> bool {
    matches!(outcome, Err(AcceptError::Used { recorded: Some(known) }) if *known == recorded)
}

#[test]
fn what_is_kept_is_final_data_and_never_the_code() {
    let till = till();
    let sale = Sale::new(yuan("10.25")).reference("receipt 7".parse().unwrap());
    let scanned = code(1);
    let paid = till.accept(&scanned, &sale, at(5_000)).unwrap();
    assert_eq!(paid.receipt, 1);
    let [payment] = &till.record().payments()[..] else { panic!("one payment") };
    assert_eq!(payment.amount(), yuan("10.25"));
    assert_eq!(payment.accepted().0, START + 5_000);
    assert_eq!(payment.reference().map(|reference| reference.as_str()), Some("receipt 7"));
    assert_eq!(Some(payment.final_data()), paid.decoded.final_data.as_ref());
    let kept = payment.to_bytes();
    assert!(!kept.windows(scanned.len()).any(|window| window == scanned));
    assert!(kept.ends_with(payment.final_data().expose()));
}

#[test]
fn a_code_is_paid_with_once() {
    let till = till();
    till.accept(&code(1), &sale(), at(0)).unwrap();
    for end in [&b""[..], b"\r", b"\n", b"\r\n"] {
        let again = till.accept(&[&code(1)[..], end].concat(), &sale(), at(1_000));
        assert!(is_used(&again, true), "{again:?}");
    }
    till.accept(&code(2), &sale(), at(1_000)).unwrap();
    assert_eq!(till.record().payments().len(), 2);
}

#[test]
fn of_many_threads_one_pays() {
    let till = till();
    let paid: Vec<_> = (0..50).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for (number, count) in paid.iter().enumerate() {
                    if till.accept(&code(number), &sale(), at(0)).is_ok() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(paid.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    assert_eq!(till.record().payments().len(), 50);
}

#[test]
fn what_a_policy_refuses_can_be_presented_again() {
    let till = till().policy(AmountLimit(yuan("50")));
    let dear = till.accept(&code(1), &Sale::new(yuan("50.01")), at(0));
    let objection = PolicyError::AboveLimit { amount: yuan("50.01"), limit: yuan("50") };
    assert!(matches!(dear, Err(AcceptError::Policy(said)) if said == objection));
    assert!(till.record().payments().is_empty());
    till.accept(&code(1), &Sale::new(yuan("50")), at(1_000)).unwrap();
}

#[test]
fn policies_are_asked_in_order_and_once_for_each_code_that_is_good() {
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    let school = |presented: &Presented<'_>| match presented.user_data() {
        Some(holder) if holder.student_no().is_some() => Ok(()),
        _ => Err(PolicyError::Other("No student.".into())),
    };
    let till = till().policy(school).policy(move |_: &Presented<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    till.accept(&code(1), &sale(), at(0)).unwrap();
    assert!(till.accept(&code(1), &sale(), at(0)).is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let nobody = encode(made(2).user_data(*b"?"));
    let refusal = till.accept(&nobody, &sale(), at(0)).unwrap_err();
    assert_eq!(refusal.for_cashier(Language::English), "No student.");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_user_data_that_does_not_parse_is_paid_and_reported() {
    let till = till();
    let paid = till.accept(&code(1), &sale(), at(0)).unwrap();
    let Ok(CodeContents::Known(holder)) = paid.contents() else { panic!("{:?}", paid.contents()) };
    assert_eq!(holder.student_no().map(|number| *number.expose()), Some(&b"2020000001"[..]));
    let odd = encode(made(2).user_data(*b"of another layout"));
    let paid = till.accept(&odd, &sale(), at(0)).unwrap();
    assert!(paid.contents().is_err());
    assert!(is_used(&till.accept(&odd, &sale(), at(0)), true));
    let other = encode(made(3).template(Template(6)));
    let paid = till.accept(&other, &sale(), at(0)).unwrap();
    assert!(matches!(paid.contents(), Ok(CodeContents::Unknown { .. })));
}

#[test]
fn a_user_data_is_read_by_the_layouts_that_were_given() {
    let proven = Layout::TEMPLATE_5.with_standing(LayoutStanding::Proven);
    let layouts = Layouts::none().with(proven);
    let standing = |contents: &CodeContents<'_>| match contents {
        CodeContents::Known(holder) => Some(holder.standing()),
        CodeContents::Unknown { .. } => None,
    };
    let asked = move |presented: &Presented<'_>| {
        let known = presented.contents.as_ref().ok().and_then(standing);
        assert_eq!(known, Some(LayoutStanding::Proven));
        Ok(())
    };
    let till = till().layouts(layouts.clone()).policy(asked);
    let paid = till.accept(&code(1), &sale(), at(0)).unwrap();
    assert_eq!(paid.contents().ok().as_ref().and_then(standing), Some(LayoutStanding::Proven));
    let gate = Gate::new(decoder(), memory(), None).layouts(layouts).policy(asked);
    let admitted = gate.accept(&code(1), at(0)).unwrap();
    assert_eq!(admitted.contents().ok().as_ref().and_then(standing), Some(LayoutStanding::Proven));
}

#[test]
fn whether_other_terminals_were_asked_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = format!("unix://{}/redis.sock", folder.path().display());
    let guard = || {
        let settings = RedisSettings::new(&nobody, Unreachable::AcceptOnLocal);
        RedisGuard::new(memory(), settings).unwrap()
    };
    let till = Checkout::new(decoder(), guard(), Book::default(), PID);
    assert!(till.accept(&code(1), &sale(), at(0)).unwrap().alone);
    assert!(is_used(&till.accept(&code(1), &sale(), at(0)), true));
    assert!(Gate::new(decoder(), guard(), None).accept(&code(1), at(0)).unwrap().alone);
    // Where there are no others, nobody is missing.
    let till = Checkout::new(decoder(), memory(), Book::default(), PID);
    assert!(!till.accept(&code(1), &sale(), at(0)).unwrap().alone);
    assert!(!Gate::new(decoder(), memory(), None).accept(&code(1), at(0)).unwrap().alone);
}

#[test]
fn a_gate_stays_closed_to_who_cannot_be_read() {
    let gate = Gate::new(decoder(), memory(), None);
    let admitted = gate.accept(&code(1), at(0)).unwrap();
    assert!(matches!(admitted.contents(), Ok(CodeContents::Known(_))));
    assert!(matches!(gate.accept(&code(1), at(0)), Err(AcceptError::Used { recorded: None })));
    let odd = encode(made(2).user_data(*b"of another layout"));
    assert!(matches!(gate.accept(&odd, at(0)), Err(AcceptError::UserData(_))));
    let mut no_name = Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312).unwrap();
    let end = no_name.len() - 1;
    no_name[end - 1] = 0xff;
    let no_name = encode(made(6).user_data(no_name));
    assert!(matches!(gate.accept(&no_name, at(0)), Err(AcceptError::UserData(_))));
    till().accept(&no_name, &sale(), at(0)).unwrap();
    let other = gate.accept(&encode(made(3).template(Template(6))), at(0));
    assert!(matches!(other, Err(AcceptError::UnknownTemplate { template: Template(6) })));
    // Without a layout nobody is let in.
    let none = Gate::new(decoder(), memory(), None).layouts(Layouts::none());
    assert!(matches!(none.accept(&code(4), at(0)), Err(AcceptError::UnknownTemplate { .. })));
    // A code that a gate could not read is not used up by that.
    let read = Gate::new(decoder(), none.guard(), None);
    read.accept(&code(4), at(0)).unwrap();
    let night = gate.policy(|_: &Presented<'_>| Err(PolicyError::Other("Closed.".into())));
    assert!(matches!(night.accept(&code(5), at(0)), Err(AcceptError::Policy(_))));
}

/// A card system of an older make has a private code point where the code has today's: the holder is
/// the same.
#[test]
fn a_gate_knows_a_holder_by_the_name_as_it_is_coded() {
    let list = ["王芳", "李\u{e794}明", "黄\u{e863}"];
    let listed = move |presented: &Presented<'_>| {
        let holder = presented.user_data().ok_or(PolicyError::Other("Unread.".into()))?;
        let known = list.iter().any(|name| holder.is_named(name));
        if known { Ok(()) } else { Err(PolicyError::Other("Not on the list.".into())) }
    };
    let gate = Gate::new(decoder(), memory(), None).policy(listed);
    let of = |number, name: &[u8]| {
        // The name is the last but one, and what follows it is empty.
        let card = Card { student_name: String::new(), ..Card::sample() };
        let mut bytes = Layout::TEMPLATE_5.encode(&card, Encoding::GB2312).unwrap();
        let place = bytes.len() - 2;
        bytes.splice(place..=place, [&[name.len() as u8], name].concat());
        encode(made(number).user_data(bytes))
    };
    for (number, name) in
        [&b"\xcd\xf5\xb7\xbc"[..], b"\xc0\xee\xa6\xec\xc3\xf7", b"\xbb\xc6\xfe\x9f"]
            .iter()
            .enumerate()
    {
        let admitted = gate.accept(&of(number, name), at(0));
        assert!(admitted.is_ok(), "{name:x?}: {admitted:?}");
    }
    let refused = gate.accept(&of(9, b"\xbb\xc6\xc3\xf7"), at(0));
    assert!(matches!(refused, Err(AcceptError::Policy(_))), "{refused:?}");
}

#[test]
fn what_cannot_be_recorded_is_not_accepted_and_can_be_presented_again() {
    let till = till();
    till.record().set_full(true);
    let refused = till.accept(&code(1), &sale(), at(0));
    assert!(matches!(refused, Err(AcceptError::NotRecorded(_))), "{refused:?}");
    till.record().set_full(false);
    till.accept(&code(1), &sale(), at(0)).unwrap();
}

#[test]
fn the_record_is_the_second_line_behind_a_guard_that_forgets() {
    let book = Book::default();
    Checkout::new(decoder(), memory(), &book, PID).accept(&code(1), &sale(), at(0)).unwrap();
    let restarted = Checkout::new(decoder(), memory(), &book, PID);
    let scanned = [&code(1)[..], b"\n"].concat();
    assert!(is_used(&restarted.accept(&scanned, &sale(), at(0)), true));
    assert!(is_used(&restarted.accept(&code(1), &sale(), at(0)), true));
    assert_eq!(book.payments().len(), 1);
}

#[test]
fn the_outbox_keeps_what_an_uploader_needs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let outbox = Outbox::open(&path, OutboxPolicy::default()).unwrap();
    let till = Checkout::new(decoder(), memory(), outbox.clone(), PID);
    let paid = till.accept(&code(1), &sale(), at(5_000)).unwrap();
    drop((till, outbox));

    let outbox = Outbox::open(&path, OutboxPolicy::default()).unwrap();
    let waiting = outbox.list(&[ItemState::Pending], Id::<Payment>::START, 10).unwrap();
    let [payment] = &waiting[..] else { panic!("{waiting:?}") };
    assert_eq!(payment.id, paid.receipt);
    assert_eq!(payment.added.0, START + 5_000);
    let payload = payment.content.payload.as_ref().unwrap().expose();
    let kept = CampusPayment::from_bytes(payload).unwrap();
    assert_eq!(kept.amount(), yuan("10.25"));
    assert_eq!(Some(kept.final_data()), paid.decoded.final_data.as_ref());
    // A restart, and a guard that has forgotten everything.
    let till = Checkout::new(decoder(), memory(), outbox, PID);
    assert!(is_used(&till.accept(&code(1), &sale(), at(6_000)), true));
}
