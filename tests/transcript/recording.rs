//! Recordings: what they say of themselves, and the files that they are in.

use std::fs;
use std::io::Write as _;
use std::time::Duration;

use m26_pay::transcript::{
    Direction, Recorder, Recording, RecordingError, RecordingFile, RecordingHeader, Transcript,
};
use m26_pay::unix_time::UnixMillis;
use proptest::prelude::*;
use support::bench;
use support::secrets::Shared;

fn header() -> RecordingHeader {
    RecordingHeader::new(UnixMillis(1_548_811_777_000))
        .port("/dev/ttyUSB0")
        .rate(115_200)
        .profile("quectel")
}

#[test]
fn a_header_is_read_again() {
    let text = header().to_string();
    let expected = [
        "# m26-pay recording 1",
        "# date: 2019-01-30T01:29:37.000Z",
        concat!("# software: m26-pay ", env!("CARGO_PKG_VERSION")),
        "# port: /dev/ttyUSB0",
        "# rate: 115200",
        "# profile: quectel",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    let recordings = Recording::all(&text).unwrap();
    assert_eq!(recordings.len(), 1);
    assert_eq!(recordings[0].header, Some(header()));
    // Who knows no headers reads a transcript.
    assert_eq!(text.parse(), Ok(Transcript::default()));
}

#[test]
fn a_path_makes_no_lines() {
    let odd = RecordingHeader::new(UnixMillis(0)).port("/dev/x\n> AT\\r").with("no name: ", "x");
    let recordings = Recording::all(&odd.to_string()).unwrap();
    assert_eq!(recordings[0].header.as_ref(), Some(&odd));
    assert_eq!(recordings[0].transcript.steps, []);
    assert_eq!((odd.get("port"), odd.get("noname")), (Some("/dev/x\u{fffd}> AT\\r"), Some("x")));
}

#[test]
fn the_recorder_tells_the_firmware_once() {
    let file = Shared::default();
    let now = bench::epoch();
    let mut recorder = Recorder::new(file.clone(), now);
    let answer = b"\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03-TTS\r\n\r\nOK\r\n";
    for _ in 0..2 {
        recorder.record(now, Direction::ToModule, b"ATI\r");
        recorder.record(now, Direction::FromModule, answer);
    }
    drop(recorder);
    let text = format!("{}{}", header(), file.text());
    assert_eq!(text.matches("# firmware: M26FBR03A03-TTS\n").count(), 1, "{text}");
    let recordings = Recording::all(&text).unwrap();
    let header = recordings[0].header.as_ref().unwrap();
    assert_eq!(header.get("firmware"), Some("M26FBR03A03-TTS"));
    assert_eq!(Ok(recordings[0].transcript.clone()), text.parse());
}

#[test]
fn one_file_holds_many_and_one_without_a_header() {
    let text = format!("# mine\n> AT\\r\n{0}+ 5\n< OK\\r\\n\n> AT\\x0\n{0}", header());
    let recordings = Recording::all(&text).unwrap();
    let steps: Vec<_> =
        recordings.iter().map(|recording| recording.transcript.steps.len()).collect();
    let known: Vec<_> = recordings.iter().map(|recording| recording.header.is_some()).collect();
    assert_eq!((steps, known), (vec![1, 2, 0], vec![false, true, true]));
    // The line that was cut short may be the last one of all, and no other.
    assert_eq!(Recording::all("> AT\\r\n< OK\\").unwrap()[0].transcript.steps.len(), 1);
    assert_eq!(Recording::all("> AT\\\n< OK\\r").unwrap_err().line, 1);
    assert_eq!(Recording::all("").unwrap(), []);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line.at");
    let mut file = RecordingFile::open(&path, &header()).unwrap();
    file.write_all(b"> AT\\r\n< OK\\").unwrap();
    let busy = RecordingFile::open(&path, &header()).unwrap_err();
    assert!(matches!(busy, RecordingError::InUse { .. }), "{busy}");
    drop(file);
    drop(RecordingFile::open(&path, &header()).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, format!("{0}> AT\\r\n< OK\\\n{0}", header()));
    assert_eq!(Recording::all(&text).unwrap().len(), 2);

    let begin = "# m26-pay recording 1";
    let old = "> AT\\r\n< OK\\r\\n\n";
    for other in [
        b"SQLite format 3\0".as_slice(),
        b"\n",
        b"\xff\xff",
        old.as_bytes(),
        begin.as_bytes(),
        b"# m26-pay recording 12\n",
    ] {
        fs::write(&path, other).unwrap();
        let refused = RecordingFile::open(&path, &header()).unwrap_err();
        assert!(matches!(refused, RecordingError::NotARecording { .. }), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), other);
    }
    fs::write(&path, "").unwrap();
    drop(RecordingFile::open(&path, &header()).unwrap());

    let refused = RecordingFile::open(folder.path(), &header()).unwrap_err();
    assert!(matches!(refused, RecordingError::NotARecording { .. }), "{refused}");
    let nowhere = folder.path().join("nowhere/line.at");
    let refused = RecordingFile::open(nowhere, &header()).unwrap_err();
    assert!(matches!(refused, RecordingError::Io { .. }), "{refused}");
}

/// It would stand still until somebody reads the pipe, or type at a modem.
#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_opened() {
    for path in ["/dev/null", "/dev/full"] {
        let refused = RecordingFile::open(path, &header()).unwrap_err();
        assert!(matches!(refused, RecordingError::NotARecording { .. }), "{refused}");
    }
}

#[test]
fn times_are_those_of_the_calendar() {
    for (millis, text) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
    ] {
        assert_eq!(UnixMillis(millis).to_string(), text);
    }
    // Whatever the clock says.
    assert!(UnixMillis(i64::MIN).to_string().starts_with('-'));
    assert!(UnixMillis(i64::MAX).to_string().ends_with("T07:12:55.807Z"));
}

proptest! {
    #[test]
    fn recordings_together_are_the_transcript(text in "([><] ?[a-z\\\\rx]{0,6}|[+] [0-9]{1,3}|# ?[a-z]{0,4}:? ?[a-z]{0,4}|# m26-pay recording 1|\n){0,40}") {
        let Ok(transcript) = text.parse::<Transcript>() else { return Ok(()) };
        let recordings = Recording::all(&text).unwrap();
        let steps: Vec<_> =
            recordings.into_iter().flat_map(|recording| recording.transcript.steps).collect();
        prop_assert_eq!(steps, transcript.steps);
    }

    #[test]
    fn any_header_is_read_again(name in "\\PC{0,10}", value in "\\PC{0,20}", port in ".{0,300}") {
        let header = RecordingHeader::new(UnixMillis(0)).port(&port).with(&name, &value);
        let recordings = Recording::all(&format!("{header}+ 1\n")).unwrap();
        prop_assert_eq!(recordings[0].header.as_ref(), Some(&header));
        let time = Duration::from_millis(1);
        let step = m26_pay::transcript::TranscriptStep::Pass(time);
        prop_assert_eq!(&recordings[0].transcript.steps, &[step]);
    }
}
