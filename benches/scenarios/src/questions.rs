//! Who is asked what.

use std::cell::LazyCell;
use std::rc::Rc;

use crate::exchange::{self, Exchange};
use crate::ours::{self, Ours};
use crate::peers::memchr::Lines;
use crate::peers::{at_commands, atat, regex};
use crate::{
    Arrival, Run, Scenario, Seen, Stream, Unit, asynch, campus, feed, growth, many, notification,
    outbox, payment, stream, unionpay,
};

/// Everything that is measured.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let none = Seen::default();
    let reference = Given::new(stream::reference, 8, ALL_WAYS);
    let many_ways = Given { arrivals: MANY_WAYS, ..reference.clone() };
    let signed = Given::new(stream::signed, 8, ALL_WAYS);
    let signed_lines = Given::new(|| stream::signed_lines(MANY), MANY, UNITS);
    let answer = Given::new(stream::answer, 1, ALL_WAYS);
    let echoed = Given::new(stream::echoed_answer, 1, ALL_WAYS);
    let user_data = Given::new(|| campus::user_data(MANY), MANY, UNITS);

    let paid = Given::new(payment::answer, 1, UNITS);

    let steps = Given::new(many::stream, many::ALL_STEPS, WHOLE);

    let classified = Seen { finals: 4, prefixed: 4, ..none };
    let typed = Seen { signed_data: 369, biz_tid: 55, reported: 1, ..none };
    let signatures = Seen { signed_data: 8 * 369, ..none };
    let many_signatures = Seen { signed_data: MANY * 369, ..none };

    let mut all = Vec::new();
    all.extend(ask("frame", &reference, Seen { lines: 8, bytes: 524 - 8 * 4, ..none }, FRAME));
    all.extend(ask("classify", &reference, classified, CLASSIFY));
    all.extend(ask("type", &many_ways, typed, TYPE));
    all.extend(ask("sign", &signed, signatures, TYPE));
    all.extend(ask("sign-line", &signed_lines, many_signatures, TYPE_LINE));
    all.extend(ask("exchange", &answer, Seen { lines: 1, ..none }, EXCHANGE));
    all.extend(ask("exchange-echo", &echoed, Seen { lines: 1, ..none }, EXCHANGE_ECHO));
    all.extend(ask("command", &answer, Seen { rssi: 11, ..none }, COMMAND));
    let in_memory = Given::new(asynch::stream, asynch::COMMANDS, WHOLE);
    let strength = Seen { rssi: asynch::STRENGTH, ..none };
    all.extend(ask("async-command", &in_memory, strength, ASYNC_COMMAND));
    all.extend(ask("user-data", &user_data, campus::numbers(MANY), USER_DATA));
    all.extend(ask("user-fields", &user_data, campus::fields(MANY), USER_FIELDS));
    all.extend(ask("payment", &paid, Seen { fen: payment::AMOUNT, ..none }, PAYMENT));
    for (name, with_sign_type) in [("notification", false), ("notification-2", true)] {
        let posted = Given::new(move || notification::body(with_sign_type), 1, UNITS);
        all.extend(ask(name, &posted, Seen { fen: payment::AMOUNT, ..none }, NOTIFICATION));
    }
    all.extend(ask("payment-step", &steps, Seen { fen: many::TAKEN, ..none }, PAYMENT_STEP));
    let pending = Given::new(outbox::stream, outbox::PENDING, WHOLE);
    let waiting = Seen { reports: outbox::PENDING as u64, ..none };
    all.extend(ask("outbox-open", &pending, waiting, OUTBOX_OPEN));
    let backlog = Given { units: outbox::BACKLOG, ..pending };
    let taken = Seen { reports: outbox::BACKLOG as u64, ..none };
    all.extend(ask("outbox-drain", &backlog, taken, OUTBOX_DRAIN));
    let steps = Given::new(outbox::stream, growth::STEPS, WHOLE);
    let all_steps = Seen { reports: growth::STEPS as u64, ..none };
    all.extend(ask("outbox-append", &steps, all_steps, OUTBOX_APPEND));
    all.extend(ask("guard-claim", &steps, all_steps, GUARD_CLAIM));
    all.extend(ask("disk-claim", &steps, all_steps, DISK_CLAIM));
    let token = Given::new(unionpay::application, 1, UNITS);
    let token_sent = Seen { body: unionpay::TOKEN_BODY, ..none };
    all.extend(ask("signed-call", &token, token_sent, SIGNED_CALL));
    let ten = Given::new(unionpay::arguments, 1, UNITS);
    let ten_sent = Seen { body: unionpay::TEN_FIELDS_BODY, ..none };
    all.extend(ask("signed-call-10", &ten, ten_sent, SIGNED_CALL_TEN));
    for (name, length) in UNBROKEN {
        let given = Given::new(move || stream::unbroken(length), 1, ALL_WAYS);
        all.extend(ask(name, &given, Seen { lines: 1, bytes: length, ..none }, FRAME_LONG));
    }
    all
}

