//! A till that obeys lines.

use std::io::BufRead as _;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use m26_pay::engine::Event;
use m26_pay::session::SessionEvent;

use super::Failure;
use super::till::Till;

/// Obeys the lines of the standard input:
///
/// ```text
/// sign SECONDS     makes a signature within this time
/// busy MILLIS      does something else meanwhile: the session does not work
/// health           how the session is, and what it has cost
/// clock SECONDS    sets the system's clock, in seconds since 1970
/// suspend          suspends the system to memory, until somebody wakes it
/// quit             ends the session, and closes its port
/// ```
///
/// It says what happens, a line each, and when it was kept for longer than it wanted.
///
/// # Errors
/// If a line cannot be read.
pub fn obey(mut till: Box<dyn Till>) -> Result<(), Failure> {
    let lines = lines();
    loop {
        let began = Instant::now();
        let event = till.work(TURN);
        kept(began, TURN);
        if let Some(text) = event.as_ref().and_then(shown) {
            println!("{text}");
        }
        let Ok(line) = lines.try_recv() else { continue };
        let (word, value) = line.split_once(' ').unwrap_or((&line, "0"));
        let value: u64 = value.parse()?;
        match word {
            "sign" => sign(&mut *till, Duration::from_secs(value)),
            "busy" => thread::sleep(Duration::from_millis(value)),
            "health" => health(&*till)?,
            "clock" => drop(Command::new("date").args(["-s", &format!("@{value}")]).output()?),
            "suspend" => std::fs::write("/sys/power/state", "mem")?,
            "quit" => {
                let began = Instant::now();
                drop(till);
                println!("closed after {} ms", began.elapsed().as_millis());
                return Ok(());
            }
            _ => return Err(format!("what is {line}?").into()),
        }
    }
}

fn lines() -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line == "quit" || send.send(line.clone()).is_err() {
                let _ = send.send(line);
                return;
            }
        }
    });
    lines
}

/// Of the module's lines there are too many.
fn shown(event: &SessionEvent) -> Option<String> {
    match event {
        SessionEvent::Progress(_) => None,
        SessionEvent::Module(Event::InputErrors(_)) | SessionEvent::Transition(_) => {
            Some(event.to_string())
        }
        SessionEvent::Warning(_) => Some(format!("warning: {event}")),
        _ => None,
    }
}

fn sign(till: &mut dyn Till, patience: Duration) {
    let began = Instant::now();
    let outcome = till.sign(patience);
    // 0 is without a limit of its own.
    kept(began, if patience.is_zero() { LONGEST } else { patience });
    let took = began.elapsed().as_millis();
    match outcome {
        Ok(()) => println!("signed after {took} ms"),
        Err(error) => println!("not signed, {}, after {took} ms: {error}", error.certainty()),
    }
}

fn health(till: &dyn Till) -> Result<(), Failure> {
    let health = till.health();
    let clock = health.clock.map_or_else(|| "none".to_owned(), |clock| format!("{clock:?}"));
    println!(
        "health: state {}; ready {}; opened {}; urcs {}; errors {}; clock {clock}; cpu {} ms",
        health.state,
        health.counters.ready,
        health.counters.connects,
        health.counters.urcs,
        health.input_errors,
        cpu()?
    );
    Ok(())
}

/// The processor time of this process: Linux counts it in hundredths of a second (proc(5)).
fn cpu() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let times = behind_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(10 * times.sum::<Result<u64, _>>()?)
}

/// Says if whoever wanted to wait so long was kept longer.
fn kept(began: Instant, wanted: Duration) {
    let took = began.elapsed();
    if took > wanted + SLACK {
        println!("kept for {} ms", took.as_millis());
    }
}

const TURN: Duration = Duration::from_millis(100);

/// How long a signature may take whose caller has no limit.
const LONGEST: Duration = Duration::from_secs(30);

/// Not specified; chosen because an emulated processor on a busy machine may be late by this much, and an
/// adapter that hangs keeps a caller for 30 s.
const SLACK: Duration = Duration::from_secs(3);
