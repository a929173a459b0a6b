//! Transcripts: what is written is read again, and no secret is written.

use std::time::Duration;

use m26_pay::transcript::{Direction, Recorder, Transcript, TranscriptStep, mask};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use support::bench;
use support::secrets::{HARMLESS, Shared, passed, secret_lines, shown};

fn parse(text: &str) -> Result<Transcript, (usize, String)> {
    text.parse::<Transcript>().map_err(|error| (error.line, error.reason.to_string()))
}

#[test]
fn what_a_transcript_may_say() {
    let transcript = parse(
        "# a comment\n\n> AT+CSQ\\r   \n< \\r\\n+CSQ: 11,0\\r\\n\r\n+ 1500\n< \\x00\\xFF\\\\\\x20  \n",
    );
    assert_eq!(
        transcript.map(|transcript| transcript.steps),
        Ok(vec![
            TranscriptStep::ToModule(b"AT+CSQ\r".to_vec()),
            TranscriptStep::FromModule(b"\r\n+CSQ: 11,0\r\n".to_vec()),
            TranscriptStep::Pass(Duration::from_millis(1500)),
            TranscriptStep::FromModule(b"\0\xff\\ ".to_vec()),
        ])
    );
}

#[test]
fn what_it_may_not() {
    for (text, line) in [
        ("AT", 1),
        ("? AT", 1),
        ("> AT\n\n+ x", 3),
        ("> \\q", 1),
        ("> \\", 1),
        ("> \\x", 1),
        ("> \\x1", 1),
        ("> \\xg1", 1),
        ("# fine\n+ -1", 2),
        ("+ 99999999999999999999", 1),
    ] {
        assert_eq!(parse(text).map_err(|(line, _)| line), Err(line), "{text:?}");
    }
}

/// What a recorder writes of these pieces, each a millisecond after the one before.
fn record(pieces: &[(Direction, &[u8])]) -> String {
    let file = Shared::default();
    let mut now = bench::epoch();
    let mut recorder = Recorder::new(file.clone(), now);
    for (direction, bytes) in pieces {
        now += Duration::from_millis(1);
        recorder.record(now, *direction, bytes);
    }
    drop(recorder);
    file.text()
}

#[track_caller]
fn expect_hidden(line: &[u8]) {
    let masked = mask(line);
    assert_eq!(masked.len(), line.len());
    let text = String::from_utf8_lossy(line).into_owned();
    let told = String::from_utf8_lossy(&masked).into_owned();
    assert_eq!(shown(&masked), None, "{text:?} -> {told:?}");
    let ends = |bytes: &[u8]| -> Vec<_> {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b'\r' | b'\n'));
        ends.map(|(at, byte)| (at, *byte)).collect()
    };
    assert_eq!(ends(&masked), ends(line));
}

#[test]
fn secrets_are_hidden_wherever_a_line_is_cut() {
    for line in secret_lines() {
        for from in 0..line.len() {
            expect_hidden(&line.as_bytes()[from..]);
            expect_hidden(&line.as_bytes()[..line.len() - from]);
        }
    }
}

#[test]
fn secrets_are_hidden_whichever_byte_is_lost() {
    for line in secret_lines() {
        for lost in 0..line.len() {
            for count in 1..4.min(line.len() - lost + 1) {
                let mut damaged = line.clone().into_bytes();
                damaged.drain(lost..lost + count);
                expect_hidden(&damaged);
            }
            // Or replaced.
            for byte in b" ,;=\":x0\xff" {
                let mut damaged = line.clone().into_bytes();
                damaged[lost] = *byte;
                expect_hidden(&damaged);
            }
        }
    }
}

/// A line end was lost, so that a secret stands behind what is harmless.
#[test]
fn secrets_behind_harmless_lines() {
    for line in secret_lines() {
        for before in HARMLESS {
            for from in 0..8 {
                expect_hidden(format!("{before}{}", &line[from..]).as_bytes());
            }
        }
    }
}

#[test]
fn what_is_harmless_stays() {
    for line in [
        "AT\r",
        "ATI\r",
        "AT&W\r",
        "ATQ0V1E1\r",
        "AT+CSQ\r",
        "AT+CREG?;+CGREG?;+CSQ\r",
        "AT+ALIPAYCFG=?\r",
        "AT+ALIPAYCFG?\r",
        "AT+ALIPAYPINFO=127\r",
        "AT+CMEE=1\r",
        "AT+IPR=115200\r",
        "AT+QICSGP=1\r",
        "AT+QNTTP=\"ntp1.aliyun.com\"\r",
        "\r\nOK\r\n",
        "\r\nERROR\r\n",
        "\r\n+CME ERROR: 3518\r\n",
        "+CME ERROR: SIM not inserted\r\n",
        "+CSQ: 30, 0\r\n",
        "+CREG: 2,1,\"1A2B\",\"0C3D\"\r\n",
        "+ALIPAYREP : -1\r\n",
        "+ALIPAYREP: 0,20\r\n",
        "+ALIPAYSIGN: 99\r\n",
        "+ALIPAYSIGN: -1\r\n",
        "RDY\r\n",
        "+CFUN: 1\r\n",
        "+CPIN: READY\r\n",
        "Call Ready\r\n",
        "UNDER_VOLTAGE WARNING \r\n",
        "NORMAL POWER DOWN\r\n",
        "+CCLK: \"20/02/14,10:00:00+32\"\r\n",
        "Quectel_Ltd\r\n",
        "Quectel_M26\r\n",
        "Revision: M26FBR03A03-TTS\r\n",
        "\" module_supplier_no\": \"201901220900654009\"\r\n",
        "\"env\": 4\r\n",
        "+ALIPAYSHUT OK\r\n",
        "+ALIPAYDID: 0,\"010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw\"\r\n",
        "+QNTTP: 0\r\n",
    ] {
        assert_eq!(String::from_utf8_lossy(&mask(line.as_bytes())), line);
    }
}

