//! What can be written on the command line, and on a line of a `run` file.

pub(crate) mod campus;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use m26_pay::advice::Language;
use m26_pay::alipay::Environment;
use m26_pay::amount::{Amount, InvalidAmount};
use m26_pay::argument::InvalidArgument;
use m26_pay::engine::EarlierProgram;
use m26_pay::m26::{NtpServer, SetAccessPoint};

use crate::choices::{Firmware, Mode, Outcome, Verify, environment, fen, seconds, timeout};
use crate::doctor::args::Doctor;
use crate::outbox::args::Outbox;
use crate::session::args::Session;

/// Talks to the Alipay SDK inside a Quectel M26.
///
/// With `--port sim` it talks to a simulated module, a new one each time: `run` has many commands
/// over one connection.
#[derive(Parser)]
#[command(name = "m26", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Reads the command line.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches_mut(&mut command().try_get_matches()?)
}

/// What can be written on the command line. The help of a command that needs no module lists no
/// options of the connection.
pub(crate) fn command() -> clap::Command {
    let command = Arguments::command().max_term_width(100);
    let hidden: Vec<_> = command
        .get_arguments()
        .filter(|option| CONNECTION.contains(&option.get_id().as_str()))
        .map(|option| option.clone().hide(true))
        .collect();
    let hide = |command: clap::Command| command.args(hidden.clone());
    let of_outbox = |outbox: clap::Command| {
        let alone = ["append", "list", "show", "retry", "export", "backup", "set-aside"];
        alone.into_iter().fold(outbox, |outbox, name| outbox.mut_subcommand(name, hide))
    };
    command
        .mut_subcommand("ports", hide)
        .mut_subcommand("manual", hide)
        .mut_subcommand("campus", |campus| campus.mut_subcommand("probe", hide))
        .mut_subcommand("outbox", of_outbox)
}

#[derive(Args)]
#[command(next_help_heading = "Connection and output")]
pub(crate) struct Options {
    /// The serial port: its path, its adapter (`usb:VID:PID[:SERIAL]`), or `sim` for the built-in
    /// simulator. `ports` lists the ports.
    #[arg(long, value_name = "PATH|usb:VID:PID|sim", global = true, value_parser = crate::common::port)]
    pub(crate) port: Option<String>,
    /// The rate of the port.
    #[arg(long, value_name = "N", global = true, default_value_t = 115_200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) baud: u32,
    /// The manners of the module's firmware.
    #[arg(long, value_enum, global = true, default_value = "quectel")]
    #[arg(hide_possible_values = true, value_name = "quectel|luat")]
    pub(crate) profile: Firmware,
    /// The longest command line that the module reads, in characters [default: 256].
    #[arg(long, value_name = "N", global = true, allow_negative_numbers = true)]
    pub(crate) line_limit: Option<usize>,
    /// How long a command may take, from its first byte sent to its result, in the place of the
    /// documented deadlines.
    #[arg(long, value_name = "SECONDS", global = true, value_parser = timeout)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// What is known of a program that used this port before. It may be due an answer, which would be
    /// taken for one to this command: where the SDK is open already, signatures and reports wait for so
    /// many seconds [default: 40]. `ended`: nothing is due. `unknown`: reports wait for two minutes, as
    /// those of a session do without this.
    #[arg(long, value_parser = earlier, global = true, value_name = "SECONDS|ended|unknown")]
    pub(crate) earlier: Option<EarlierProgram>,
    /// Print one JSON object for each command, in a session for each event as well, and nothing else
    /// on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Write what passes on the line to a file, secrets replaced. One that holds recordings gets one
    /// more; any other file is left as it is.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) record: Option<PathBuf>,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh", global = true)]
    pub(crate) lang: Option<Language>,
    /// Print the product key, and what captured campus codes and an outbox hold.
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
}

