//! What is in the file.

use crate::sqlite::Format;

/// "M26o", and the formats so far.
pub(super) const FORMAT: Format = Format { application_id: 0x4D32_366F, migrations: &[FIRST] };

/// Records that wait and records that the module holds are apart, so that the first table stays
/// short and an append touches one page: there is no index beside it.
const FIRST: &str = "
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,        -- 0 pending, 1 sending, 4 parked, 5 rejected,
                                   -- 6 announced
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failed INTEGER,          -- Unix milliseconds, as the others
    answered INTEGER,
    answer INTEGER,                -- 0 result, 1 refused, 2 unknown, 3 unsendable
    answer_code INTEGER,
    appended INTEGER NOT NULL,
    boot INTEGER,
    business_no TEXT,
    qr_code TEXT,
    amount INTEGER NOT NULL,       -- fen
    time_consuming INTEGER,        -- seconds
    trade_result INTEGER NOT NULL,
    time_stamp INTEGER NOT NULL,   -- Unix seconds
    crc INTEGER NOT NULL
) STRICT;
CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,        -- 2 held, 3 in memory alone
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failed INTEGER,
    answered INTEGER,
    answer INTEGER,
    answer_code INTEGER,
    appended INTEGER NOT NULL,
    boot INTEGER,
    business_no TEXT,
    qr_code TEXT,
    amount INTEGER NOT NULL,
    time_consuming INTEGER,
    trade_result INTEGER NOT NULL,
    time_stamp INTEGER NOT NULL,
    crc INTEGER NOT NULL
) STRICT;
CREATE INDEX held_in_boot ON held (boot, state);
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
