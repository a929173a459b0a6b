//! The result of AT+ALIPAYSIGN, whose data announce their length.

use m26_pay::alipay::{Sign, SignData, SignMode};
use m26_pay::at::command::{Lines, Reply};
use m26_pay::at::line::{Frame, Line, LineSplitter, MIN_LIMIT};
use m26_pay::at::profile::Profile;
use m26_pay::urc::Urc;

use super::answers::decode;
use super::source::{Source, assert_hidden, unfold};

/// Signed data of any bytes come through as they are if their length is what was announced, and not
/// at all if it is not.
///
/// The first byte chooses how the line is written, the second what is announced, the third how the
/// line is cut; the rest is signed.
pub fn sign(data: &[u8]) {
    let mut source = Source::new(data);
    let notation = source.byte();
    let off = source.byte();
    let size = usize::from(source.byte()) + 1;
    let payload = unfold(source.rest());
    // Mostly the right length; else a little, or much, too short or too long.
    let announced = match off {
        0..=0xbf => payload.len(),
        0xc0..=0xdf => payload.len().saturating_sub(usize::from(off - 0xbf)),
        0xe0..=0xef => payload.len() + usize::from(off - 0xdf),
        0xf0..=0xf7 => usize::from(off - 0xf0) * 293,
        _ => usize::MAX / usize::from(off),
    };
    let on = |bit: u8| notation & 1 << bit != 0;
    let head = format!(
        "+ALIPAYSIGN{}:{}{}0{}{announced}{}\"",
        if on(0) { " " } else { "" },
        if on(1) { " " } else { "" },
        if on(2) { "\r\n" } else { "" },
        if on(3) { " , " } else { "," },
        if on(4) { " , " } else { "," },
    );
    let tail = if on(5) { "\"  \r\n" } else { "\"\r\n" };
    let line = [head.as_bytes(), &payload, b"\""].concat();
    let input = [b"\r\n", head.as_bytes(), &payload, tail.as_bytes(), b"\r\n+CREG: 1\r\n"].concat();

    let lines = split(&input, size);
    let valid = (1..=2048).contains(&payload.len());
    if announced == payload.len() && payload.len() <= 2048 {
        assert_eq!(lines, [line.clone(), b"+CREG: 1".to_vec()], "a line and a URC");
    }
    let sign = Sign::new(SignMode::Withholding, SignData::new("1").unwrap());
    for found in &lines {
        let reply = |line| Reply { lines: Lines::NONE, result: Some(line), final_result: None };
        let Some(signed) = decode(&sign, &reply(Line::new(found.clone()))) else { continue };
        assert_hidden(&format!("{signed:?}"));
        assert!(found.windows(signed.len()).any(|part| part == signed.expose().as_bytes()));
        assert!(!found.starts_with(head.as_bytes()) || signed.len() == announced);
    }
    let reply =
        Reply { lines: Lines::NONE, result: Some(Line::new(line.clone())), final_result: None };
    let signed = decode(&sign, &reply);
    let text = std::str::from_utf8(&payload).ok();
    let expected = text.filter(|_| valid && announced == payload.len());
    assert_eq!(signed.as_ref().map(|signed| signed.expose()), expected);
    if let Some(signed) = signed {
        let text = text.unwrap_or_default();
        assert_eq!(signed.len(), text.len());
        assert!(signed.get("time").is_none() || text.trim_start().starts_with('{'));
        assert!(matches!(Urc::parse(&line), Urc::AlipaySign { signed_data: Some(_), .. }));
    }
}

/// The lines of the input, in chunks of this size. Whoever waits for data at the end gives up.
fn split(input: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut splitter = LineSplitter::new(MIN_LIMIT, Profile::quectel().counted);
    let mut lines = Vec::new();
    let mut feed = |splitter: &mut LineSplitter, mut chunk: &[u8]| {
        while let Some(frame) = splitter.next(&mut chunk) {
            assert_hidden(&format!("{frame:?}"));
            if let Frame::Line(line) = frame {
                lines.push(line.to_vec());
            }
        }
    };
    input.chunks(size).for_each(|chunk| feed(&mut splitter, chunk));
    splitter.give_up();
    feed(&mut splitter, b"");
    lines
}