fn earlier(text: &str) -> Result<EarlierProgram, String> {
    match text {
        "ended" => Ok(EarlierProgram::Ended),
        "unknown" => Ok(EarlierProgram::Unknown),
        _ => match text.parse() {
            Ok(seconds) => Ok(EarlierProgram::Within(Duration::from_secs(seconds))),
            Err(_) => Err("name the seconds, ended or unknown".to_owned()),
        },
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the serial ports, without opening any.
    Ports,
    /// What the module and its SIM card are.
    Info,
    /// How well the module hears the network, and whether it is registered.
    Signal,
    /// Wait for the SIM card and the network, set the access point and the clock.
    BringUp(BringUp),
    /// The Alipay product's configuration.
    #[command(subcommand)]
    Config(Config),
    /// Start the Alipay SDK, once after each start of the module.
    Open,
    /// Report how the device verifies its customers, once after `open`.
    ProductInfo(ProductInfo),
    /// Ask for the identity that Alipay gave the device, the bizTid.
    DeviceId,
    /// Have a payment signed.
    Sign(Sign),
    /// Report a trade.
    Report(Report),
    /// The size of the queue of reports. How full it is cannot be asked.
    Queue,
    /// Report how often the device spoke and scanned since the last time.
    Usage(Usage),
    /// Close the Alipay SDK, before the module is switched off.
    Shut,
    /// Send a command line as it is.
    Raw {
        /// The command line, such as `AT+CSQ`.
        line: String,
    },
    /// Find out what is wrong, step by step, and what to do about it.
    ///
    /// It asks and changes nothing, unless it is told to --try. It ends with 0 if all is well, and
    /// with 1 if something is not.
    Doctor(Doctor),
    /// Campus codes.
    #[command(subcommand)]
    Campus(campus::Campus),
    /// What a till has still to report, kept in a file.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Print what the module says by itself, with the time, until Ctrl-C.
    ///
    /// It waits for a module that is off, and for a port that is unplugged meanwhile.
    Monitor,
    /// Show what is made of a recording: each command, its answer, and what answers nothing.
    ///
    /// A recording holds no secrets, so what was signed cannot be read.
    Replay {
        /// A file that --record has made.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Carry out the commands of a file over one connection.
    ///
    /// One command a line, written as on the command line, quotes as in a shell. `sleep SECONDS`
    /// waits, `#` begins a comment.
    Run(Run),
    /// Keep the module ready for payments and carry out commands meanwhile.
    ///
    /// One command a line, as in `run`; it waits until the module is ready. A session has these as
    /// well: `wait-ready SECONDS`, `status`, `sleep SECONDS`, `append` (a report into the outbox,
    /// with the options of `report`) and `shut-down [--power-off]`. It brings the module up and opens
    /// the SDK by itself, and again after every fault. What happens is printed as it happens. At the
    /// end of the commands it ends and leaves the module as it is.
    Session(Session),
    /// Write the manual pages and the completions for bash, fish and zsh into a folder.
    Manual {
        /// The folder, made if it is not there.
        folder: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct BringUp {
    /// The access point for packet data, such as CMNET.
    #[arg(long, value_name = "A")]
    pub(crate) apn: Option<String>,
    /// The time server by which the module sets its clock, such as ntp1.aliyun.com.
    #[arg(long, value_name = "HOST")]
    pub(crate) ntp: Option<String>,
}

impl BringUp {
    pub(crate) fn access_point(&self) -> Result<Option<SetAccessPoint>, InvalidArgument> {
        self.apn.as_deref().map(|apn| apn.parse().map(SetAccessPoint::new)).transpose()
    }

    pub(crate) fn time_server(&self) -> Result<Option<NtpServer>, InvalidArgument> {
        self.ntp.as_deref().map(str::parse).transpose()
    }
}

#[derive(Subcommand)]
pub(crate) enum Config {
    /// Show what the module has stored.
    Show,
    /// Store a configuration, if it differs from what is stored.
    ///
    /// A change has the SDK discard everything it holds: the bizTid and the reports that were not
    /// delivered yet. So what is stored is read first, and nothing is set that is there already. A
    /// change is shown, and made with --discard-reports only; what was never configured has nothing
    /// to lose.
    Set(Box<ConfigSet>),
}

#[derive(Args)]
pub(crate) struct ConfigSet {
    /// The number of the device's supplier.
    #[arg(long, value_name = "N")]
    pub(crate) device_supplier_no: String,
    /// The merchant.
    #[arg(long, value_name = "N")]
    pub(crate) merchant_user_id: String,
    /// The number of the product at Ant.
    #[arg(long, value_name = "N")]
    pub(crate) item_id: String,
    #[command(flatten)]
    pub(crate) key: ProductKey,
    /// Where the device belongs: production (0), test (4) or a number.
    #[arg(long, value_name = "production|test|N", value_parser = environment)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) env: Environment,
    /// Take a number for --env that the document does not have.
    #[arg(long)]
    pub(crate) any_env: bool,
    /// The serial number of this terminal.
    #[arg(long, value_name = "T")]
    pub(crate) terminal_id: String,
    /// Change what is stored, though the bizTid and the reports that were not delivered are lost.
    #[arg(long)]
    pub(crate) discard_reports: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ProductKey {
    /// The key of the product. Other users can see it on a command line: --product-key-file.
    // With a hyphen in front as well, because the message about an unknown option would show it.
    #[arg(long, value_name = "K", allow_hyphen_values = true)]
    pub(crate) product_key: Option<String>,
    /// A file that holds the key of the product.
    #[arg(long, value_name = "F")]
    pub(crate) product_key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ProductInfo {
    /// How the device verifies its customers: one or more, commas between them.
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    pub(crate) verify: Vec<Verify>,
}

#[derive(Args)]
pub(crate) struct Sign {
    /// How the customer pays.
    #[arg(long, value_enum)]
    pub(crate) mode: Mode,
    /// What is signed: a payment code, a face token, a trade or an agreement number.
    #[arg(long, value_name = "D")]
    pub(crate) data: String,
    #[command(flatten)]
    pub(crate) money: Money,
}

/// An amount, or none.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Money {
    /// The amount in yuan, such as 10.25.
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The amount in fen, such as 1025, in the place of --amount.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = fen)]
    amount_fen: Option<u64>,
}

/// An amount.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Paid {
    /// The amount in yuan, such as 10.25.
    #[arg(long, value_name = "YUAN", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The amount in fen, such as 1025, in the place of --amount.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = fen)]
    amount_fen: Option<u64>,
}

impl Money {
    pub(crate) fn amount(&self) -> Result<Option<Amount>, InvalidAmount> {
        match (&self.amount, self.amount_fen) {
            (Some(yuan), _) => yuan.parse().map(Some),
            (None, Some(fen)) => Amount::from_fen(fen).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl From<Paid> for Money {
    fn from(paid: Paid) -> Self {
        Self { amount: paid.amount, amount_fen: paid.amount_fen }
    }
}

#[derive(Args)]
pub(crate) struct Report {
    /// The serial number of the trade.
    #[arg(long, value_name = "B")]
    pub(crate) business_no: Option<String>,
    /// The payment code of the customer.
    #[arg(long, value_name = "Q")]
    pub(crate) qr_code: Option<String>,
    #[command(flatten)]
    pub(crate) paid: Paid,
    /// How long the trade took. With a business number it is needed.
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) seconds: Option<u32>,
    /// How the trade ended.
    #[arg(long, value_enum)]
    pub(crate) outcome: Outcome,
    /// When, in Unix seconds.
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) timestamp: i64,
}

#[derive(Args)]
pub(crate) struct Usage {
    /// How many voice broadcasts there were.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) broadcasts: u32,
    /// How many codes were scanned.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) scans: u32,
}

#[derive(Args)]
pub(crate) struct Run {
    /// The file, or `-` for standard input, which is read a line at a time.
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// Print what the module says by itself as well, where it came among the answers. What comes
    /// while the next line is waited for is printed when that line is there.
    #[arg(long)]
    pub(crate) urcs: bool,
}

/// A line of commands, whose words are those of the list.
#[derive(Parser)]
#[command(name = "", no_binary_name = true, disable_help_flag = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Words<S: Subcommand> {
    #[command(subcommand)]
    pub(crate) step: S,
}

/// What a line of a `run` file can be.
#[derive(Subcommand)]
pub(crate) enum Step {
    /// Let time pass.
    Sleep {
        /// How many seconds.
        #[arg(value_parser = seconds, allow_negative_numbers = true)]
        time: Duration,
    },
    #[command(flatten)]
    Command(Command),
}

impl Command {
    /// Whether it goes to a module.
    pub(crate) fn needs_port(&self) -> bool {
        match self {
            Self::Ports | Self::Campus(_) | Self::Manual { .. } | Self::Replay { .. } => false,
            Self::Outbox(outbox) => matches!(outbox, Outbox::Drain(_)),
            _ => true,
        }
    }

    /// The command's name, as it is written.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ports => "ports",
            Self::Info => "info",
            Self::Signal => "signal",
            Self::BringUp(_) => "bring-up",
            Self::Config(Config::Show) => "config show",
            Self::Config(Config::Set(_)) => "config set",
            Self::Open => "open",
            Self::ProductInfo(_) => "product-info",
            Self::DeviceId => "device-id",
            Self::Sign(_) => "sign",
            Self::Report(_) => "report",
            Self::Queue => "queue",
            Self::Usage(_) => "usage",
            Self::Shut => "shut",
            Self::Raw { .. } => "raw",
            Self::Campus(campus::Campus::Probe(_)) => "campus probe",
            Self::Outbox(outbox) => outbox.name(),
            Self::Doctor(_) => "doctor",
            Self::Monitor => "monitor",
            Self::Replay { .. } => "replay",
            Self::Run(_) => "run",
            Self::Session(_) => "session",
            Self::Manual { .. } => "manual",
        }
    }
}

/// The options that only count where there is a module.
const CONNECTION: [&str; 7] =
    ["port", "baud", "profile", "line_limit", "timeout", "earlier", "record"];
