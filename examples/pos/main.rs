//! A till, from the first `AT` to the power-off: chapter 4 of the spec (Quectel M26 Alipay SDK
//! 应用指导 V1.0), through the code that a real till would use.
//!
//! ```text
//! cargo run --example pos                                   # against a simulated module
//! cargo run --example pos -- --port /dev/ttyUSB0            # against a real one
//! cargo run --example pos -- --async                        # with the async client
//! cargo run --example pos -- --db till.db                   # every trade on disk first
//! ```
//!
//! - `main.rs`: the options, and the order of the steps
//! - `till.rs`: the steps, one function each; start reading here
//! - `books.rs`: what is kept on disk, so that every trade is reported whatever happens to the till
//! - `line.rs`: the client that the till works with, blocking or async
//! - `device_id.rs`: a flow of your own: asks until there is an answer
//! - `trouble.rs`: what a failure means for the money, and what to do
//! - `../common`: opening a port, or simulating a module
//!
//! Exit status: 0 if all was done, 1 if something failed, 2 for wrong usage.

mod books;
#[path = "../common/clock.rs"]
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod device_id;
#[path = "../common/language.rs"]
mod language;
mod line;
#[path = "../common/sample.rs"]
mod sample;
mod till;
mod trouble;
#[path = "../common/wall.rs"]
mod wall;

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use m26_pay::advice::Language;
use m26_pay::alipay::{
    Config, DeviceSupplierNo, Environment, ItemId, MerchantUserId, ProductKey, TerminalId,
};
use m26_pay::amount::Amount;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Client, SerialPort};
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::error::Error;
use m26_pay::m26::{Apn, NtpServer};
use m26_pay::serial::SerialSettings;

use books::Books;
use line::{Connection, Line, at_once};
use till::Till;
use trouble::Trouble;

/// A till, end to end: brings an M26 up, opens its Alipay SDK, has a payment signed, reports two
/// trades and shuts down.
///
/// It sends the sample trades of the spec, so it works only with a module that is configured for
/// tests (env 4). A module that has no such configuration needs one; setting one that differs from
/// the module's has the SDK discard all that it holds.
#[derive(Parser)]
#[command(name = "pos")]
struct Options {
    /// The module's port, such as /dev/ttyUSB0; `sim` simulates a module.
    #[arg(long, value_name = "PATH|usb:VID:PID|sim", default_value = common::SIMULATOR, value_parser = common::port)]
    port: String,
    /// The rate of the port.
    #[arg(long, value_name = "N", default_value_t = 115_200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    baud: u32,
    /// The firmware of the module, whose commands differ in details.
    #[arg(long, value_enum, default_value = "quectel")]
    profile: Firmware,
    /// The access point of the SIM's operator.
    #[arg(long, default_value = "CMNET")]
    apn: Apn,
    /// The server that tells the time.
    #[arg(long, value_name = "HOST", default_value = "ntp1.aliyun.com")]
    ntp: NtpServer,
    /// What the customer pays, in yuan.
    #[arg(long, value_name = "YUAN", default_value = "10.25", allow_negative_numbers = true)]
    amount: Amount,
    /// Use the async client, on tokio, instead of the blocking one.
    #[arg(long = "async")]
    on_tokio: bool,
    /// Leave the SDK open and the module on, so that `pos` can be run again at once.
    #[arg(long)]
    stay_open: bool,
    /// Keep every trade in this file until the module has its report, and report first what an
    /// earlier run has left in it. It is made if it is not there.
    ///
    /// The simulated module takes reports as well, and forgets them: a file of trades that count
    /// belongs to a real one.
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// With --db: how long the module may take to take the reports, before the till goes on and
    /// leaves them on disk.
    #[arg(long, value_name = "SECONDS", requires = "db", default_value = "120")]
    #[arg(value_parser = seconds, allow_negative_numbers = true)]
    patience: Duration,
    /// How long after the port was opened an answer to an earlier run may still come. If the SDK is
    /// open already, signatures and reports wait until then: 40 s and two minutes without this.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    earlier: Option<Duration>,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh")]
    lang: Option<Language>,
    #[command(flatten)]
    product: Option<Product>,
}

