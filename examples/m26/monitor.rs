//! `monitor`: what the module says by itself, whenever it is there.

use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use m26_pay::blocking::{Client, SerialPort};
use m26_pay::error::{Error, ErrorKind};
use m26_pay::flows::Synchronise;

use crate::connection::Target;
use crate::problem::Problem;
use crate::screen::Screen;

/// Prints until Ctrl-C, which ends the tool. It waits for a module that is off, and for a port that
/// was lost.
pub(crate) fn watch(target: &Target, screen: Screen) -> Result<io::Result<()>, Problem> {
    ctrlc::set_handler(|| {
        // A line that is being printed is finished first.
        let _stdout = io::stdout().lock();
        process::exit(0);
    })
    .map_err(|error| Problem::invalid(format!("Ctrl-C cannot be caught: {error}")))?;
    let screen = Screen { stamped: true, ..screen };
    // A port that was never there is a mistake in its name.
    let (mut client, mut _simulator) = target.open()?;
    let made = target.made();
    loop {
        let lost = match listen(&mut client, screen) {
            Ok(printed) => return Ok(printed),
            Err(lost) => lost,
        };
        drop(client);
        let printed = screen.happened("disconnected", &format!("{lost}; waiting for the port"));
        if printed.is_err() {
            return Ok(printed);
        }
        (client, _simulator) = loop {
            pause();
            if let Ok(opened) = target.open_again(made) {
                break opened;
            }
        };
        if let Err(error) = screen.happened("connected", "the port is back") {
            return Ok(Err(error));
        }
    }
}

/// Prints what comes until the port is lost, which is the outer error, or nothing can be printed.
fn listen(client: &mut Client<SerialPort>, screen: Screen) -> Result<io::Result<()>, Error> {
    let mut answers = false;
    let mut told = false;
    loop {
        if !answers {
            // In autobauding a module says nothing before it is called (M26AT 3.6.1).
            match client.run(Synchronise::default().attempts(CALLS)) {
                Ok(_) => answers = true,
                Err(error) if matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Io) => {
                    return Err(error);
                }
                Err(_) => {}
            }
            let printed = match answers {
                true => screen.happened("listening", "Ctrl-C ends it"),
                false if told => Ok(()),
                false => screen.happened("waiting", "the module does not answer: is it on?"),
            };
            if printed.is_err() {
                return Ok(printed);
            }
            told = true;
        }
        let wait = if answers { None } else { Some(Duration::ZERO) };
        while let Some(event) = client.next_event(wait)? {
            if let Err(error) = screen.event(&event) {
                return Ok(Err(error));
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the tool waits in real time")]
fn pause() {
    thread::sleep(AGAIN);
}

/// How often a module that does not answer is called before what came meanwhile is printed.
const CALLS: u32 = 2;

/// How often a port that was lost is looked for.
const AGAIN: Duration = Duration::from_millis(500);
