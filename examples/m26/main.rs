//! A command-line tool for the Alipay SDK inside a Quectel M26.
//!
//! ```text
//! cargo run --example m26 -- --port sim info
//! cargo run --example m26 -- --port /dev/ttyUSB0 --json device-id
//! cargo run --example m26 -- --port sim run - --urcs
//! cargo run --example m26 -- --port /dev/ttyUSB0 --json session --db till.db
//! ```
//!
//! With `--port sim` it talks to a simulated module, and every object says `"simulated":true`. With
//! `--json`, standard output carries one object for each command, in a session one for each event as
//! well, and nothing else; one for a command line that cannot be read, too. It exits with
//! 0 if all went well, with 1 if a command failed, and with 2 if it was used wrongly.
//! `M26_LOG=debug` has the library tell what it does.

mod again;
mod args;
mod choices;
#[path = "../common/mod.rs"]
mod common;
mod connection;
mod doctor;
mod jobs;
#[path = "../common/language.rs"]
mod language;
mod lines;
#[path = "../common/log.rs"]
mod log;
mod manual;
mod misused;
mod monitor;
#[path = "../common/object.rs"]
mod object;
mod outbox;
mod ports;
mod problem;
mod replay;
mod screen;
mod script;
#[path = "../common/seconds.rs"]
mod seconds;
mod session;
#[path = "../common/usage.rs"]
mod usage;
#[path = "../common/wall.rs"]
mod wall;

use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;
use tracing_subscriber::filter::LevelFilter;

use args::Arguments;
use connection::{Module, NO_PORT, Target};
use jobs::Job;
use lines::Source;
use screen::{Screen, note};
use script::Script;

fn main() -> ExitCode {
    let arguments = match args::parse().and_then(with_port) {
        Ok(arguments) => arguments,
        Err(error) => return misused::say(error),
    };
    language::choose(arguments.options.lang);
    // What fails is reported in any case.
    log::to_stderr(LevelFilter::OFF);
    let is_session = matches!(arguments.command, args::Command::Session(_));
    match start(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Who reads it has had enough. A session has lost whom it works for.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !is_session => ExitCode::SUCCESS,
        Err(error) => {
            note(&format_args!("the answer cannot be printed: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The command line, if the port is named where one is needed.
fn with_port(arguments: Arguments) -> Result<Arguments, clap::Error> {
    if arguments.command.needs_port() && arguments.options.port.is_none() {
        return Err(args::command().error(ErrorKind::MissingRequiredArgument, NO_PORT));
    }
    Ok(arguments)
}

/// Carries out the command. Whether all went well.
fn start(arguments: Arguments) -> io::Result<bool> {
    let Arguments { options, command } = arguments;
    let name = command.name();
    let show_secrets = options.show_secrets;
    let json = options.json;
    let target = Target::new(options);
    let simulated = target.is_simulator() && command.needs_port();
    let screen = Screen { json, named: false, show_secrets, simulated, stamped: false };
    if simulated && !json {
        note(&"the module is simulated: nothing reaches Alipay");
    }
    let outcome = match jobs::prepare(command, &target.profile, show_secrets, screen.json) {
        Ok(Job::Alone(job)) => job(),
        Ok(Job::Sending(job)) => {
            target.connect().and_then(|mut connection| job(&mut Module::Client(&mut connection)))
        }
        Ok(Job::Stepwise(job)) => target.connect().and_then(|mut connection| job(&mut connection)),
        Ok(Job::Drain(args)) => outbox::drain(&target, &args),
        Ok(Job::Monitor) => match monitor::watch(&target, screen) {
            Ok(broken) => return broken.map(|()| true),
            Err(problem) => Err(problem),
        },
        Ok(Job::Doctor(args)) => match doctor::run(&args, &target, screen) {
            Ok(printed) => return printed,
            Err(problem) => Err(problem),
        },
        Ok(Job::Replay(file)) => {
            let screen = Screen { named: true, ..screen };
            match replay::show(&file, screen) {
                Ok(printed) => return printed.map(|()| true),
                Err(problem) => Err(problem),
            }
        }
        Ok(Job::Run(run)) => {
            let screen = Screen { named: true, ..screen };
            let ready = Source::open(&run.file)
                .and_then(|source| Ok((source, Script::new(&run, &target, screen, show_secrets)?)));
            match ready {
                Ok((source, script)) => return script.run(source),
                Err(problem) => Err(problem),
            }
        }
        Ok(Job::Session(args)) => {
            let screen = Screen { named: true, ..screen };
            match session::run(&args, &target, screen, show_secrets) {
                Ok(printed) => return printed,
                Err(problem) => Err(problem),
            }
        }
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(answer) => screen.answer(name, &answer).map(|()| true),
        Err(problem) => {
            let problem = problem.advise(name, target.is_simulator());
            screen.problem(name, &problem).map(|()| false)
        }
    }
}