/// The configuration, all of it or nothing. Without it a real module keeps the one that it has.
#[derive(Args)]
#[command(next_help_heading = "Configuration, all of it or nothing")]
#[group(requires_all = [
    "device_supplier_no", "merchant_user_id", "item_id", "product_key_file", "terminal_id",
])]
struct Product {
    /// The number of the device's supplier, from Ant.
    #[arg(long, value_name = "N", required = false)]
    device_supplier_no: DeviceSupplierNo,
    /// The merchant, from Ant.
    #[arg(long, value_name = "N", required = false)]
    merchant_user_id: MerchantUserId,
    /// The product, from Ant.
    #[arg(long, value_name = "N", required = false)]
    item_id: ItemId,
    /// A file with the product's key, from Ant (command lines are public).
    #[arg(long, value_name = "FILE", required = false, value_parser = read_key)]
    product_key_file: ProductKey,
    /// This terminal's serial number, which no other may have.
    #[arg(long, value_name = "T", required = false)]
    terminal_id: TerminalId,
}

#[derive(Clone, Copy, ValueEnum)]
enum Firmware {
    Quectel,
    Luat,
}

fn main() -> ExitCode {
    let options = Options::parse();
    language::choose(options.lang);
    clock::warn();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            drop(write!(io::stderr(), "\n{trouble}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Trouble> {
    let profile = match options.profile {
        Firmware::Quectel => Profile::quectel(),
        Firmware::Luat => Profile::luat(),
    };
    let simulated = options.port == common::SIMULATOR;
    let config = match &options.product {
        Some(product) => Some(product.config()),
        None if simulated => Some(sample::config()?),
        None => None,
    };

    // First of all: a till that cannot keep its trades must not sell.
    let books = Books::open(options)?;
    // The simulated module lives as long as its handle is held.
    let module = common::find(&options.port, &profile)?;
    let whose = match &module.simulator {
        Some(_) => format!("a simulated module at {}", module.path),
        None => format!("the module at {}", options.port),
    };
    let serial = SerialSettings { baud: options.baud };
    let earlier = options.earlier.map_or(EarlierProgram::Unknown, EarlierProgram::Within);
    let settings = Settings { earlier, ..Settings::new(profile.clone()) };
    let hello = format!("A till with {whose} (profile {}).", profile.name);
    if options.on_tokio {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(no_runtime)?.block_on(async {
            let line = Connection::open(&module.path, &serial, settings).await?;
            keep_shop(line, books, &hello, options, config).await
        })
    } else {
        let client = Client::connect(SerialPort::open(&module.path, &serial)?, settings);
        at_once(keep_shop(client, books, &hello, options, config))
    }
}

async fn keep_shop(
    line: impl Line,
    books: Option<Books>,
    hello: &str,
    options: &Options,
    config: Option<Config>,
) -> Result<(), Trouble> {
    till::print(hello);
    if let Some(books) = &books {
        books.introduce(options);
    }
    let mut till = Till::new(line, books);
    let sale = match till.open_shop(options, config).await {
        Ok(biz_tid) => match till.catch_up().await {
            Ok(()) => till.sell(options, &biz_tid).await,
            Err(trouble) => Err(trouble),
        },
        Err(trouble) => Err(trouble),
    };
    // After a failure too: when the SDK is closed, it saves what it holds.
    let closed = if options.stay_open { Ok(()) } else { till.close_shop().await };
    sale.and(closed)?;
    till.balance()?;
    till::print("\nDone.");
    Ok(())
}

fn no_runtime(source: io::Error) -> Error {
    Error::Io { doing: "the system gives tokio nothing to wait on".into(), source }
}

impl Product {
    fn config(&self) -> Config {
        Config {
            device_supplier_no: self.device_supplier_no.clone(),
            merchant_user_id: self.merchant_user_id.clone(),
            item_id: self.item_id.clone(),
            product_key: self.product_key_file.clone(),
            env: Environment::TEST,
            terminal_id: self.terminal_id.clone(),
        }
    }
}

fn read_key(path: &str) -> Result<ProductKey, String> {
    let key = fs::read_to_string(path).map_err(|error| error.to_string())?;
    key.trim_end().parse().map_err(|error| format!("{error}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "it is a number of seconds such as 2.5".into())
}
