//! What each command does. Its arguments are checked before a port is opened.

mod campus;
pub(crate) mod change;
pub(crate) mod config;
pub(crate) mod module;
pub(crate) mod sdk;

use std::path::PathBuf;

use m26_pay::at::command;
use m26_pay::at::profile::Profile;

use crate::args::campus::Campus;
use crate::args::{self, Command, Config};
use crate::connection::{Connection, Module};
use crate::doctor;
use crate::manual;
use crate::object::Object;
use crate::outbox;
use crate::ports;
use crate::problem::Problem;
use crate::screen::Answer;
use crate::session;

pub(crate) type Outcome = Result<Answer, Problem>;

/// A command that is ready.
pub(crate) enum Job {
    /// It needs no module.
    Alone(Box<dyn FnOnce() -> Outcome>),
    /// It sends commands, over a connection of the tool's or in a session.
    Sending(Box<dyn FnOnce(&mut Module<'_>) -> Outcome>),
    /// It takes the module through several steps, which in a session are the session's own.
    Stepwise(Box<dyn FnOnce(&mut Connection) -> Outcome>),
    /// It takes over the whole run of the tool: it opens the port in its own way.
    Doctor(doctor::args::Doctor),
    /// It takes over the whole run of the tool: the outbox is emptied.
    Drain(outbox::args::Drain),
    /// It takes over the whole run of the tool: events are printed.
    Monitor,
    /// It takes over the whole run of the tool: a recording is shown.
    Replay(PathBuf),
    /// It takes over the whole run of the tool: commands are read from a file.
    Run(args::Run),
    /// It takes over the whole run of the tool: the module is kept ready meanwhile.
    Session(session::args::Session),
}

/// Checks a command.
pub(crate) fn prepare(
    command: Command,
    profile: &Profile,
    show_secrets: bool,
    json: bool,
) -> Result<Job, Problem> {
    match command {
        Command::Ports => Ok(Job::Alone(Box::new(ports::list))),
        Command::Info => Ok(sending(module::info)),
        Command::Signal => Ok(sending(module::signal)),
        Command::BringUp(args) => module::bring_up(&args),
        Command::Config(Config::Show) => {
            Ok(sending(move |module| config::show(module, show_secrets)))
        }
        Command::Config(Config::Set(args)) => config::set(*args, profile),
        Command::Open => Ok(sdk::open()),
        Command::ProductInfo(args) => sdk::product_info(&args, profile),
        Command::DeviceId => Ok(sending(sdk::device_id)),
        Command::Sign(args) => sdk::sign(args, profile),
        Command::Report(args) => sdk::report(args, profile),
        Command::Queue => Ok(sdk::queue()),
        Command::Usage(args) => sdk::usage(&args, profile),
        Command::Shut => Ok(sdk::shut()),
        Command::Raw { line } => module::raw(line, profile),
        Command::Campus(Campus::Probe(args)) => campus::probe(*args, show_secrets),
        Command::Outbox(command) => outbox::prepare(command, profile, show_secrets, json),
        Command::Doctor(args) => Ok(Job::Doctor(args)),
        Command::Monitor => Ok(Job::Monitor),
        Command::Replay { file } => Ok(Job::Replay(file)),
        Command::Run(run) => Ok(Job::Run(run)),
        Command::Session(session) => Ok(Job::Session(session)),
        Command::Manual { folder } => Ok(Job::Alone(Box::new(move || manual::write(&folder)))),
    }
}

fn sending(job: impl FnOnce(&mut Module<'_>) -> Outcome + 'static) -> Job {
    Job::Sending(Box::new(job))
}

fn stepwise(job: impl FnOnce(&mut Connection) -> Outcome + 'static) -> Job {
    Job::Stepwise(Box::new(job))
}

/// Sends a command, which the profile can carry, and says what its answer means.
fn send<C>(command: C, answer: impl FnOnce(C::Response) -> Answer + 'static) -> Job
where
    C: command::Command + 'static,
{
    sending(move |module| Ok(answer(module.send(&command)?)))
}

pub(crate) fn answer(result: Object, text: impl Into<String>) -> Outcome {
    Ok(Answer { result, text: text.into() })
}
