//! A terminal that keeps its module usable: an adapter that is pulled out in the middle of a
//! signature, a brown-out in the middle of a report, and a full queue.
//!
//! ```text
//! cargo run --example watchdog
//! ```
//!
//! The module is the simulator on a real pseudo-terminal; its script and orders cause the faults. The
//! program prints what a technician wants to know: every state with its reason, what is known of the
//! command that was cut off, and the counters at the end. It takes some ten seconds of real time.
//!
//! Exit status: 0 if the story went well, 1 if it did not, 2 for wrong usage.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use m26_pay::alipay::{BusinessNo, Report, Sign, SignData, SignMode, TradeResult};
use m26_pay::blocking::Session;
use m26_pay::engine::{Certainty, Settings};
use m26_pay::error::Error;
use m26_pay::m26::SetAccessPoint;
use m26_pay::serial::SerialHost;
use m26_pay::session::{Backoff, Plan, SessionEvent, ShutDown, State};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Boot, Latencies, Modem, ModemConfig};
use m26_pay::sim::pty::Pty;
use m26_pay::sim::script::{Script, Scripted};
use m26_pay::sim::{Order, pty};

/// The faults. In a real shop the causes are a pulled cable and a weak power supply.
const SCRIPT: &str = "
on 1 AT+ALIPAYSIGN after 100ms hang-up for 1s
on 1 AT+ALIPAYREP after 50ms reset
";

/// How long the session may take to be ready again.
const PATIENCE: Duration = Duration::from_secs(25);

type Trouble = Box<dyn std::error::Error>;
type Module = pty::Running<Scripted<Faulty<Modem>>>;

/// A session through an unplugged port, a brown-out and a full queue, all simulated.
#[derive(Parser)]
struct Options {}

