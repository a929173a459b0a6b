//! What passed on a line, as text.

use std::time::Duration;

use m26_pay::transcript::{Direction, Recorder, Recording, Transcript, mask};

use super::source::{Source, unfold};
use support::bench::epoch;
use support::secrets::{self, HARMLESS, Shared};

/// What is written is read again; a mask keeps the form of every line and shows no secret of it;
/// and what a recorder writes is all that passed, in whatever pieces.
///
/// The first byte chooses between text, bytes to mask, and a line that holds secrets to damage.
pub fn transcript(data: &[u8]) {
    let mut source = Source::new(data);
    match source.below(3) {
        0 => text(&String::from_utf8_lossy(source.rest())),
        1 => passed(&mut source),
        _ => damaged(&mut source),
    }
}

fn text(text: &str) {
    if let Ok(recordings) = Recording::all(text) {
        recordings.iter().for_each(headed);
    }
    let Ok(transcript) = text.parse::<Transcript>() else { return };
    // What a recording says of itself is no step.
    let recordings = Recording::all(text).unwrap();
    let steps = recordings.into_iter().flat_map(|recording| recording.transcript.steps);
    assert_eq!(steps.collect::<Vec<_>>(), transcript.steps);
    let written = transcript.to_string();
    assert_eq!(written.parse(), Ok(transcript.clone()));
    drop(format!("{transcript:?}"));
}

/// It is read again as it is written.
fn headed(recording: &Recording) {
    let header = recording.header.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!("{header}{}", recording.transcript);
    let empty = recording.header.is_none() && recording.transcript.steps.is_empty();
    let again = Recording::all(&text).unwrap();
    assert_eq!(again.as_slice(), if empty { &[] } else { std::slice::from_ref(recording) });
}

/// The first byte chooses the sizes of the pieces, then bytes pass in turns.
fn passed(source: &mut Source<'_>) {
    let size = usize::from(source.byte()) + 1;
    let file = Shared::default();
    let mut now = epoch();
    let mut recorder = Recorder::new(file.clone(), now);
    let mut both = [Vec::new(), Vec::new()];
    let mut turn = 0;
    while !source.is_empty() {
        let bytes = unfold(source.until(0x1e));
        masked(&bytes);
        let direction = [Direction::ToModule, Direction::FromModule][turn];
        for piece in bytes.chunks(size) {
            recorder.record(now, direction, piece);
            now += Duration::from_micros(700);
        }
        both[turn].extend_from_slice(&bytes);
        turn = 1 - turn;
    }
    drop(recorder);
    let transcript: Transcript = file.text().parse().unwrap();
    let [sent, came] = both;
    same_form(&sent, &secrets::passed(&transcript, true));
    same_form(&came, &secrets::passed(&transcript, false));
}

fn masked(bytes: &[u8]) {
    let once = mask(bytes);
    same_form(bytes, &once);
    // What is shown of a line is also shown of what is left of it.
    same_form(&once, &mask(&once));
}

/// As long, with the same line ends and quotes; and every byte is the same or replaced.
fn same_form(bytes: &[u8], masked: &[u8]) {
    assert_eq!(bytes.len(), masked.len());
    for (byte, masked) in bytes.iter().zip(masked) {
        let kept = matches!(byte, b'\r' | b'\n' | b'"' | b' ');
        let replaced = *masked == if byte.is_ascii_digit() { b'0' } else { b'x' };
        assert!(byte == masked || (replaced && !kept), "{byte:02x} became {masked:02x}");
    }
}

/// A line that holds a secret is damaged: bytes are lost, one is replaced, another line stands
/// before it whose end was lost. Nothing of the secret shows.
fn damaged(source: &mut Source<'_>) {
    let lines = secrets::secret_lines();
    let mut line = lines[source.below(lines.len())].clone().into_bytes();
    let harmless = source.one(HARMLESS).as_bytes();
    let (at, count) = (source.below(line.len()), source.below(4));
    if source.flag() {
        line.drain(at..(at + count).min(line.len()));
    } else {
        line[at] = source.one(b" ,;=\":x0\xff");
    }
    let from = source.below(8).min(line.len());
    let line = if source.flag() { [harmless, &line[from..]].concat() } else { line };
    let (first, second) = line.split_at(source.below(line.len() + 1));
    for part in [&line[..], first, second] {
        let masked = mask(part);
        same_form(part, &masked);
        assert_eq!(secrets::shown(&masked), None, "{:?}", String::from_utf8_lossy(part));
    }
}
