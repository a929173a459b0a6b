//! `replay`: what is made of a recording.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::m26::Raw;
use m26_pay::sim::replay::Replay;
use m26_pay::sim::virtual_port::VirtualPort;
use m26_pay::transcript::{Recording, TranscriptStep};

use crate::jobs::module::{raw_object, raw_text};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Answer, Screen, printable};

/// Shows each command of a recording, what the library takes for its answer, and what it takes for no
/// answer. It takes no time: the module of the recording has a clock of its own.
pub(crate) fn show(path: &Path, screen: Screen) -> Result<io::Result<()>, Problem> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Problem::io(&format!("the recording {name} cannot be read"), &error))?;
    let recordings = Recording::all(&text)
        .map_err(|error| Problem::invalid(format!("{name} is no recording: {error}")))?;
    if recordings.is_empty() {
        return Err(Problem::invalid(format!("nothing is recorded in {name}")));
    }
    let mut shown = (1..).zip(&recordings);
    Ok(shown.try_for_each(|(number, recording)| one(number, recording, screen)))
}

fn one(number: u64, recording: &Recording, screen: Screen) -> io::Result<()> {
    screen.answer(NAME, &head(number, recording))?;
    let header = recording.header.as_ref();
    let profile = match header.and_then(|header| header.get("profile")) {
        Some("luat") => Profile::luat(),
        _ => Profile::quectel(),
    };
    let module = Replay::new(&recording.transcript);
    // Nobody was at it before.
    let settings = Settings { earlier: EarlierProgram::Ended, ..Settings::new(profile) };
    let mut client = Client::connect(VirtualPort::new(module), settings);
    let (mut at, mut paused) = (Duration::ZERO, Duration::ZERO);
    for step in &recording.transcript.steps {
        match step {
            TranscriptStep::FromModule(_) => {}
            TranscriptStep::Pass(time) => paused = paused.saturating_add(*time),
            TranscriptStep::ToModule(bytes) => {
                listen(&mut client, paused, screen)?;
                at = at.saturating_add(std::mem::take(&mut paused));
                let line = String::from_utf8_lossy(bytes);
                let line = line.trim();
                if !is_of_the_client(line) {
                    let answer = ask(&mut client, at, line);
                    listen(&mut client, Duration::ZERO, screen)?;
                    screen.answer(NAME, &answer)?;
                }
            }
        }
    }
    listen(&mut client, paused, screen)
}

/// What the recording says of itself.
fn head(number: u64, recording: &Recording) -> Answer {
    let mut text = format!("recording {number}");
    let mut header = Object::new();
    for (name, value) in recording.header.iter().flat_map(|header| header.entries()) {
        text += &format!("\n{name:<14}{value}");
        header = header.with(name, value);
    }
    Answer { result: Object::new().with("recording", number).nest("header", &header), text }
}

fn ask(client: &mut Client<VirtualPort<Replay>>, at: Duration, line: &str) -> Answer {
    let object = Object::new().with("at", at.as_secs_f64()).with("line", line);
    let (object, text) = match client.send(&Raw::new(line)) {
        Ok(answered) => (raw_object(object, &answered), raw_text(&answered)),
        Err(error) => {
            let problem = Problem::from(error);
            (object.nest("error", &problem.object()), problem.text())
        }
    };
    let text = format!("{:.3} s: {}\n{text}", at.as_secs_f64(), printable(line));
    Answer { result: object, text: text.replace('\n', "\n    ") }
}

/// Shows what comes by itself in so much time.
fn listen(
    client: &mut Client<VirtualPort<Replay>>,
    time: Duration,
    screen: Screen,
) -> io::Result<()> {
    // There is no port that could be lost.
    while let Ok(Some(event)) = client.next_event(Some(time)) {
        screen.event(&event)?;
    }
    Ok(())
}

/// Whether a client asks it by itself, to find out where it stands, as this one does too: a read that
/// has no secrets, or a line with a number of its own, which is no command.
fn is_of_the_client(line: &str) -> bool {
    let body = line.get(2..).unwrap_or_default();
    body.is_empty() || body.starts_with('x') || body.split(';').all(|part| part == "+CMEE?")
}

const NAME: &str = "replay";