fn main() -> ExitCode {
    // There are no options: the name of a port is refused.
    Options::parse();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            print(&format!("\nThe story failed: {trouble}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Trouble> {
    // A link that stays the same after replugging, as those in /dev/serial/by-id.
    let link = Link::new();
    let module = simulate(&link)?;
    let path = link.0.to_string_lossy().into_owned();
    print(&format!("A session with a simulated module at {path}.\n"));
    let mut session = Session::new(SerialHost::at(path), plan()?, Settings::default());

    chapter("Switched on");
    until_ready(&mut session)?;

    chapter("Somebody pulls the adapter out while a payment is being signed");
    let sign =
        Sign::new(SignMode::Withholding, SignData::new("1234567890")?).amount("10.25".parse()?);
    let error = session.send(&sign).err().ok_or("the signature came although the port was lost")?;
    expect(&error, Certainty::Unknown, "no signature, so no money was asked for: sign again")?;
    let error = session.send(&sign).err().ok_or("it was signed without a port")?;
    expect(&error, Certainty::NotSent, "the session says at once that it recovers")?;
    until_ready(&mut session)?;
    let signed = session.send(&sign)?;
    print(&format!("  signed again: {} bytes", signed.expose().len()));

    chapter("A brown-out while a trade is being reported");
    let report = report("2019012922001450181015731428")?;
    let error = session.send(&report).err().ok_or("the report was taken despite the brown-out")?;
    expect(&error, Certainty::Unknown, "the report is kept, and sent again unchanged")?;
    // This caller prefers to wait.
    let held = session.send_within(&report, PATIENCE)?;
    tell(&mut session);
    print(&format!("  reported again: {held:?}"));

    chapter("The queue of reports is full");
    module.order(Order::QueueFull);
    let error = session.send(&report).err().ok_or("a full queue took a report")?;
    expect(&error, Certainty::Refused, "the session stays ready; the report waits here")?;
    if session.state() != State::Ready {
        return Err("the session is not ready because of a full queue".into());
    }
    module.order(Order::QueueFree);
    print(&format!("  reported once there is room: {:?}", session.send(&report)?));

    chapter("Closing time");
    session.shut_down(ShutDown::PowerOff)?;
    tell(&mut session);
    let error = session.send(&report).err().ok_or("a closed SDK took a report")?;
    expect(&error, Certainty::NotSent, "nothing is sent to a closed SDK")?;

    chapter("For the technician");
    sum_up(&session)
}

/// A module in the shop's network, which was configured in the factory. It boots and answers faster
/// than a real one.
fn simulate(link: &Link) -> Result<Module, Trouble> {
    let ms = Duration::from_millis;
    let (latencies, boot) = (Latencies::default(), Boot::default());
    let settings = modem::ModemSettings {
        config: Some(ModemConfig::sample()),
        clock: unix_time(),
        boot: Boot { rdy: ms(200), cfun: ms(250), cpin: ms(300), ..boot },
        latencies: Latencies { open: ms(100), product_info: ms(100), ..latencies },
        register_after: ms(200),
        ..modem::ModemSettings::default()
    };
    let script: Script = SCRIPT.parse()?;
    let module = Scripted::new(Faulty::new(Modem::new(settings), 1), script);
    Ok(Pty::open(Some(&link.0))?.spawn(module, |_| {})?)
}

/// Short waits, so that the story fits in a minute.
fn plan() -> Result<Plan, Trouble> {
    let initial = Duration::from_millis(500);
    Ok(Plan {
        access_point: Some(SetAccessPoint::new("CMNET".parse()?)),
        backoff: Backoff { initial, cap: Duration::from_secs(4), ..Backoff::default() },
        ..Plan::default()
    })
}

fn report(business_no: &str) -> Result<Report, Trouble> {
    let time = i64::try_from(unix_time())?;
    let report = Report::of("10.25".parse()?, TradeResult::Success, time)
        .business_no(BusinessNo::new(business_no)?)
        .time_consuming(2);
    Ok(report.build()?)
}

fn until_ready<H: m26_pay::blocking::Host>(session: &mut Session<H>) -> Result<(), Error> {
    let ready = session.wait_ready(PATIENCE);
    tell(session);
    ready
}

/// Prints what has happened. A till would also show the progress.
fn tell<H: m26_pay::blocking::Host>(session: &mut Session<H>) {
    while let Some(event) = session.next_event(Some(Duration::ZERO)) {
        match event {
            SessionEvent::Transition(transition) => print(&format!("  {transition}")),
            SessionEvent::Warning(warning) => print(&format!("  ! {warning}")),
            _ => {}
        }
    }
}

fn expect(error: &Error, certainty: Certainty, meaning: &str) -> Result<(), Trouble> {
    print(&format!("  {}: {error}", error.certainty()));
    print(&format!("    ({meaning})"));
    if error.certainty() == certainty {
        Ok(())
    } else {
        Err(format!("expected {certainty}, found {}", error.certainty()).into())
    }
}

fn sum_up<H: m26_pay::blocking::Host>(session: &Session<H>) -> Result<(), Trouble> {
    let health = session.health();
    let counters = health.counters;
    let module = health.module.map(|module| format!("{} {}", module.model, module.revision));
    print(&format!("  module        {}", module.unwrap_or_default()));
    let dbm = health.signal.dbm().map_or("unknown".into(), |dbm| format!("{dbm} dBm"));
    print(&format!("  signal        {dbm}, {}", health.gprs.status));
    if let Some(clock) = health.clock {
        print(&format!("  clocks        {clock}"));
    }
    print(&format!("  ready         {} times", counters.ready));
    print(&format!("  port          opened {}, lost {}", counters.connects, counters.disconnects));
    print(&format!("  restarts      {} seen, {} made", counters.resets, counters.restarts));
    print(&format!(
        "  commands      {} sent, {} failed, {} held back",
        counters.commands, counters.failures, counters.not_allowed
    ));
    print(&format!("  late answers  {}", counters.late));
    print(&format!("  last error    {}", health.last_error.unwrap_or_default()));
    if (counters.connects, counters.disconnects) != (2, 1) || counters.ready < 3 {
        return Err("the counters are not those of this story".into());
    }
    Ok(())
}

/// The path of the pseudo-terminal's link. The simulator makes it, and removes it at the end.
struct Link(PathBuf);

impl Link {
    fn new() -> Self {
        let name = format!("m26-watchdog-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

fn chapter(title: &str) {
    print(&format!("\n{title}"));
}

/// Prints a line. It is not an error if nobody reads it.
fn print(text: &str) {
    drop(writeln!(io::stdout(), "{text}"));
}

#[allow(clippy::disallowed_methods, reason = "the simulated module shows the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