#[derive(Clone)]
struct Given {
    stream: Stream,
    units: usize,
    arrivals: &'static [Arrival],
}

impl Given {
    fn new(
        stream: impl FnOnce() -> Vec<u8> + 'static,
        units: usize,
        arrivals: &'static [Arrival],
    ) -> Self {
        Self { stream: Rc::new(LazyCell::new(Box::new(stream))), units, arrivals }
    }
}

type Contestant = (&'static str, fn() -> Run);

fn ask(
    question: &'static str,
    given: &Given,
    wanted: Seen,
    contestants: &'static [Contestant],
) -> impl Iterator<Item = Scenario> {
    contestants.iter().map(move |(parser, set_up)| {
        let Given { stream, units, arrivals } = given.clone();
        Scenario { question, parser, stream, units, arrivals, wanted, set_up: *set_up }
    })
}

const FRAME: &[Contestant] =
    &[("ours", || feed(Ours::new(ours::frame))), ("memchr", || feed(Lines::new(ours::frame)))];

const FRAME_LONG: &[Contestant] = &[
    ("ours", || feed(Ours::with_room(ours::frame))),
    ("memchr", || feed(Lines::new(ours::frame))),
];

const CLASSIFY: &[Contestant] = &[
    ("ours", || feed(Ours::new(ours::classify))),
    ("atat", || feed(atat::Classifying::<atat::Urc>::new())),
    ("atat-3", || feed(atat::Classifying::<atat::Few>::new())),
    ("regex", || feed(regex::List::new(false))),
];

const TYPE: &[Contestant] = &[
    ("ours", || feed(Ours::new(ours::decode))),
    ("atat", || feed(atat::Typing::<atat::Urc>::new())),
    ("atat-3", || feed(atat::Typing::<atat::Few>::new())),
    ("at-commands", || feed(Lines::new(at_commands::decode))),
    ("regex", || feed(regex::List::new(true))),
];

const TYPE_LINE: &[Contestant] = &[
    ("ours", || feed(Unit(ours::decode))),
    ("atat", || feed(Unit(atat::decode))),
    ("at-commands", || feed(Unit(at_commands::decode))),
];

const EXCHANGE: &[Contestant] =
    &[("ours", || feed(exchange::Raw(Exchange::new(), exchange::request())))];

const EXCHANGE_ECHO: &[Contestant] =
    &[("ours", || feed(exchange::Raw(Exchange::echoing(), exchange::request())))];

const COMMAND: &[Contestant] = &[("ours", || feed(exchange::Typed(Exchange::new())))];

const ASYNC_COMMAND: &[Contestant] =
    &[("ours", asynch::commands::<512>), ("one", asynch::commands::<1>)];

const USER_DATA: &[Contestant] = &[("ours", || feed(Unit(campus::read)))];

const USER_FIELDS: &[Contestant] = &[("ours", || feed(Unit(campus::read_fields)))];

const PAYMENT: &[Contestant] = &[("ours", payment::whole), ("rsa", payment::rsa_alone)];

const NOTIFICATION: &[Contestant] =
    &[("ours", notification::whole), ("rsa", notification::rsa_alone)];

const PAYMENT_STEP: &[Contestant] = &[("ours", many::at_once), ("alone", many::alone)];

const OUTBOX_OPEN: &[Contestant] = &[("ours", outbox::opened)];

const OUTBOX_DRAIN: &[Contestant] = &[("ours", outbox::from_outbox), ("alone", outbox::alone)];

const OUTBOX_APPEND: &[Contestant] =
    &[("ours", growth::append::<{ growth::MANY }>), ("few", growth::append::<{ growth::FEW }>)];

const GUARD_CLAIM: &[Contestant] =
    &[("ours", growth::claim::<{ growth::MANY }>), ("few", growth::claim::<{ growth::FEW }>)];

const DISK_CLAIM: &[Contestant] = &[
    ("ours", growth::claim_on_disk::<{ growth::MANY }>),
    ("few", growth::claim_on_disk::<{ growth::FEW }>),
];

const SIGNED_CALL: &[Contestant] = &[("ours", unionpay::token)];

const SIGNED_CALL_TEN: &[Contestant] = &[("ours", unionpay::ten_fields)];

/// So many of a small thing that giving them out is little beside reading them.
const MANY: usize = 64;

/// The cost of a byte must not depend on how many there are.
const UNBROKEN: [(&str, usize); 3] =
    [("unbroken-256", 256), ("unbroken-4k", 4096), ("unbroken-64k", 65536)];

const WHOLE: &[Arrival] = &[Arrival::Whole];

const UNITS: &[Arrival] = &[Arrival::Units];

const ALL_WAYS: &[Arrival] = &[Arrival::Whole, Arrival::Reads(64), Arrival::Reads(1)];

/// For the picture.
const MANY_WAYS: &[Arrival] = &[
    Arrival::Whole,
    Arrival::Reads(256),
    Arrival::Reads(64),
    Arrival::Reads(16),
    Arrival::Reads(4),
    Arrival::Reads(1),
];
