//! The engine, driven by operations and bytes.

use m26_pay::at::profile::Profile;
use m26_pay::engine::{EarlierProgram, Settings};

use super::source::{Source, unfold};
use support::any::{self, KINDS, Op, PLAUSIBLE, Run};

/// Commands of every kind, callers who leave, bytes, lines written in part, time and a lost port,
/// in any order: nothing panics, no chunking makes a difference, every command ends once and by its
/// deadline, and what the engine keeps has a bound.
///
/// The first byte chooses the profile, whether a line can be written in the end and whether memory
/// is looked at, the next two settings, the next three sizes of chunks; then come operations (see
/// `op`).
pub fn engine(data: &[u8]) {
    let mut source = Source::new(data);
    let choice = source.byte();
    let settings = settings(choice, source.byte(), source.byte());
    let sizes: Vec<usize> = source.take(3).iter().map(|byte| usize::from(byte % 16) + 1).collect();
    let mut ops = Vec::new();
    while !source.is_empty() && ops.len() < OPS {
        ops.push(op(&mut source));
    }
    any::any_order(&settings, &ops, &sizes, choice & 4 == 0);
    if choice & 8 != 0 {
        bounded(&settings, &ops);
    }
}

/// However often the same happens, no more is kept.
fn bounded(settings: &Settings, ops: &[Op]) {
    let mut run = Run::new(settings);
    for _ in 0..ROUNDS {
        for op in ops.iter().filter(|op| !matches!(op, Op::Disconnect)) {
            run.step(op, &mut |all| all.min(CHUNK));
        }
        // What was told is the caller's.
        run.told.clear();
    }
    let engine = run.bench.engine;
    let freed = allocation_counter::measure(|| drop(engine)).bytes_current;
    assert!(-freed <= MEMORY, "{} bytes were kept", -freed);
}

fn settings(choice: u8, settings: u8, limits: u8) -> Settings {
    let on = |bits: u8, bit: u8| bits & 1 << bit != 0;
    let profile = if on(choice, 0) { Profile::luat() } else { Profile::quectel() };
    let profile = Profile { overlap: on(choice, 1), ..profile };
    let mut all = Settings::new(profile);
    if !on(settings, 0) {
        all.earlier = EarlierProgram::Ended;
    }
    all.first_fence = on(settings, 1).then_some(usize::from(settings >> 5));
    if on(settings, 2) {
        all.fence_tries = 1;
    }
    if on(settings, 3) {
        all.queue_limit = usize::from(limits % 8);
    }
    if on(settings, 4) {
        all.profile.line_limit = usize::from(limits);
    }
    all
}

/// ```text
/// 0..=2  kind timeout   a command, from f0 on with a deadline of its own
/// 3      index          its caller leaves
/// 4..=5                 the module answers as it should
/// 6      index          it says something plausible
/// 7      length bytes   it says anything
/// 8      index times    it says something plausible again and again
/// 9      count          so many bytes are written
/// 10..=12               all of the line is written
/// 13     time           some milliseconds pass
/// 14     time           some seconds pass
/// 15     7              the port is lost; any other byte, and all is written
/// ```
fn op(source: &mut Source<'_>) -> Op {
    match source.byte() % 16 {
        0..=2 => {
            let kind = source.below(KINDS);
            let timeout = source.byte().checked_sub(0xf0).map(|time| u64::from(time) * 4_000);
            Op::Submit(kind, timeout)
        }
        3 => Op::Cancel(usize::from(source.byte())),
        4 | 5 => Op::Answer,
        6 => Op::Input(source.one(PLAUSIBLE).into()),
        7 => {
            let length = source.below(64);
            Op::Input(unfold(source.take(length)))
        }
        8 => Op::Input(source.one(PLAUSIBLE).repeat(source.below(32)).into()),
        9 => Op::Write(source.below(16)),
        10..=12 => Op::WriteAll,
        13 => Op::Pass(u64::from(source.byte()) * 5),
        14 => Op::Pass(u64::from(source.byte()) * 250),
        _ => match source.byte() {
            7 => Op::Disconnect,
            _ => Op::WriteAll,
        },
    }
}

/// The kind of command that a line is, for seeds.
pub(super) fn kind(line: &[u8]) -> usize {
    let profile = Profile::quectel();
    let has = |kind: &usize| line == any::request(&profile, *kind, 0).line();
    let like = |kind: &usize| {
        let own = any::request(&profile, *kind, 0);
        line.contains(&b'=')
            && own.line().starts_with(line.split(|byte| *byte == b'=').next().unwrap_or_default())
    };
    (0..KINDS).find(has).or_else(|| (0..KINDS).find(like)).unwrap_or(0)
}

/// The bytes of an operation, for seeds.
pub(super) fn encode(op: &Op) -> Vec<u8> {
    match op {
        Op::Submit(kind, _) => vec![0, *kind as u8, 0],
        Op::Cancel(index) => vec![3, *index as u8],
        Op::Answer => vec![4],
        Op::Input(bytes) => {
            bytes.chunks(63).flat_map(|part| [&[7, part.len() as u8], part].concat()).collect()
        }
        Op::Write(count) => vec![9, *count as u8],
        Op::WriteAll => vec![10],
        Op::Pass(millis) if *millis < 5 * 255 => vec![13, (millis / 5) as u8],
        Op::Pass(millis) => vec![14, (millis / 250).min(255) as u8],
        Op::Disconnect => vec![15, 7],
    }
}

/// Fewer than the longest deadlines of as many commands take until a run is called endless.
const OPS: usize = 60;

/// Enough that what is kept of each would be seen.
const ROUNDS: usize = 6;

/// As much as a driver reads at once.
const CHUNK: usize = 1024;

/// A full queue, the lines of an answer, and a line with its data.
const MEMORY: i64 = 512 * 1024;
