//! `session`: the module is kept ready for payments, and commands are carried out meanwhile.
//!
//! Four threads: the session works in one; one reads the commands, so that nothing waits for the
//! next of them; one prints events as they come; and this one carries the commands out.

pub(crate) mod args;
mod commands;
mod events;
mod status;
mod stop;
mod turn;

use std::io;
use std::process;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use m26_pay::blocking::{self, SessionDriver, SessionHandle};
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::session::{Plan, State};
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty::Running;

use crate::connection::{Opener, Target};
use crate::lines::{Line, Lines, Source};
use crate::problem::Problem;
use crate::screen::Screen;
use args::Session;
use commands::Commands;
use stop::Stop;
use turn::Turn;

/// What the thread that carries out the commands waits for.
enum Input {
    Line(Line),
    End,
    Unreadable(io::Error),
    /// There may be more, but it is not waited for.
    Stop,
}

/// Carries out the commands. Whether all went well, if the answers could be printed.
pub(crate) fn run(
    args: &Session,
    target: &Target,
    screen: Screen,
    show_secrets: bool,
) -> Result<io::Result<bool>, Problem> {
    let plan = plan(args)?;
    let source = Source::open(&args.file)?;
    let may_be_torn = matches!(source, Source::Stdin);
    let (inputs, inbox) = sync_channel(READ_AHEAD);
    thread::spawn({
        let inputs = inputs.clone();
        move || read(source, &inputs)
    });
    let (session, driver, outbox, _simulator) = begin(args, target, plan)?;
    let stop = Arc::new(Stop::new(session.clone(), inputs));
    catch_interrupts(&stop)?;
    let json = screen.json;
    let screen = Arc::new(Mutex::new(screen));
    let turn = Turn::taken(&screen);
    let commands = Commands {
        session: session.clone(),
        outbox,
        stop: Arc::clone(&stop),
        turn,
        target,
        patience: args.patience,
        show_secrets,
        json,
        may_be_torn,
        failed: false,
    };
    let worker = thread::spawn(move || drop(driver.run()));
    let printer = thread::spawn({
        let (session, screen) = (session.clone(), Arc::clone(&screen));
        move || {
            let printed = events::print_all(&session, &screen);
            if printed.is_err() {
                stop.stop();
            }
            printed
        }
    });
    let well = commands.carry_out(&inbox);
    session.stop();
    // A panic there was printed already.
    drop(worker.join());
    let printed = printer.join().unwrap_or(Ok(()));
    Ok(printed.and(well))
}

/// A session that works as soon as its driver runs, its outbox, and its simulator if it has one.
fn begin(args: &Session, target: &Target, plan: Plan) -> Result<Begun, Problem> {
    let outbox = match &args.db {
        Some(path) => {
            target.must_be_real()?;
            Some(Outbox::open(path, OutboxPolicy::default())?)
        }
        None => None,
    };
    let (host, simulator) = target.host()?;
    let plan = Plan { earlier: target.earlier, ..plan };
    let mut session = blocking::Session::new(host, plan, Settings::new(target.profile.clone()));
    if let Some(record) = target.record()? {
        session.record(record);
    }
    if let Some(outbox) = &outbox {
        session.attach(outbox.duty());
    }
    let (session, driver) =
        session.into_driver().map_err(|error| Problem::io("the session cannot begin", &error))?;
    if let Some(outbox) = &outbox {
        let nudger = session.nudger();
        outbox.on_append(move || {
            let _ = nudger.nudge();
        });
    }
    Ok((session, driver, outbox, simulator))
}

type Begun = (SessionHandle, SessionDriver<Opener>, Option<Outbox>, Option<Running<Modem>>);

/// Nothing of the product's is changed unasked: neither its configuration, nor what it says of how
/// it verifies its customers.
fn plan(args: &Session) -> Result<Plan, Problem> {
    Ok(Plan {
        human_verify: None,
        access_point: args.bring_up.access_point()?,
        time_server: args.bring_up.time_server()?,
        restart: args.restart.into(),
        ..Plan::default()
    })
}

/// Ctrl-C ends the session in order; a second one does not wait for anything.
fn catch_interrupts(stop: &Arc<Stop>) -> Result<(), Problem> {
    let stop = Arc::clone(stop);
    ctrlc::set_handler(move || {
        if stop.stop() {
            process::exit(INTERRUPTED);
        }
    })
    .map_err(|error| Problem::invalid(format!("Ctrl-C cannot be caught: {error}")))
}

/// Reads the commands until nobody wants them any more.
fn read(source: Source, inputs: &SyncSender<Input>) {
    let mut lines = Lines::new(source);
    loop {
        let input = match lines.next() {
            Ok(Some(line)) => Input::Line(line),
            Ok(None) => Input::End,
            Err(error) => Input::Unreadable(error),
        };
        let more = matches!(input, Input::Line(_));
        if inputs.send(input).is_err() || !more {
            return;
        }
    }
}

/// The library's advice is for programs.
pub(crate) fn advise(error: Error, state: State) -> Error {
    let Error::NotAllowed { command, reason, advice } = error else { return error };
    let advice = match state {
        State::Failed => "remove the cause, then let the session try again with `wait-ready`",
        State::Shut | State::ShuttingDown => "begin another session after a restart of the module",
        _ if state.is_recovering() => "it goes on trying: wait for it with `wait-ready`",
        _ => advice,
    };
    Error::NotAllowed { command, reason, advice }
}

/// A panic elsewhere leaves what is locked as good as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many lines may be read before they are needed.
const READ_AHEAD: usize = 16;

/// As a shell says of a program that SIGINT has ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;
