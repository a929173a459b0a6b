//! The tables of the file.

use super::{format_1, format_2, format_3, format_4};
use crate::sqlite::{Format, mark};

/// "M26o". The formats so far: 1, without the table `item`; 2, without orders; 3, with ended items
/// among the others; 4, whose files were not tied to their logs; 5.
pub(super) const FORMAT: Format = Format {
    application_id: 0x4D32_366F,
    tables: TABLES,
    migrations: &[
        format_1::bring_forward,
        format_2::bring_forward,
        format_3::bring_forward,
        format_4::bring_forward,
    ],
    marked_from: Some(5),
};

/// The tables of format 5.
const TABLES: &[&str] = &[REPORTS, ITEMS, ENDED, mark::TABLE];

/// A row of the first two tables is a run: reports with consecutive numbers, in one state, one line of
/// text each. So a batch is a row or two, and any tool can read it. Reports that wait and reports that
/// the module holds have a table each, so that the first one stays short. Neither has an index, so an
/// append changes one page.
const REPORTS: &str = "
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,        -- the number of the first report
    count INTEGER NOT NULL,        -- how many there are
    state INTEGER NOT NULL,        -- 0 pending, 1 sending, 4 parked, 5 rejected, 6 announced,
                                   -- 8 ordered
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
";

/// Items that have ended. They are never read as a whole, because settled orders stay for ever.
pub(super) const ENDED: &str = "
CREATE TABLE ended (
    id INTEGER NOT NULL,           -- as in item, all of them
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,        -- 2 delivered or settled
    added INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failed INTEGER,
    answered INTEGER,
    answer INTEGER,
    due INTEGER,
    last_moment INTEGER,
    key BLOB,
    body BLOB,
    crc INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ended_key ON ended (kind, key) WHERE key IS NOT NULL;
CREATE TABLE ended_count (
    count INTEGER NOT NULL,        -- how many of a kind have ended, so that nobody has to count them
    kind INTEGER PRIMARY KEY,
    crc INTEGER NOT NULL
) STRICT;
";

/// Items of all other kinds, and the last number that was given to one of each kind.
pub(super) const ITEMS: &str = "
CREATE TABLE item (
    id INTEGER NOT NULL,           -- the order in which those of its kind were added
    kind INTEGER NOT NULL,         -- 1 payment, 2 order
    state INTEGER NOT NULL,        -- as above; 7 expired
    added INTEGER NOT NULL,        -- Unix milliseconds, as all times
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failed INTEGER,
    answered INTEGER,
    answer INTEGER,                -- of a payment: 0 done, 1 failed, 2 refused, 3 unknown,
    due INTEGER,                   -- 4 unreachable
    last_moment INTEGER,
    key BLOB,                      -- by what it is found
    body BLOB,                     -- of a payment: its payload; of an order: JSON
    crc INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX item_key ON item (kind, key) WHERE key IS NOT NULL;
CREATE INDEX item_state ON item (kind, state);
CREATE TABLE last_id (
    id INTEGER NOT NULL,           -- the last number that was given, so that it is not given again
    kind INTEGER PRIMARY KEY,      -- 0 report, others as above
    crc INTEGER NOT NULL
) STRICT;
";
