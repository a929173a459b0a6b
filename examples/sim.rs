//! A simulated M26 on a pseudo-terminal, for any program that opens a serial port.
//!
//! ```text
//! cargo run --example sim -- --link /tmp/m26
//! picocom -b 115200 /tmp/m26
//! ```
//!
//! A script orders faults and teaches verbs: `--help` names its words, as `m26_pay::sim::script` does.
//!
//! A module that was powered down stays silent, until the script orders `power-on`.
//!
//! What passes is printed, with product keys, payment codes and signatures masked. Ctrl-C ends it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use clap::{Parser, ValueEnum};
use m26_pay::sim::Device;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::pty::Pty;
use m26_pay::sim::replay::Replay;
use m26_pay::sim::script::{Script, Scripted, WORDS};
use m26_pay::sim::trace::Tracer;
use m26_pay::transcript::{Recording, Transcript};

/// A simulated M26 with the Alipay SDK inside, on a pseudo-terminal.
#[derive(Parser)]
#[command(after_long_help = format!("The script:\n\n{WORDS}"))]
struct Arguments {
    /// Put a symbolic link to the terminal here.
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// The manners of the firmware.
    #[arg(long, value_enum, default_value = "quectel")]
    profile: Profile,
    /// Order faults, and teach verbs, as this file says: --help has the words.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Play the module of this recording, as `m26 --record` makes it, in the place of a simulated one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["clock", "profile"])]
    replay: Option<PathBuf>,
    /// Let the bytes take the time that they take on a serial line.
    #[arg(long)]
    pace: bool,
    /// The rate of that line.
    #[arg(long, value_name = "N", requires = "pace", default_value_t = 115_200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    baud: u32,
    /// The module's clock at the start, in Unix seconds; today's if this is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=LAST_CLOCK))]
    clock: Option<u64>,
    /// The seed of the damage by chance that a script orders.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Profile {
    Quectel,
    Luat,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = device(&arguments).and_then(|device| serve(&arguments, device));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("sim: {problem}");
            ExitCode::from(2)
        }
    }
}

fn device(arguments: &Arguments) -> Result<Box<dyn Device + Send>, String> {
    let settings = match arguments.profile {
        Profile::Quectel => ModemSettings::default(),
        Profile::Luat => ModemSettings::luat(),
    };
    let script = match &arguments.script {
        Some(path) => {
            let name = path.display();
            let text = fs::read_to_string(path)
                .map_err(|error| format!("the script {name} cannot be read: {error}"))?;
            text.parse::<Script>().map_err(|error| format!("{name}: {error}"))?
        }
        None => Script::default(),
    };
    let module: Box<dyn Device + Send> = match &arguments.replay {
        Some(path) => Box::new(replay(path)?),
        None => {
            let clock = arguments.clock.unwrap_or_else(unix_time);
            Box::new(Modem::new(ModemSettings { clock, ..settings }))
        }
    };
    let device = Scripted::new(Faulty::new(module, arguments.seed), script);
    Ok(if arguments.pace { Box::new(Paced::new(device, arguments.baud)) } else { Box::new(device) })
}

/// The module of all recordings of a file, one after the other.
fn replay(path: &Path) -> Result<Replay, String> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the recording {name} cannot be read: {error}"))?;
    let recordings = Recording::all(&text).map_err(|error| format!("{name}: {error}"))?;
    let steps = recordings.into_iter().flat_map(|recording| recording.transcript.steps);
    Ok(Replay::new(&Transcript { steps: steps.collect() }))
}

fn serve(arguments: &Arguments, device: Box<dyn Device + Send>) -> Result<(), String> {
    let mut pty = Pty::open(arguments.link.as_deref()).map_err(|error| match &arguments.link {
        Some(link) => format!("no terminal with a link at {}: {error}", link.display()),
        None => format!("no terminal: {error}"),
    })?;
    let handle = pty.handle();
    ctrlc::set_handler(move || handle.stop()).map_err(|error| error.to_string())?;

    print(vec![pty.path().display().to_string()]);
    let mut tracer = Tracer::default();
    let served = pty.serve(&Mutex::new(device), |passing| {
        print(tracer.lines(passing));
    });
    print(tracer.rest());
    served.map_err(|error| format!("the terminal has failed: {error}"))
}

/// Whoever closes our output does not want the trace; the simulation goes on.
fn print(lines: Vec<String>) {
    for line in lines {
        drop(writeln!(io::stdout(), "{line}"));
    }
}

#[allow(clippy::disallowed_methods, reason = "the simulated module shows the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The end of 2099: the clock has two digits for the year.
const LAST_CLOCK: u64 = 4_102_444_799;
