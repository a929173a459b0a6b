//! Transcripts, played to an engine.
//!
//! A `>` line is what the engine must have to write then: a fence of its own, or a command that is
//! submitted at that moment. A transcript whose first `>` line is a fence begins with an engine
//! that knows nothing; any other one in mid-session, and its first command has the number 1.

use std::path::Path;

use m26_pay::at::command::Reply;
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Event, ExchangeError, Settings, Ticket};
use m26_pay::transcript::{Transcript, TranscriptStep};

use crate::bench::Bench;
use crate::requests;

/// What came of a transcript.
#[derive(Debug, Default, PartialEq)]
pub struct Replayed {
    /// Every event in short.
    pub told: Vec<String>,
    /// How each command ended, with its line, for whoever decodes it into its type.
    pub ended: Vec<(String, Result<Reply, ExchangeError>)>,
}

/// How the bytes of the module are cut.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// As they stand in the transcript.
    Whole,
    /// Byte by byte.
    Single,
    /// In two, behind so many bytes of all that the module sent.
    Behind(usize),
}

/// The transcript of this name.
pub fn transcript(name: &str) -> Transcript {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts").join(name);
    let text = std::fs::read_to_string(&path).expect("a transcript of that name");
    text.parse().expect("a valid transcript")
}

/// Plays it at every split: whole, byte by byte, and cut in two at every byte. All give the same.
#[track_caller]
pub fn replay(name: &str, profile: &Profile) -> Replayed {
    let transcript = transcript(name);
    let whole = play(&transcript, profile, Cut::Whole);
    let length: usize = transcript
        .steps
        .iter()
        .map(|step| if let TranscriptStep::FromModule(bytes) = step { bytes.len() } else { 0 })
        .sum();
    for cut in std::iter::once(Cut::Single).chain((0..length).map(Cut::Behind)) {
        assert_eq!(play(&transcript, profile, cut), whole, "{name} cut {cut:?}");
    }
    whole
}

pub fn play(transcript: &Transcript, profile: &Profile, cut: Cut) -> Replayed {
    let lines = || transcript.steps.iter().filter_map(line);
    let knows_nothing = lines().next().is_some_and(is_fence);
    let bench = match knows_nothing {
        true => Bench::new(Settings::new(profile.clone())),
        false => Bench::ready(profile.clone()),
    };
    let mut player = Player { bench, submitted: Vec::new(), replayed: Replayed::default() };
    let mut passed = 0;
    for (index, step) in transcript.steps.iter().enumerate() {
        match step {
            TranscriptStep::ToModule(_) => {
                let later = transcript.steps[index..].iter().filter_map(line);
                player.write(profile, line(step).unwrap_or_default(), later);
            }
            TranscriptStep::FromModule(bytes) => {
                match cut {
                    Cut::Single => bytes.chunks(1).for_each(|byte| player.bench.receive(byte)),
                    Cut::Behind(at) if (passed..passed + bytes.len()).contains(&at) => {
                        player.bench.receive(&bytes[..at - passed]);
                        player.bench.receive(&bytes[at - passed..]);
                    }
                    Cut::Whole | Cut::Behind(_) => player.bench.receive(bytes),
                }
                passed += bytes.len();
            }
            TranscriptStep::Pass(time) => {
                let until = player.bench.now + *time;
                player.listen();
                while let Some(timer) = player.bench.timer().filter(|timer| timer.at <= until) {
                    player.bench.now = player.bench.now.max(timer.at);
                    player.bench.engine.handle_timeout(player.bench.now);
                    player.listen();
                }
                player.bench.now = until;
            }
        }
        player.listen();
    }
    assert!(player.bench.engine.is_idle(), "something is left: {:?}", player.bench.engine);
    player.replayed
}

struct Player {
    bench: Bench,
    submitted: Vec<(Ticket, String)>,
    replayed: Replayed,
}

impl Player {
    fn write<'a>(
        &mut self,
        profile: &Profile,
        due: &str,
        mut later: impl Iterator<Item = &'a str>,
    ) {
        if self.bench.transmit().is_empty() {
            let line = later.find(|line| !is_fence(line)).expect("a command behind the fence");
            let ticket = self.bench.submit(requests::for_line(profile, line));
            self.submitted.push((ticket, line.to_string()));
        }
        self.bench.expect_transmit(&format!("{due}\r"));
    }

    fn listen(&mut self) {
        for event in self.bench.raw_events() {
            self.replayed.told.push(self.bench.describe(&event));
            if let Event::Done { ticket, outcome } = event {
                let known = self.submitted.iter().find(|(submitted, _)| *submitted == ticket);
                let line = known.map(|(_, line)| line.clone()).unwrap_or_default();
                self.replayed.ended.push((line, outcome));
            }
        }
    }
}

/// The line that the host wrote, without its CR.
fn line(step: &TranscriptStep) -> Option<&str> {
    match step {
        TranscriptStep::ToModule(bytes) => std::str::from_utf8(bytes).ok()?.strip_suffix('\r'),
        _ => None,
    }
}

fn is_fence(line: &str) -> bool {
    ["AT+CMEE?", "AT+IFC?", "AT+CCLK?"].iter().any(|fence| line.starts_with(fence))
}
