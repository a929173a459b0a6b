//! Answers that come late, or not, and whose they are.

use m26_pay::at::profile::Profile;

use super::source::Source;
use support::slow::{Ask, KINDS, Mood, nobody_is_told_of_another_command};

/// A slow module that restarts and whose lines are lost says in every answer whose it is: whoever
/// is told anything is told what was said to his own command, and everybody is told once, unless he
/// left.
///
/// The first byte chooses the profile and the number of commands, of two bytes each, three where
/// the caller leaves; the rest are the module's moods, of three bytes each.
pub fn credit(data: &[u8]) {
    let mut source = Source::new(data);
    let choice = source.byte();
    let profile = if choice & 1 == 0 { Profile::quectel() } else { Profile::luat() };
    let profile = Profile { overlap: choice & 2 != 0, ..profile };
    let asks: Vec<Ask> = (0..choice >> 3).map(|_| ask(&mut source)).collect();
    let mut moods = Vec::new();
    while moods.is_empty() || !source.is_empty() && moods.len() < 64 {
        moods.push(mood(&mut source));
    }
    nobody_is_told_of_another_command(&profile, &asks, &moods);
}

fn ask(source: &mut Source<'_>) -> Ask {
    let (kind, gap) = (source.byte(), time(source.byte(), 80));
    let leaves = (kind & 0xc0 == 0xc0).then(|| time(source.byte(), 120));
    Ask { kind: usize::from(kind & 0x3f) % KINDS, gap, leaves }
}

/// Mostly in time; the least that may be is less than any deadline, the most is more.
fn mood(source: &mut Source<'_>) -> Mood {
    let flags = source.byte();
    let on = |bit: u8| flags & 1 << bit != 0;
    Mood {
        answer: time(source.byte(), 118),
        result: time(source.byte(), 157),
        lost: [on(0) && on(1), on(2) && on(3), on(4) && on(5)],
        early: on(6),
        resets: flags >> 3 == 0x1f,
    }
}

/// Below 128 some milliseconds, above it that many steps.
fn time(byte: u8, step: u64) -> u64 {
    let byte = u64::from(byte);
    if byte < 128 { byte * 3 } else { byte * step }
}
