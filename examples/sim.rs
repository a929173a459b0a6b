//! A simulated M26 on a pseudo-terminal, for any program that opens a serial port.
//!
//! ```text
//! cargo run --example sim -- --link /tmp/m26
//! picocom -b 115200 /tmp/m26
//! ```
//!
//! What passes is printed, with product keys, payment codes and signatures masked. Ctrl-C ends it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{error::Error, io::Write as _};

use clap::{Parser, ValueEnum};
use m26_pay::sim::Device;
use m26_pay::sim::modem::{Modem, Settings};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::pty::Pty;
use m26_pay::sim::trace::Tracer;

/// A simulated M26 with the Alipay SDK inside, on a pseudo-terminal.
#[derive(Parser)]
struct Arguments {
    /// Put a symbolic link to the terminal here.
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// The manners of the firmware.
    #[arg(long, value_enum, default_value = "quectel")]
    profile: Profile,
    /// Let the bytes take the time that they take on a serial line.
    #[arg(long)]
    pace: bool,
    /// The rate of that line.
    #[arg(long, value_name = "N", requires = "pace", default_value_t = 115_200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    baud: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Profile {
    Quectel,
    Luat,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let device = Mutex::new(device(arguments));
    let mut pty = Pty::open(arguments.link.as_deref())?;
    let handle = pty.handle();
    ctrlc::set_handler(move || handle.stop())?;

    println!("{}", pty.path().display());
    let mut tracer = Tracer::default();
    pty.serve(&device, |direction, bytes| {
        // Whoever closes our output does not want the trace; the simulation goes on.
        drop(writeln!(
            std::io::stdout(),
            "{}",
            tracer.line(direction, bytes)
        ));
    })?;
    Ok(())
}

fn device(arguments: &Arguments) -> Box<dyn Device + Send> {
    let settings = match arguments.profile {
        Profile::Quectel => Settings::default(),
        Profile::Luat => Settings::luat(),
    };
    let modem = Modem::new(Settings {
        clock: unix_time(),
        ..settings
    });
    if arguments.pace {
        Box::new(Paced::new(modem, arguments.baud))
    } else {
        Box::new(modem)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the simulated module shows the real time"
)]
fn unix_time() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