#[test]
fn a_recorder_hides_what_passes_in_pieces() {
    for line in secret_lines() {
        for direction in [Direction::ToModule, Direction::FromModule] {
            let bytes = line.as_bytes();
            let single: Vec<_> = bytes.chunks(1).map(|byte| (direction, byte)).collect();
            for pieces in [single, vec![(direction, bytes)]] {
                let text = record(&pieces);
                assert_eq!(shown(text.as_bytes()), None, "{text}");
                let transcript = parse(&text).unwrap();
                let sent = direction == Direction::ToModule;
                assert_eq!(passed(&transcript, sent).len(), bytes.len());
            }
        }
    }
}

#[test]
fn nothing_shows_itself_in_debug() {
    for line in secret_lines() {
        let steps = vec![
            TranscriptStep::ToModule(line.clone().into()),
            TranscriptStep::FromModule(line.clone().into()),
        ];
        let text = format!("{:?}", Transcript { steps });
        assert_eq!(shown(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn a_recorder_keeps_the_order_and_the_time() {
    let text = record(&[
        (Direction::ToModule, b"AT+CSQ\r"),
        (Direction::FromModule, b"\r\n+CSQ: 11,0\r\n\r\nO"),
        (Direction::FromModule, b"K\r\n"),
    ]);
    assert_eq!(
        text,
        "+ 1\n> AT+CSQ\\r\n+ 1\n< \\r\\n\n< +CSQ: 11,0\\r\\n\\r\\n\n+ 1\n< OK\\r\\n\n"
    );
}

fn step() -> impl Strategy<Value = TranscriptStep> {
    prop_oneof![
        vec(any::<u8>(), 0..40).prop_map(TranscriptStep::FromModule),
        vec(any::<u8>(), 0..40).prop_map(TranscriptStep::ToModule),
        (0u64..10_000_000).prop_map(|millis| TranscriptStep::Pass(Duration::from_millis(millis))),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(steps in vec(step(), 0..20)) {
        let transcript = Transcript { steps };
        prop_assert_eq!(transcript.to_string().parse::<Transcript>(), Ok(transcript));
    }

    #[test]
    fn no_text_panics(text in "[-#><+ \\\\xrn0-9a-f\n\r\u{0}-\u{ff}]{0,60}") {
        let _ = text.parse::<Transcript>();
    }

    /// What is masked has the length and the line ends of what it was, and so it is with any
    /// secret in any surroundings.
    #[test]
    fn masks_keep_the_form(bytes in vec(any::<u8>(), 0..80)) {
        let masked = mask(&bytes);
        prop_assert_eq!(masked.len(), bytes.len());
        for (masked, byte) in masked.iter().zip(&bytes) {
            let kept = matches!(byte, b'"' | b' ');
            prop_assert!(!kept || masked == byte);
        }
        prop_assert_eq!(mask(&masked).len(), bytes.len());
    }

    /// Whatever is recorded in whatever pieces: no secret, every byte.
    #[test]
    fn recordings_hide_and_keep_the_length(
        lines in vec((select(secret_lines()), any::<bool>()), 1..6),
        cuts in vec(any::<Index>(), 0..10),
    ) {
        let mut pieces = Vec::new();
        for (line, to_module) in &lines {
            let direction = if *to_module { Direction::ToModule } else { Direction::FromModule };
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(line.len())).collect();
            ends.extend([0, line.len()]);
            ends.sort_unstable();
            for part in ends.windows(2) {
                pieces.push((direction, &line.as_bytes()[part[0]..part[1]]));
            }
        }
        let text = record(&pieces);
        prop_assert_eq!(shown(text.as_bytes()), None, "{}", text);
        let transcript = text.parse::<Transcript>().unwrap();
        for to_module in [true, false] {
            let length: usize =
                lines.iter().filter(|(_, way)| *way == to_module).map(|(line, _)| line.len()).sum();
            prop_assert_eq!(passed(&transcript, to_module).len(), length);
        }
    }
}
