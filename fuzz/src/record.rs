//! Reports of the outbox, in its file.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use m26_pay::alipay::{BusinessNo, QrCode, Report, ReportStatus, TradeResult};
use m26_pay::amount::Amount;
use m26_pay::outbox::store::{Change, REPORTS, Selection, Store, StoreError};
use m26_pay::outbox::{Doubt, Id, Item, ItemState, ReportAnswer, SqliteStore};
use m26_pay::unix_time::UnixMillis;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::source::{Source, assert_hidden, unfold};

/// What is put into the file comes out of it, once it was closed; and whatever stands in a row is
/// read as records that can be written again, or the file is said to be damaged, and nothing of it
/// shows.
///
/// The first byte chooses between records (see `record`) and the text of a row (see `damaged`).
pub fn record(data: &[u8]) {
    let mut source = Source::new(data);
    if source.flag() { damaged(&mut source) } else { kept(&mut source) }
}

fn kept(source: &mut Source<'_>) {
    let mut records: Vec<Item<Report>> = Vec::new();
    let mut id = i64::from(source.byte());
    while !source.is_empty() && records.len() < 32 {
        id += i64::from(source.byte() % 4) + 1;
        records.extend(any_record(source, id));
    }
    let file = File::new();
    let mut store = file.open();
    store.load().unwrap();
    let changes: Vec<_> = records.iter().map(Change::PutReport).collect();
    store.commit(&changes).unwrap();
    assert_eq!(all(&mut store).unwrap(), records);
    drop(store);
    let mut store = file.open();
    let contents = store.load().unwrap();
    assert_eq!(contents.stock(REPORTS).counts.all(), records.len() as u64);
    assert_eq!(contents.stock(REPORTS).last_id, records.last().map_or(0, |record| record.id.get()));
    assert_eq!(all(&mut store).unwrap(), records);
    // Every second one goes.
    let gone: Vec<_> =
        records.iter().step_by(2).map(|record| Change::RemoveReport(record.id)).collect();
    store.commit(&gone).unwrap();
    let left: Vec<_> = records.into_iter().skip(1).step_by(2).collect();
    assert_eq!(all(&mut store).unwrap(), left);
    for record in left {
        assert_hidden(&format!("{record:?}"));
        assert_eq!(store.report(record.id).unwrap(), Some(record));
    }
}

/// Sixteen bytes of numbers, and two texts, each up to an LF. `None` if they do not go together.
fn any_record(source: &mut Source<'_>, id: i64) -> Option<Item<Report>> {
    let flags = source.byte();
    let on = |bit: u8| flags & 1 << bit != 0;
    let mut number =
        || source.take(4).iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    let (fen, seconds, times) = (number() >> 1, number(), number());
    let (state, answer, attempts) = (source.byte(), source.byte(), source.byte());
    let mut text = || String::from_utf8_lossy(&unfold(source.until(b'\n'))).into_owned();
    let result = TradeResult::from_code(i32::from(flags >> 5) - 1)?;
    let mut report = Report::of(Amount::from_fen(fen.into()).ok()?, result, times.into());
    if let Ok(business_no) = BusinessNo::new(text()) {
        report = report.business_no(business_no);
    }
    if let Ok(qr_code) = QrCode::new(text()) {
        report = report.qr_code(qr_code);
    }
    if on(0) {
        report = report.time_consuming(seconds);
    }
    let time = |at: i64| UnixMillis(i64::from(times) * 1_000_003 * at);
    let mut record = Item::new(Id::<Report>::new(id), report.build().ok()?, time(1));
    record.state = ItemState::ALL[usize::from(state) % ItemState::ALL.len()];
    record.boot = record.state.is_held().then_some(i64::from(seconds >> 3));
    if on(1) {
        let answer = match answer % 8 {
            0 | 1 => ReportAnswer::Result(ReportStatus(seconds as i32)),
            2 => ReportAnswer::Refused(None),
            3 => ReportAnswer::Refused(Some(seconds as u16)),
            4 | 5 => ReportAnswer::Unknown(Doubt::ALL[usize::from(answer) % Doubt::ALL.len()]),
            _ => ReportAnswer::InvalidCommand,
        };
        record.attempts = attempts.into();
        record.failures = u32::from(attempts / 2);
        record.first_failed = on(2).then(|| time(-1));
        record.last = Some((time(2), answer));
    }
    Some(record)
}

