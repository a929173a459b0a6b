//! `session`: the module is kept ready for payments, and commands are carried out meanwhile.
//!
//! The session works in a thread of its own. One reads the commands of the console, so that nothing
//! waits for the next of them; one tells everybody what happens; this one carries the console's commands
//! out. With `--listen`, one takes clients, and each of them has one. All of them wait for something to
//! do, and nothing wakes them up meanwhile.

pub(crate) mod args;
mod audience;
mod clients;
mod commands;
mod console;
mod events;
mod outlet;
mod socket;
mod status;
mod stop;
mod turn;

use std::io;
use std::path::Path;
use std::process;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use m26_pay::blocking::{self, SessionDriver, SessionHandle};
use m26_pay::engine::Settings;
use m26_pay::error::Error;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::session::{Plan, State};
use m26_pay::sim::modem::Modem;
use m26_pay::sim::pty::Running;

use crate::connection::{Opener, Target};
use crate::lines::Source;
use crate::problem::Problem;
use crate::screen::Screen;
use args::Session;
use audience::Audience;
use clients::Clients;
use commands::Commands;
use console::Console;
use outlet::Outlet;
use socket::Socket;
use stop::Stop;

/// Carries out the commands. Whether all went well, if the answers could be printed.
pub(crate) fn run(
    args: &Session,
    target: &Target,
    screen: Screen,
    show_secrets: bool,
) -> Result<io::Result<bool>, Problem> {
    let plan = plan(args)?;
    let stdin = Path::new("-");
    let file = args.file.as_deref().or(args.listen.is_none().then_some(stdin));
    let source = file.map(Source::open).transpose()?;
    let socket = args.listen.as_deref().map(Socket::bind).transpose()?;
    let (inputs, inbox) = sync_channel(READ_AHEAD);
    let may_be_torn = matches!(source, Some(Source::Stdin));
    if let Some(source) = source {
        let inputs = inputs.clone();
        thread::spawn(move || console::read(source, &inputs));
    }
    let (session, driver, outbox, _simulator) = begin(args, target, plan)?;
    let stop = Arc::new(Stop::new(session.clone(), inputs));
    catch_interrupts(&stop)?;

    let audience = Audience::new(session.clone());
    let commands = Commands {
        session: session.clone(),
        outbox,
        stop: Arc::clone(&stop),
        target,
        patience: args.patience,
        show_secrets,
    };
    // Where all commands come over the socket, nobody has to read what is printed.
    let console_stop = file.is_some().then(|| Arc::clone(&stop));
    let stdout = Arc::new(Outlet::stdout(screen, console_stop));
    let clients = socket.as_ref().map(|socket| Clients {
        socket,
        commands: &commands,
        audience: &audience,
        screen: Screen { json: true, ..screen },
        ends_with_shut_down: file.is_none(),
        connected: Mutex::default(),
        left: Condvar::new(),
    });
    let console = Console::new(&commands, &audience, Arc::clone(&stdout), may_be_torn);
    let well = thread::scope(|scope| {
        scope.spawn(move || drop(driver.run()));
        scope.spawn(|| audience.tell_all(&session));
        if let Some(clients) = &clients {
            scope.spawn(|| clients.serve(scope));
        }
        let well = console.carry_out(&inbox);
        stop.stop();
        if let Some(clients) = &clients {
            clients.close();
        }
        well
    });
    let printed = stdout.finish();
    Ok(if file.is_some() { printed.map(|()| well) } else { Ok(well) })
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
    let plan = Plan { earlier: target.earlier.unwrap_or_default(), ..plan };
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
    let mut is_second = false;
    ctrlc::set_handler(move || {
        // Not whether the session is ending, which it may do by itself.
        if is_second {
            process::exit(INTERRUPTED);
        }
        is_second = true;
        stop.stop();
    })
    .map_err(|error| Problem::invalid(format!("Ctrl-C cannot be caught: {error}")))
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
