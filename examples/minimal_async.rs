//! The terminal of `minimal`, on tokio, with a screen: one loop waits for the cashier, the module,
//! the signature and the clock at once.
//!
//! ```text
//! cargo run --example minimal_async -- /dev/ttyUSB0 till.db
//! 10.25 284612345678901234            the amount, and the payment code from the scanner
//! paid 2019012922001450181015731428   your server says: paid, with this trade number
//! cancel                              the customer has gone
//! ```

#![allow(clippy::disallowed_methods, reason = "a terminal is where the clock is read")]

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};

use m26_pay::advice::Language;
use m26_pay::alipay::{BusinessNo, Report, Sign, SignData, SignMode, SignedData, TradeResult};
use m26_pay::asynch::Session;
use m26_pay::engine::Settings;
use m26_pay::error::Stage;
use m26_pay::outbox::{Id, Outbox, OutboxPolicy};
use m26_pay::serial::SerialHost;
use m26_pay::session::{Plan, ShutDown};
use m26_pay::{Amount, Certainty};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, interval};

/// What the customer in front of the till pays.
struct Sale {
    amount: Amount,
    began: Instant,
    time: i64,
    announced: Id<Report>,
    /// The signature, until it is there. Dropping it cancels the command.
    signing: Option<Signing>,
}

type Signing = Pin<Box<dyn Future<Output = Result<SignedData, m26_pay::Error>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().filter(|it| !it.starts_with('-')).collect();
    let [_, port, db] = &arguments[..] else {
        return Err("two arguments are needed: the port, and the file of trades".into());
    };
    let language = Language::of_environment(|name| std::env::var(name).ok());
    // A till that cannot keep its trades sells nothing, so this is first.
    let outbox = Outbox::open(db, OutboxPolicy::default())?;
    let (session, mut events, driver) =
        Session::new(port.parse::<SerialHost>()?, Plan::default(), Settings::default());
    session.attach(outbox.duty()); // reports go whenever the module is ready and idle
    let nudger = session.nudger();
    outbox.on_append(move || _ = nudger.nudge());
    let driver = tokio::spawn(driver);
    // `None` stands for Ctrl-C, SIGTERM and the end of the lines.
    let (sender, mut inputs) = unbounded_channel();
    let stop = sender.clone();
    ctrlc::set_handler(move || drop(stop.send(None)))?;
    std::thread::spawn(move || {
        let lines = io::stdin().lines().map_while(Result::ok).map(Some);
        lines.chain([None]).for_each(|input| drop(sender.send(input)));
    });
    let mut sale: Option<Sale> = None;
    let mut tick = interval(Duration::from_secs(1));
    let mut shown = String::new();
    loop {
        let signature = async { Some(sale.as_mut()?.signing.as_mut()?.await) };
        tokio::select! {
            Some(event) = events.next() => println!("({event})"),
            Some(outcome) = signature => match outcome {
                Ok(signed) => {
                    // Your server asks Alipay for the money, with it as `terminal_params`.
                    println!("Signed: {} bytes for your server. Paid?", signed.expose().len());
                    sale.iter_mut().for_each(|sale| sale.signing = None);
                }
                Err(error) => {
                    let money = Stage::Signing.money(error.certainty());
                    println!("{} {}", error.advice().cashier(language), money.cashier(language));
                    println!("({error})");
                    if let Some(sale) = sale.take() {
                        outbox.withdraw(sale.announced)?; // nobody can be asked for money
                    }
                }
            },
            input = inputs.recv() => {
                let Some(Some(line)) = input else { break };
                let line = line.trim();
                let going_on = match &mut sale {
                    None => begin(&session, &outbox, line).map(|begun| sale = Some(begun)),
                    Some(current) => {
                        current.go_on(&outbox, line).map(|over| drop(over.then(|| sale.take())))
                    }
                };
                if let Err(error) = going_on {
                    println!("{error}");
                }
            }
            _ = tick.tick() => {
                let due = outbox.summary().reports.due();
                let screen = format!("[{}; reports to send: {due}]", session.state());
                if screen != shown {
                    println!("{screen}");
                    shown = screen;
                }
            }
        }
    }
    // What was begun is reported by the next run. The SDK saves what it holds when it is closed.
    drop(sale);
    let closed = session.shut_down(ShutDown::CloseSdk).await;
    driver.abort();
    // Without a module there was nothing to close.
    let was_open = |error: &m26_pay::Error| error.certainty() != Certainty::NotSent;
    closed.or_else(|error| if was_open(&error) { Err(error.into()) } else { Ok(()) })
}

fn begin(session: &Session, outbox: &Outbox, line: &str) -> Result<Sale, Box<dyn Error>> {
    let (amount, code) = line.split_once(' ').ok_or("An amount and a payment code.")?;
    let (amount, code) = (amount.parse::<Amount>()?, SignData::new(code)?);
    let time = UNIX_EPOCH.elapsed()?.as_secs() as i64;
    // On disk before the money is asked for: should the power go, the trade is reported.
    let announced =
        outbox.announce(&Report::of(amount, TradeResult::Unavailable, time).build()?)?;
    let (session, sign) = (session.clone(), Sign::new(SignMode::PayerCode, code).amount(amount));
    let signing = Box::pin(async move { session.send(&sign).await });
    Ok(Sale { amount, began: Instant::now(), time, announced, signing: Some(signing) })
}

impl Sale {
    /// Whether it is over.
    fn go_on(&mut self, outbox: &Outbox, line: &str) -> Result<bool, Box<dyn Error>> {
        let report =
            |outcome| Report::of(self.amount, outcome, self.time).took(self.began.elapsed());
        let outcome = match (line.strip_prefix("paid "), &self.signing) {
            (Some(number), None) => {
                report(TradeResult::Success).business_no(BusinessNo::new(number)?)
            }
            (None, None) if line == "cancel" => report(TradeResult::Timeout),
            // The signature goes to nobody, so nobody can be asked for money.
            (None, Some(_)) if line == "cancel" => {
                return Ok(outbox.withdraw(self.announced).map(|()| true)?);
            }
            _ => return Ok(false),
        };
        Ok(outbox.complete(self.announced, &outcome.build()?).map(|()| true)?)
    }
}