/// Nine bytes that choose the state, the number of the first record and how many there are said to
/// be, then the lines of the row. A line that begins with `!` is as it stands, any other gets the
/// checksum that belongs to it.
fn damaged(source: &mut Source<'_>) {
    let state = source.byte();
    let first = match source.byte() {
        0xff => i64::MAX - i64::from(source.byte()),
        0xfe => i64::MIN + i64::from(source.byte()),
        number => i64::from(number) * i64::from(source.byte() as i8),
    };
    let (count, boot) = (source.byte(), i64::from(source.byte() as i8));
    let text = String::from_utf8_lossy(&unfold(source.rest())).into_owned();
    let held = matches!(state, 2 | 3);
    let boot = Some(boot).filter(|_| held);
    let lines = text.split('\n').enumerate().map(|(index, line)| match line.strip_prefix('!') {
        Some(line) => line.to_string(),
        None => sealed(line, first.wrapping_add(index as i64), boot, state),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let count = if count == 0 { text.split('\n').count() as i64 } else { i64::from(count as i8) };

    let file = File::new();
    let connection = file.connection();
    let row = params![first, count, state, boot, text];
    let statement = if held {
        "INSERT INTO held (id, count, state, boot, records) VALUES (?1, ?2, ?3, ?4, ?5)"
    } else {
        "INSERT INTO waiting (id, count, state, records) VALUES (?1, ?2, ?3, ?5)"
    };
    connection.execute(statement, row).unwrap();
    drop(connection);

    let mut store = file.open();
    let contents = match store.load() {
        Ok(contents) => contents,
        Err(error) => {
            assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
            return assert_hidden(&format!("{error} {error:?}"));
        }
    };
    let records = all(&mut store).unwrap();
    assert_eq!(contents.stock(REPORTS).counts.all(), records.len() as u64);
    assert_hidden(&format!("{records:?}"));
    let changes: Vec<_> = records.iter().map(Change::PutReport).collect();
    store.commit(&changes).unwrap();
    assert_eq!(all(&mut store).unwrap(), records);
}

/// A line with its checksum, as the documentation of the file says: of the text, and of the
/// record's number, boot and state.
fn sealed(line: &str, id: i64, boot: Option<i64>, state: u8) -> String {
    let mut sum = crc32fast::Hasher::new();
    sum.update(line.as_bytes());
    sum.update(&id.to_le_bytes());
    sum.update(&boot.unwrap_or(-1).to_le_bytes());
    sum.update(&[state]);
    format!("{line}\t{:08x}", sum.finalize())
}

fn all(store: &mut SqliteStore) -> Result<Vec<Item<Report>>, StoreError> {
    store.reports(&Selection {
        states: &ItemState::ALL,
        boot: None,
        after: i64::MIN,
        limit: usize::MAX,
        newest: false,
    })
}

/// A new outbox in a folder of its own, in memory where that can be had.
struct File {
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        static BLANK: OnceLock<Vec<u8>> = OnceLock::new();
        let file = Self { folder: folder() };
        let blank = BLANK.get_or_init(|| {
            let first = Self { folder: folder() };
            let mut store = SqliteStore::open(first.path()).unwrap();
            store.load().unwrap();
            drop(store);
            fs::read(first.path()).unwrap()
        });
        fs::write(file.path(), blank).unwrap();
        file
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("till.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.path()).unwrap()
    }

    /// The file for who knows what is in it.
    fn connection(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.unwrap()
}
