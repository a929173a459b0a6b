//! What the server is asked.

use super::row::columns;

/// What tells an order from all others, with `$1` to `$5`.
macro_rules! key {
    () => {
        "out_trade_no = $1 AND coalesce(out_request_no, '') = $2 AND app_id = $3 \
         AND coalesce(seller_id, '') = $4 AND gateway = $5"
    };
}

/// The end of the lease, of `$13` and `$14`.
macro_rules! held_until {
    () => {
        "coalesce(clock_timestamp() + $13::bigint * interval '1 ms', \
         to_timestamp($14::bigint / 1000.0))"
    };
}

pub(super) const BEGIN: &str = concat!(
    "INSERT INTO m26_order (out_trade_no, out_request_no, app_id, seller_id, gateway, kind, \
     amount, expires_after_ms, stage, begun_ms, changed_ms, holder, held_until, version, \
     trade_no, seen, said_code, said_sub_code, said_verified, outcome, outcome_by, \
     outcome_amount, outcome_trade_no, outcome_code, outcome_sub_code, outcome_verified) \
     VALUES ($1, nullif($2, ''), $3, nullif($4, ''), $5, $6, $7::text::numeric, $8, $9, $10, $11, \
     $12, ",
    held_until!(),
    ", $15, $16, $17, $18, $19, $20, $21, $22, $23::text::numeric, $24, $25, $26, $27) \
     ON CONFLICT DO NOTHING"
);

pub(super) const UPDATE: &str = concat!(
    "UPDATE m26_order SET kind = $6, amount = $7::text::numeric, expires_after_ms = $8, \
     stage = $9, begun_ms = $10, changed_ms = $11, holder = $12, held_until = ",
    held_until!(),
    ", version = $15::bigint, trade_no = $16, seen = $17, said_code = $18, said_sub_code = $19, \
     said_verified = $20, outcome = $21, outcome_by = $22, outcome_amount = $23::text::numeric, \
     outcome_trade_no = $24, outcome_code = $25, outcome_sub_code = $26, outcome_verified = $27, \
     written_at = clock_timestamp() WHERE ",
    key!(),
    " AND version = $15::bigint - 1"
);

pub(super) const FIND: &str = concat!(
    "SELECT held_until > clock_timestamp() AS held, ",
    columns!(),
    " FROM m26_order WHERE ",
    key!()
);

pub(super) const NUMBERED: &str =
    concat!("SELECT ", columns!(), " FROM m26_order WHERE out_trade_no = $1 ORDER BY id");

/// Behind the entry with the key, of which all parts are NULL if there is none; `$6` is the limit.
pub(super) const OPEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM m26_order WHERE outcome IS NULL AND id > coalesce((SELECT id FROM m26_order WHERE ",
    key!(),
    "), 0) ORDER BY id LIMIT $6"
);

/// `$6` is the holder, `$7` the lease in milliseconds.
pub(super) const CLAIM: &str = concat!(
    "UPDATE m26_order SET holder = $6, \
     held_until = clock_timestamp() + $7::bigint * interval '1 ms', version = version + 1 WHERE ",
    key!(),
    " AND outcome IS NULL AND (holder IS NULL OR holder = $6 OR held_until <= clock_timestamp()) \
     RETURNING ",
    columns!()
);

/// `$1` to `$3` are the identity, `$4` and `$5` the bounds of the pause in milliseconds, `$6` the
/// holder, `$7` the lease. What another program is claiming at this moment is passed over.
///
/// The rest of an order is what [`Entry::is_due`](crate::gateway::journal::Entry::is_due) says, by
/// the clock of the server, in which nothing is written in the future.
pub(super) const CLAIM_DUE: &str = concat!(
    "UPDATE m26_order SET holder = $6, \
     held_until = clock_timestamp() + $7::bigint * interval '1 ms', version = version + 1 \
     WHERE id = (SELECT id FROM m26_order WHERE outcome IS NULL AND app_id = $1 \
     AND coalesce(seller_id, '') = $2 AND gateway = $3 \
     AND (held_until IS NULL OR held_until <= clock_timestamp()) \
     AND written_at <= clock_timestamp() - greatest($4::bigint * interval '1 ms', \
     least($5::bigint * interval '1 ms', written_at - created_at)) \
     ORDER BY written_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ",
    columns!()
);
