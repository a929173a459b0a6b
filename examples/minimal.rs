//! A payment terminal, as small as one can be: a session keeps the module ready for months, an
//! outbox keeps every trade until the module has its report, and a signal ends it in order.
//!
//! ```text
//! cargo run --example minimal -- /dev/ttyUSB0 till.db
//! 10.25 284612345678901234            the amount, and the payment code from the scanner
//! paid 2019012922001450181015731428   your server says: paid, with this trade number
//! cancel                              the customer has gone
//! ```

#![allow(clippy::disallowed_methods, reason = "a terminal is where the clock is read")]

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use m26_pay::advice::Language;
use m26_pay::alipay::{BusinessNo, Report, Sign, SignData, SignMode, SignedData, TradeResult};
use m26_pay::blocking::{Session, SessionHandle};
use m26_pay::engine::Settings;
use m26_pay::error::Stage;
use m26_pay::outbox::{Outbox, OutboxPolicy};
use m26_pay::serial::SerialHost;
use m26_pay::session::{Plan, SessionEvent, ShutDown};
use m26_pay::{Amount, Certainty};

struct Till {
    session: SessionHandle,
    outbox: Outbox,
    /// The cashier's lines; `None` for Ctrl-C, SIGTERM and the end of the lines.
    inputs: Receiver<Option<String>>,
    stopped: Cell<bool>,
    language: Language,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().filter(|it| !it.starts_with('-')).collect();
    let [_, port, db] = &arguments[..] else {
        return Err("two arguments are needed: the port, and the file of trades".into());
    };
    // A till that cannot keep its trades sells nothing, so this is first.
    let outbox = Outbox::open(db, OutboxPolicy::default())?;

    let session = Session::new(port.parse::<SerialHost>()?, Plan::default(), Settings::default());
    let (session, driver) = session.into_driver()?;
    session.attach(outbox.duty()); // reports go whenever the module is ready and idle
    let nudger = session.nudger();
    outbox.on_append(move || _ = nudger.nudge());
    let driver = thread::spawn(move || driver.run());
    let events = session.clone();
    thread::spawn(move || {
        while let Some(event) = events.next_event(None) {
            if let SessionEvent::Transition(_) | SessionEvent::Warning(_) = event {
                println!("({event})");
            }
        }
    });
    let (sender, inputs) = mpsc::channel();
    let stop = sender.clone();
    ctrlc::set_handler(move || drop(stop.send(None)))?;
    thread::spawn(move || {
        let lines = io::stdin().lines().map_while(Result::ok).map(Some);
        lines.chain([None]).for_each(|input| drop(sender.send(input)));
    });
    let language = Language::of_environment(|name| std::env::var(name).ok());
    let till = Till { session, outbox, inputs, stopped: Cell::new(false), language };
    while let Some(line) = till.next() {
        if let Err(error) = till.sell(&line) {
            println!("{error}");
        }
        println!("Reports to send: {}", till.outbox.summary().reports.due());
    }
    // What the SDK holds is saved when it is closed, so the power may go off now.
    let closed = till.session.shut_down(ShutDown::CloseSdk);
    till.session.stop();
    drop(driver.join());
    // Without a module there was nothing to close.
    let was_open = |error: &m26_pay::Error| error.certainty() != Certainty::NotSent;
    closed.or_else(|error| if was_open(&error) { Err(error.into()) } else { Ok(()) })
}

impl Till {
    /// The next line, or `None` once the till is to stop.
    fn next(&self) -> Option<String> {
        let input = if self.stopped.get() { None } else { self.inputs.recv().ok().flatten() };
        self.stopped.set(input.is_none());
        input
    }

    fn sell(&self, line: &str) -> Result<(), Box<dyn Error>> {
        let (amount, code) = line.trim().split_once(' ').ok_or("An amount and a payment code.")?;
        let (amount, code) = (amount.parse::<Amount>()?, SignData::new(code)?);
        let (began, time) = (Instant::now(), UNIX_EPOCH.elapsed()?.as_secs() as i64);
        let report = |outcome| Report::of(amount, outcome, time).took(began.elapsed());

        // On disk before the money is asked for: should the power go, the trade is reported.
        let announced = self.outbox.announce(&report(TradeResult::Unavailable).build()?)?;
        let Some(signed) = self.sign(Sign::new(SignMode::PayerCode, code).amount(amount)) else {
            // Without a signature nobody can be asked for money.
            return Ok(self.outbox.withdraw(announced)?);
        };
        println!("Signed: {} bytes for your server. Paid?", signed.expose().len());

        // Your server asks Alipay for the money, with the signature as `terminal_params`.
        let outcome = loop {
            match self.next().as_deref().map(str::trim) {
                Some("cancel") => break report(TradeResult::Timeout),
                Some(line) => match line.strip_prefix("paid ").map(BusinessNo::new) {
                    Some(Ok(number)) => break report(TradeResult::Success).business_no(number),
                    Some(Err(error)) => println!("{error}"),
                    None => println!("`paid` with the number of the trade, or `cancel`."),
                },
                // How it ended nobody knows, and so it is reported.
                None => break report(TradeResult::Unavailable),
            }
        };
        Ok(self.outbox.complete(announced, &outcome.build()?)?)
    }

    /// `None` if there is no signature, and will be none.
    fn sign(&self, sign: Sign) -> Option<SignedData> {
        let mut call = match self.session.submit(sign) {
            Ok(call) => call,
            Err(error) => return self.complain(&error),
        };
        loop {
            match call.wait_timeout(Duration::from_millis(50)) {
                Ok(Ok(signed)) => return Some(signed),
                Ok(Err(error)) => return self.complain(&error),
                Err(pending) => call = pending,
            }
            if let Ok(input) = self.inputs.try_recv() {
                self.stopped.set(input.is_none());
                if input.is_none_or(|line| line.trim() == "cancel") {
                    return None; // the call is dropped, which cancels it
                }
            }
        }
    }

    fn complain(&self, error: &m26_pay::Error) -> Option<SignedData> {
        let money = Stage::Signing.money(error.certainty());
        println!("{} {}", error.advice().cashier(self.language), money.cashier(self.language));
        println!("({error})");
        None
    }
}
