//! What is in the file.

use crate::sqlite::Format;

/// "M26o", and the formats so far.
pub(super) const FORMAT: Format = Format { application_id: 0x4D32_366F, migrations: &[FIRST] };

/// A row of the first two tables is a run: records with consecutive numbers, in the same state, one
/// line of text each. So a batch is a row or two, and may be read with any tool. Records that wait
/// and records that the module holds are apart, so that the first table stays short. Neither has an
/// index beside it, so an append touches one page.
const FIRST: &str = "
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,        -- the number of the first record
    count INTEGER NOT NULL,        -- how many there are
    state INTEGER NOT NULL,        -- 0 pending, 1 sending, 4 parked, 5 rejected, 6 announced
    records TEXT NOT NULL          -- appended, business_no, QRcode, amount (fen), time_consuming (s),
) STRICT;                          -- trade_result, time_stamp; if it was sent: attempts, failures,
CREATE TABLE held (                -- first_failed, answered, answer (0 result, 1 refused, 2 unknown,
    id INTEGER PRIMARY KEY,        -- 3 unsendable), answer_code; CRC-32
    count INTEGER NOT NULL,
    state INTEGER NOT NULL,        -- 2 held, 3 in memory alone
    boot INTEGER,                  -- of the module, by the outbox's count
    records TEXT NOT NULL
) STRICT;
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last_record INTEGER NOT NULL,
    last_payment INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    broadcasts INTEGER NOT NULL,
    scans INTEGER NOT NULL,
    sending_broadcasts INTEGER,
    sending_scans INTEGER,
    usage_unknown INTEGER NOT NULL, -- what an unknown outcome is to them: 0 repeat, 1 lose
    ram_broadcasts INTEGER NOT NULL,
    ram_scans INTEGER NOT NULL,
    boot_broadcasts INTEGER NOT NULL,
    boot_scans INTEGER NOT NULL,
    reported INTEGER,
    answered INTEGER,
    answer INTEGER,
    answer_code INTEGER,
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,        -- 0 waiting, 1 handed, 2 parked, 3 refused, 4 uploaded,
                                   -- 5 expired
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failed INTEGER,
    answered INTEGER,
    answer INTEGER,                -- 0 done, 1 failed, 2 refused, 3 unknown, 4 unreachable
    accepted INTEGER NOT NULL,
    due INTEGER NOT NULL,
    last_moment INTEGER NOT NULL,
    key BLOB,
    payload BLOB,
    crc INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_key ON payment (key) WHERE key IS NOT NULL;
CREATE INDEX payment_state ON payment (state);
";
