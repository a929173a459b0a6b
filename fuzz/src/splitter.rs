//! Bytes to lines.

use m26_pay::at::line::{Counted, Frame, LineSplitter, MIN_LIMIT};
use m26_pay::at::profile::Profile;

use super::source::{Source, unfold};
use support::frames::{Cut, feed};
use support::reference::frames;

/// Any chunking of any bytes gives the same lines, as soon as their last byte has come, also if
/// somebody gives up waiting in between; if nobody does, those that the plain reference finds. No
/// byte is lost but line ends and what is too long, and the splitter keeps one line at most.
///
/// The first byte chooses whether lines may announce their data, the second sizes of chunks, the
/// third when somebody gives up; the rest is what arrives.
pub fn splitter(data: &[u8]) {
    let mut source = Source::new(data);
    let counted = if source.byte() < 0xc0 { Profile::quectel().counted } else { &[] };
    let size = usize::from(source.byte());
    let give_up = usize::from(source.byte());
    let input = unfold(source.rest());

    let single = cut(counted, &input, give_up, |_| 1);
    same(&single, &cut(counted, &input, give_up, |rest| rest));
    same(&single, &cut(counted, &input, give_up, |_| size % 67 + 2));
    let mut next = size;
    let uneven = cut(counted, &input, give_up, |_| {
        next = next * 5 % 251 + 1;
        next
    });
    same(&single, &uneven);
    let cuts: Vec<Cut> = single.into_iter().map(|(_, cut)| cut).collect();
    account(&input, &cuts, give_up > 0);
    if give_up == 0 {
        assert!(cuts.starts_with(&frames(&input, MIN_LIMIT, counted)), "as told plainly");
    }
    if counted.is_empty() {
        between_line_ends(&input, &cuts);
    }
    let mut kept = 0;
    let measured = allocation_counter::measure(|| kept = count(counted, &input, size % 67 + 2));
    assert!(measured.bytes_max <= MEMORY && kept <= input.len(), "{measured:?}");
}

/// The bytes that had come when a frame was said: the chunk's first that made the difference, and
/// its last.
type Come = (usize, usize);

/// Checks that both lists hold equal frames, each in the chunk with its last byte.
fn same(single: &[(Come, Cut)], chunks: &[(Come, Cut)]) {
    let cuts = |all: &[(Come, Cut)]| all.iter().map(|(_, cut)| cut.clone()).collect::<Vec<_>>();
    assert_eq!(cuts(chunks), cuts(single));
    for (((_, at), cut), ((from, to), _)) in single.iter().zip(chunks) {
        assert!(from <= at && at <= to, "{cut:?} is known at {at} and said in {from} to {to}");
    }
}

/// What comes of the input in chunks of these sizes. Every `give_up` times sixteen bytes, and at
/// the end, whoever waits for data gives up.
fn cut(
    counted: &'static [Counted],
    input: &[u8],
    give_up: usize,
    mut size: impl FnMut(usize) -> usize,
) -> Vec<(Come, Cut)> {
    let mut splitter = LineSplitter::new(MIN_LIMIT, counted);
    let mut cuts = Vec::new();
    let mut come = 0;
    let part = if give_up == 0 { usize::MAX } else { give_up * 16 };
    for part in input.chunks(part.min(input.len().max(1))) {
        let mut rest = part;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(size(rest.len()).clamp(1, rest.len()));
            let chunk = (come + 1, come + now.len());
            cuts.extend(feed(&mut splitter, now).into_iter().map(|cut| (chunk, cut)));
            come += now.len();
            rest = later;
        }
        if splitter.awaiting_data() {
            splitter.give_up();
            assert!(!splitter.awaiting_data());
            cuts.extend(feed(&mut splitter, b"").into_iter().map(|cut| ((come, come), cut)));
        }
    }
    cuts
}

/// How many bytes are in all frames.
fn count(counted: &'static [Counted], input: &[u8], size: usize) -> usize {
    let mut splitter = LineSplitter::new(MIN_LIMIT, counted);
    let mut count = 0;
    for mut chunk in input.chunks(size) {
        while let Some(Frame::Line(bytes) | Frame::Miscounted(bytes) | Frame::Overlong(bytes)) =
            splitter.next(&mut chunk)
        {
            count += bytes.len();
        }
    }
    count
}

/// Finds every frame in the input, in order, with nothing left out between two of them but what
/// may be. A line that announced data may have no end if somebody gave up waiting.
fn account(input: &[u8], cuts: &[Cut], given_up: bool) {
    let mut rest = input;
    for cut in cuts {
        let idle = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0);
        rest = &rest[rest.iter().take_while(|byte| idle(byte)).count()..];
        let bytes = cut.bytes();
        assert!(rest.starts_with(bytes), "{cut:?} is not what comes next: {rest:?}");
        rest = &rest[bytes.len()..];
        match cut {
            // Blanks may stand behind the quote that ends announced data.
            Cut::Line(line) if line.starts_with(b"+ALIPAYSIGN") => {
                rest = &rest[rest.iter().take_while(|byte| **byte == b' ').count()..];
                if given_up && line.ends_with(b"\"") {
                    continue;
                }
            }
            Cut::Line(_) | Cut::Miscounted(_) => {}
            Cut::Overlong(line) => {
                assert_eq!(
                    line.len(),
                    MIN_LIMIT,
                    "an overlong line shows as much as a line may have"
                );
                rest =
                    &rest[rest.iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count()..];
                continue;
            }
        }
        assert!(matches!(rest.first(), Some(b'\r' | b'\n')), "{cut:?} has no end");
    }
}

/// Without anything counted, lines are what is between line ends.
fn between_line_ends(input: &[u8], cuts: &[Cut]) {
    let ended = input.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'));
    let mut wanted = Vec::new();
    for part in ended {
        let (line, ends) = match part.split_last() {
            Some((b'\r' | b'\n', line)) => (line, true),
            _ => (part, false),
        };
        let line = &line[line.iter().take_while(|byte| **byte == 0).count()..];
        match line.len() {
            0 => {}
            length if length > MIN_LIMIT => wanted.push(Cut::Overlong(line[..MIN_LIMIT].to_vec())),
            _ if ends => wanted.push(Cut::Line(line.to_vec())),
            _ => {}
        }
    }
    assert_eq!(cuts, wanted);
}

/// One line or announced data, in a buffer that doubles.
const MEMORY: u64 = 4 * MIN_LIMIT as u64;
