//! The shop: all parts of a till, put together once for threads and once for tasks.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use m26_pay::alipay::Report;
use m26_pay::at::profile::Profile;
use m26_pay::engine::Settings;
use m26_pay::gateway::alipay::{AgreementNo, AuthCode, OutTradeNo, Sale, Subject};
use m26_pay::gateway::journal::Holder;
use m26_pay::gateway::{Payments, Stop};
use m26_pay::outbox::{ItemState, Outbox, OutboxJournal, OutboxPolicy};
use m26_pay::serial::SerialHost;
use m26_pay::session::{Plan, ShutDown};
use m26_pay::till::{Purchase, Till};
use m26_pay::unix_time::UnixMillis;
use m26_pay::{asynch, blocking};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::common::{self, Module};
use crate::cut::Wire;
use crate::office::Office;
use crate::sample;
use crate::screen::{self, Screen, say};
use crate::{Fault, Options, Trouble};

/// What a shop needs before its till is opened.
struct Ground {
    office: Office,
    module: Module,
    outbox: Outbox,
    plan: Plan,
    /// Removed at the end.
    _folder: Option<TempDir>,
}

/// Opens the shop and sells once. The exit status.
pub fn run(options: &Options) -> Result<u8, Trouble> {
    let ground = Ground::open(options)?;
    let status = if options.on_tokio {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(with_tasks(options, &ground))?
    } else {
        with_threads(options, &ground)?
    };
    ground.office.say_truth();
    Ok(status)
}

/// With a thread for the session, and this one for the sale.
fn with_threads(options: &Options, ground: &Ground) -> Result<u8, Trouble> {
    let stop = Stop::new();
    let button = stop.clone();
    on_ctrl_c(move || button.press())?;

    let journal = OutboxJournal::new(&ground.outbox);
    let (merchant, wire) = (ground.office.merchant.clone(), Wire::new(power_cut(options)));
    let payments = Payments::new(merchant, wire, journal, Holder::new(HOLDER))
        .policy(options.waits.policy())
        .deadlines(options.waits.deadlines());
    let host = SerialHost::at(&ground.module.path);
    let session = blocking::Session::new(host, ground.plan.clone(), settings());
    let (session, driver) = session.into_driver()?;
    let mut till = Till::new(payments, session.clone()).patience(PATIENCE);
    let driver = thread::spawn(move || driver.run());

    // Before the first sale: orders that an earlier run has left open.
    let settlement = till.settle(&stop)?;
    screen::settled(&settlement);
    let status = match purchase(options)? {
        None => cash(options, &till)?,
        Some(purchase) => {
            let mut screen = Screen::default();
            screen::sold(&till.sell(purchase, &stop, |doing| screen.show(&doing)))
        }
    };
    let until = now() + REPORTS;
    while is_to_be_sent(&ground.outbox) && now() < until {
        // It is the session's thread that sends them.
        drop(session.next_event(Some(GLANCE)));
    }
    reports(&ground.outbox)?;
    if let Err(error) = session.shut_down(ShutDown::CloseSdk) {
        say(&format!("The module was not closed in order: {error}."));
    }
    session.stop();
    drop(driver.join());
    Ok(status)
}

/// As [`with_threads`], in tasks of one thread.
async fn with_tasks(options: &Options, ground: &Ground) -> Result<u8, Trouble> {
    static STOP: Notify = Notify::const_new();
    // One press is enough, whoever waits for it first.
    on_ctrl_c(|| STOP.notify_one())?;

    let journal = OutboxJournal::new(&ground.outbox);
    let (merchant, wire) = (ground.office.merchant.clone(), Wire::new(power_cut(options)));
    let waits = asynch::PaymentsSettings {
        policy: options.waits.policy(),
        deadlines: options.waits.deadlines(),
        ..asynch::PaymentsSettings::default()
    };
    let holder = Holder::new(HOLDER);
    let payments = asynch::Payments::with_settings(merchant, wire, journal, holder, waits);
    let host = SerialHost::at(&ground.module.path);
    let (session, _events, driver) = asynch::Session::new(host, ground.plan.clone(), settings());
    let mut till = Till::new(payments, session).patience(PATIENCE);
    tokio::spawn(driver);

    let settlement = till.settle(STOP.notified()).await?;
    screen::settled(&settlement);
    let status = match purchase(options)? {
        None => cash(options, &till)?,
        Some(purchase) => {
            let mut screen = Screen::default();
            let sold = till.sell(purchase, STOP.notified(), |doing| screen.show(&doing)).await;
            screen::sold(&sold)
        }
    };
    let until = now() + REPORTS;
    while is_to_be_sent(&ground.outbox) && now() < until {
        tokio::time::sleep(GLANCE).await;
    }
    reports(&ground.outbox)?;
    if let Err(error) = till.session().shut_down(ShutDown::CloseSdk).await {
        say(&format!("The module was not closed in order: {error}."));
    }
    Ok(status)
}

