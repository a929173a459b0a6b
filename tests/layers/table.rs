//! Who may import whom. A room is a module with all that is below it and has no row of its own.
//!
//! A new module belongs to the row of its parent, or has a row here. A row names what it may
//! import: rooms, or single items of one. It may name rooms of its own layer as long as no circle
//! comes of it, and none above.

/// A module, how high it stands, and what it may import.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) name: &'static str,
    pub(crate) layer: u8,
    pub(crate) may: &'static [&'static str],
}

const fn room(name: &'static str, layer: u8, may: &'static [&'static str]) -> Room {
    Room { name, layer, may }
}

pub(crate) const ROOMS: &[Room] = &[
    // 0: values, and how a line is written.
    room("advice", 0, &[]),
    room("amount", 0, &["advice"]),
    room("argument", 0, &["advice", "secret"]),
    room("at", 0, &["advice", "codes", "secret"]),
    room("backoff", 0, &[]),
    room("chapters", 0, &[]),
    room("codes", 0, &[]),
    room("log", 0, &[]),
    room("secret", 0, &[]),
    room("unix_time", 0, &[]),
    // 1: what is said, and one command on the wire. The engine knows no verb.
    room("alipay", 1, &["amount", "argument", "at", "codes", "m26", "secret", "unix_time"]),
    room("engine", 1, &["advice", "at", "secret"]),
    room("error", 1, &["advice", "amount", "argument", "at", "engine"]),
    room("m26", 1, &["argument", "at", "codes", "secret", "unix_time"]),
    room("transcript", 1, &["advice", "alipay", "at", "unix_time"]),
    room("urc", 1, &["alipay", "at", "m26", "secret"]),
    // The simulator is written from the documents alone, so that a misreading in one half is
    // caught by the other.
    room("sim", 1, &["codes"]),
    room("sim::gateway", 1, &["codes", "sim"]),
    // It simulates nothing: it says what was recorded.
    room("sim::replay", 2, &["sim", "transcript"]),
    // 2: several commands as one value.
    room("flows", 2, &["alipay", "at", "engine", "error", "m26", "secret", "unix_time", "urc"]),
    room("redis_link", 2, &["advice", "backoff", "secret"]),
    room("sqlite", 2, &["advice", "unix_time"]),
    // The gateways could be a crate of their own by a plain move.
    room(
        "gateway",
        2,
        &[
            "advice",
            "alipay::SignedData",
            "alipay::TradeResult",
            "amount",
            "argument",
            "codes",
            "secret",
            "unix_time",
        ],
    ),
    // The platforms share what stands above both, and know nothing of each other.
    room(
        "gateway::unionpay",
        2,
        &[
            "advice",
            "amount",
            "argument",
            "gateway::Deadlines",
            "gateway::Delivery",
            "gateway::Effect",
            "gateway::FieldError",
            "gateway::Fields",
            "gateway::HttpRequest",
            "gateway::HttpResponse",
            "gateway::NoAnswer",
            "gateway::SignError",
            "gateway::SignType",
            "gateway::Signer",
            "gateway::Transport",
            "gateway::TransportError",
            "gateway::Verifier",
            "gateway::beijing",
            "gateway::form",
            "gateway::json",
            "gateway::text",
            "gateway::transport",
            "gateway::word",
            "secret",
            "unix_time",
        ],
    ),
    room(
        "gateway::unionpay::token::redis",
        3,
        &["backoff", "gateway::unionpay", "redis_link", "secret"],
    ),
    // Campus codes, from the values to the acceptance of a payment.
    room("campus", 2, &[]),
    room("campus::charset", 2, &["advice", "codes"]),
    room("campus::field", 2, &["advice"]),
    room("campus::template", 2, &[]),
    room("campus::layout", 2, &["advice", "campus::charset", "campus::field", "campus::template"]),
    room(
        "campus::user_data",
        2,
        &[
            "advice",
            "campus::charset",
            "campus::field",
            "campus::layout",
            "campus::template",
            "secret",
        ],
    ),
    room(
        "campus::layouts",
        2,
        &["campus::charset", "campus::layout", "campus::template", "campus::user_data", "secret"],
    ),
    room(
        "campus::decoder",
        2,
        &["advice", "campus::charset", "campus::template", "codes", "secret", "unix_time"],
    ),
    room(
        "campus::probe",
        2,
        &[
            "campus::charset",
            "campus::decoder",
            "campus::field",
            "campus::layout",
            "campus::template",
            "campus::user_data",
            "secret",
        ],
    ),
    // 3: what is to be done next, and what must not be lost.
    room(
        "session",
        3,
        &[
            "alipay",
            "at",
            "backoff",
            "engine",
            "error",
            "flows",
            "m26",
            "secret",
            "unix_time",
            "urc",
        ],
    ),
    room(
        "outbox",
        3,
        &[
            "advice",
            "alipay",
            "amount",
            "argument",
            "at",
            "engine",
            "error",
            "flows",
            "m26",
            "secret",
            "session",
            "sqlite",
            "unix_time",
        ],
    ),
    room(
        "campus::guard",
        3,
        &["advice", "backoff", "campus::decoder", "redis_link", "secret", "sqlite", "unix_time"],
    ),
    room(
        "campus::acceptance",
        3,
        &[
            "advice",
            "amount",
            "argument",
            "campus::decoder",
            "campus::guard",
            "campus::layouts",
            "campus::template",
            "campus::user_data",
            "outbox",
            "secret",
            "unix_time",
        ],
    ),
    // 4: what touches a clock, a port, a foreign library.
    room("serial", 4, &["advice", "engine", "error", "session"]),
    room(
        "blocking",
        4,
        &[
            "alipay",
            "at",
            "engine",
            "error",
            "flows",
            "gateway",
            "secret",
            "serial",
            "session",
            "sim",
            "transcript",
            "unix_time",
        ],
    ),
    room(
        "asynch",
        4,
        &[
            "alipay",
            "at",
            "engine",
            "error",
            "flows",
            "gateway",
            "secret",
            "serial",
            "session",
            "transcript",
            "unix_time",
        ],
    ),
    room(
        "campus::vendor",
        4,
        &[
            "advice",
            "campus::charset",
            "campus::decoder",
            "campus::template",
            "secret",
            "unix_time",
        ],
    ),
    room(
        "campus::fake",
        4,
        &[
            "campus::charset",
            "campus::decoder",
            "campus::layout",
            "campus::template",
            "secret",
            "unix_time",
        ],
    ),
    // It is the one place of the gateways that opens a connection without being asked for one.
    room("gateway::journal::postgres", 4, &["advice", "amount", "gateway", "secret", "unix_time"]),
    room(
        "outbox::journal",
        4,
        &["alipay", "amount", "gateway", "outbox", "secret", "sqlite", "unix_time"],
    ),
    // 5: both halves of a shop together. Nothing imports it.
    room(
        "till",
        5,
        &[
            "advice",
            "alipay",
            "amount",
            "argument",
            "asynch",
            "at",
            "blocking",
            "engine",
            "error",
            "flows",
            "gateway",
            "outbox",
            "outbox::journal",
            "secret",
            "session",
            "unix_time",
        ],
    ),
    // Helpers of the unit tests.
    room("testing", 5, &["alipay", "at", "engine", "error", "flows", "m26", "sim", "transcript"]),
];

/// What every room may import: it stands in the place of `tracing`, and imports nothing itself.
pub(crate) const FOR_ALL: &[&str] = &["log"];

/// What a room imports against the table: the room, the path, and why it has to.
pub(crate) const EXCEPTIONS: &[(&str, &str, &str)] = &[];
