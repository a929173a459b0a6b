//! A shop's till, from the scanned code to the report in the cloud: a module (a simulated one on a
//! real pty), Alipay's gateway (a simulated one behind real HTTP) and a real SQLite file.
//!
//! ```text
//! cargo run --example till                                   # a customer pays
//! cargo run --example till -- --customer leaves              # one who never does
//! cargo run --example till -- --fault lost                   # an answer that never comes
//! cargo run --example till -- --db till.db --fault power-cut # and again with the same file
//! ```
//!
//! - `main.rs`: the options
//! - `shop.rs`: the shop, with the blocking clients and with the async ones; start reading here
//! - `screen.rs`: what is printed, and what the cashier sees
//! - `office.rs`: Alipay: the built-in gateway and its keys, or those of another one
//! - `cut.rs`: the power cut
//! - `../common`: the module that `--port` names
//!
//! One run is one sale. Orders that an earlier run left open in the same file are asked for first. If
//! the till is killed at any point and started again with the same gateway, it says how the sale
//! ended. The built-in gateway ends with the till, so an order that was under way there stays open.
//!
//! Exit status: 0 paid, 10 not paid, 20 unknown, 1 if it failed before anything was sent, 2 for
//! wrong usage. Ctrl-C is the cashier's stop; a second one leaves at once.

#[path = "../common/clock.rs"]
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod cut;
#[path = "../common/language.rs"]
mod language;
mod office;
#[path = "../common/sample.rs"]
mod sample;
mod screen;
#[path = "../common/seconds.rs"]
mod seconds;
mod shop;
#[path = "../common/wall.rs"]
mod wall;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser};
use m26_pay::advice::Language;
use m26_pay::amount::Amount;
use m26_pay::gateway::Deadlines;
use m26_pay::gateway::alipay::payment::Policy;
use m26_pay::gateway::alipay::{AppId, GatewayUrl};
use m26_pay::sim::gateway::alipay::{Customer, Method, Planned};

/// Why the till cannot go on.
pub type Trouble = Box<dyn std::error::Error>;

/// A till that sells one thing, with Alipay or for cash.
#[derive(Parser)]
#[command(name = "till", after_help = HELP)]
struct Options {
    /// What the customer does: pays, thinks, refuses, leaves or pays-late.
    #[arg(long, default_value = "pays", conflicts_with = "gateway")]
    customer: Customer,
    /// What goes wrong: NAME with the first pay, NAME:METHOD:N with another call. May be repeated.
    #[arg(long, value_name = "NAME[:METHOD:N]", value_parser = fault)]
    fault: Vec<Fault>,
    /// Decides, for each fault, whether a call that is not answered is carried out.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "gateway")]
    seed: u64,
    /// The file of orders and reports. A temporary one otherwise.
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Use the async clients, on tokio, instead of the blocking ones.
    #[arg(long = "async")]
    on_tokio: bool,
    /// The module's port, such as /dev/ttyUSB0; `sim` simulates a module.
    #[arg(long, value_name = "PATH|usb:VID:PID|sim", default_value = common::SIMULATOR, value_parser = common::port)]
    port: String,
    /// Alipay's gateway, such as the example `gateway`, which outlives the till. Built in otherwise.
    #[arg(long, value_name = "URL", requires_all = ["key", "alipay_key"])]
    gateway: Option<GatewayUrl>,
    /// With --gateway: the application.
    #[arg(long, value_name = "N", default_value = "2014072300007148")]
    app_id: AppId,
    /// With --gateway: the application's private key.
    #[arg(long, value_name = "FILE", requires = "gateway")]
    key: Option<PathBuf>,
    /// With --gateway: Alipay's public key.
    #[arg(long, value_name = "FILE", requires = "gateway")]
    alipay_key: Option<PathBuf>,
    /// Without --gateway: the folder in which the built-in one keeps its keys. Each run makes new ones
    /// otherwise, which takes a small machine some seconds.
    #[arg(long, value_name = "FOLDER", conflicts_with = "gateway")]
    built_in_keys: Option<PathBuf>,
    /// What it costs, in yuan.
    #[arg(long, value_name = "YUAN", default_value = "10.25")]
    amount: Amount,
    // A text, so that no message of the parser repeats it.
    /// The payment code that the customer shows; made up otherwise.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["agreement", "cash"])]
    auth_code: Option<String>,
    /// The customer has agreed to this before and shows nothing: the water-control project.
    #[arg(long, value_name = "N", conflicts_with = "cash")]
    agreement: Option<String>,
    /// The customer pays in cash, which is reported as well.
    #[arg(long)]
    cash: bool,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh")]
    lang: Option<Language>,
    #[command(flatten)]
    waits: Waits,
}

/// How long the till waits, in seconds.
#[derive(Args)]
#[command(next_help_heading = "Seconds")]
struct Waits {
    /// For Alipay's answer.
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds::timeout)]
    answer_timeout: Duration,
    /// Between two questions to Alipay.
    #[arg(long, value_name = "S", default_value = "5", value_parser = seconds::timeout)]
    poll_every: Duration,
    /// For the customer.
    #[arg(long, value_name = "S", default_value = "30", value_parser = seconds::seconds)]
    poll_for: Duration,
    /// For a trade whose outcome is not known.
    #[arg(long, value_name = "S", default_value = "60", value_parser = seconds::seconds)]
    unknown_for: Duration,
}

/// What goes wrong.
#[derive(Clone, Copy)]
enum Fault {
    /// At the gateway.
    Gateway(Planned),
    /// The power of the till fails after this request was sent, and before its answer is read.
    PowerCut(Method, u64),
}

fn main() -> ExitCode {
    let options = Options::parse();
    language::choose(options.lang);
    clock::warn();
    match shop::run(&options) {
        Ok(status) => ExitCode::from(status),
        Err(trouble) => {
            screen::complain(&*trouble);
            ExitCode::FAILURE
        }
    }
}

fn fault(text: &str) -> Result<Fault, String> {
    // It is named as one of the gateway's.
    let likewise = text.strip_prefix(POWER_CUT).map(|rest| format!("lost{rest}"));
    let planned: Planned = match likewise.as_deref().unwrap_or(text).parse() {
        Ok(planned) => planned,
        Err(error) => return Err(format!("{error}, or {POWER_CUT}")),
    };
    Ok(match likewise {
        Some(_) => Fault::PowerCut(planned.method, planned.nth),
        None => Fault::Gateway(planned),
    })
}

impl Waits {
    fn policy(&self) -> Policy {
        Policy {
            poll_every: self.poll_every,
            poll_for: self.poll_for,
            unknown_for: self.unknown_for,
            answer_within: self.answer_timeout + Deadlines::default().connect,
            ..Policy::default()
        }
    }

    fn deadlines(&self) -> Deadlines {
        Deadlines::new(Deadlines::default().connect, self.answer_timeout)
    }
}

const POWER_CUT: &str = "power-cut";

const HELP: &str = "\
Customers:
  pays       at once
  thinks     pays after 8 s
  refuses    the money is not there
  leaves     never pays
  pays-late  in the last moment before a cancel arrives

Faults, of the built-in gateway but for the last:
  lost, late, half-done, system-error, closed, cut-off, 502, html, redirect, gbk, unsigned,
  wrong-signature, wrong-amount: see `gateway --help`
  power-cut  the till dies once the request has left

Exit status: 0 paid, 10 not paid, 20 unknown, 1 failed before anything was sent, 2 wrong usage";