impl Ground {
    fn open(options: &Options) -> Result<Self, Trouble> {
        let office = Office::open(options)?;
        let module = common::find(&options.port, &Profile::quectel())?;
        let folder = if options.db.is_none() { Some(tempfile::tempdir()?) } else { None };
        let temporary = folder.as_ref().map(|folder| folder.path().join("till.db"));
        let path: PathBuf = options.db.clone().or(temporary).unwrap_or_default();
        let outbox = Outbox::open(&path, OutboxPolicy::default())?;
        say(&format!("A till with {} and {}.", whose(&module), office.name));
        say(&format!("Its orders and reports are in {}.", path.display()));
        let config = if module.simulator.is_some() { Some(sample::config()?) } else { None };
        let plan = Plan { config, ..Plan::default() };
        Ok(Self { office, module, outbox, plan, _folder: folder })
    }
}

fn whose(module: &Module) -> String {
    match &module.simulator {
        Some(_) => format!("a simulated module at {}", module.path),
        None => format!("the module at {}", module.path),
    }
}

/// What the customer buys; `None` if it is paid in cash.
fn purchase(options: &Options) -> Result<Option<Purchase>, Trouble> {
    if options.cash {
        return Ok(None);
    }
    let millis = wall().0;
    let number = OutTradeNo::new(format!("T1-{millis}_0"))?;
    let sale = Sale::of(number, options.amount, Subject::new("lunch")?).build()?;
    Ok(Some(match (&options.agreement, &options.auth_code) {
        (Some(agreement), _) => Purchase::by_agreement(sale, AgreementNo::new(agreement)?)?,
        (None, Some(code)) => Purchase::by_code(sale, AuthCode::new(code)?)?,
        (None, None) => {
            // A customer's phone shows a new code each time.
            let code = AuthCode::new(format!("28{:016}", millis))?;
            Purchase::by_code(sale, code)?
        }
    }))
}

fn cash<P, S>(options: &Options, till: &Till<P, S>) -> Result<u8, Trouble> {
    let id = till.sold_otherwise(options.amount, wall())?;
    screen::cashier("Paid in cash. Give the goods.");
    say(&format!("It is reported as a sale that was not paid by Alipay (report {id})."));
    Ok(0)
}

/// Whether there are reports that the session still sends.
fn is_to_be_sent(outbox: &Outbox) -> bool {
    outbox.summary().reports.due() > 0
}

fn reports(outbox: &Outbox) -> Result<(), Trouble> {
    let reports = outbox.newest::<Report>(&ItemState::ALL, SHOWN)?;
    reports.iter().for_each(screen::report);
    match outbox.summary().orders.pending {
        0 => {}
        1 => say("One order is open. The next start asks for it."),
        open => say(&format!("{open} orders are open. The next start asks for them.")),
    }
    Ok(())
}

fn power_cut(options: &Options) -> Option<(m26_pay::sim::gateway::alipay::Method, u64)> {
    options.fault.iter().find_map(|fault| match fault {
        Fault::PowerCut(method, nth) => Some((*method, *nth)),
        Fault::Gateway(_) => None,
    })
}

/// The first Ctrl-C is the cashier's stop; a second one leaves at once.
fn on_ctrl_c(press: impl Fn() + Send + 'static) -> Result<(), Trouble> {
    static PRESSED: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if PRESSED.swap(true, Ordering::SeqCst) {
            std::process::exit(20);
        }
        say("The cashier stops the payment: if it is not paid, it is cancelled.");
        press();
    })?;
    Ok(())
}

fn settings() -> Settings {
    Settings::new(Profile::quectel())
}

#[allow(clippy::disallowed_methods, reason = "an order has the real time in its number")]
fn wall() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::from_unsigned(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[allow(clippy::disallowed_methods, reason = "the shop is real, and so is its time")]
fn now() -> Instant {
    Instant::now()
}

/// The name of this till in the journal. It does not change, so that the till gets its own orders back
/// at once.
const HOLDER: &str = "till 1";

/// How long a sale waits for the module, which has just been switched on.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the shop waits for its reports to be sent.
const REPORTS: Duration = Duration::from_secs(20);

/// The time between two looks at whether they were sent.
const GLANCE: Duration = Duration::from_millis(50);

/// How many reports are shown.
const SHOWN: usize = 5;
