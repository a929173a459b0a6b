//! The options that all commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use m26_pay::advice::Language;
use m26_pay::gateway::alipay::payment::Policy;
use m26_pay::gateway::alipay::{AppId, GatewayUrl};
use m26_pay::gateway::{Charset, Deadlines};

use crate::day::{at_most_a_day, wait};
use crate::{place, seconds};

#[derive(Args)]
#[command(next_help_heading = "Gateway, journal and output")]
pub(crate) struct Options {
    /// The gateway's address, or `sim` for a simulated one.
    #[arg(long, value_name = "URL|sim", global = true)]
    pub(crate) gateway: Option<Where>,
    /// The application.
    #[arg(long, value_name = "N", global = true)]
    pub(crate) app_id: Option<AppId>,
    /// The application's private key: it signs the requests.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) key: Option<PathBuf>,
    /// Alipay's public key: it verifies the answers.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) alipay_key: Option<PathBuf>,
    /// The application's certificate (应用公钥证书): with the two others it takes the place of
    /// --alipay-key.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) app_cert: Option<PathBuf>,
    /// Alipay's certificate (支付宝公钥证书), with those between it and the root.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) alipay_cert: Option<PathBuf>,
    /// Alipay's root certificates (支付宝根证书).
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) root_cert: Option<PathBuf>,
    /// In which charset requests are written; Alipay answers in it.
    #[arg(long, value_enum, ignore_case = true, global = true, default_value = "utf-8")]
    charset: Encoding,
    /// Where orders are kept: a file, or a PostgreSQL server that hosts share, its password in
    /// PGPASSWORD; `memory` forgets them when this program ends.
    #[arg(long, value_name = "FILE|postgres://U@H/D|memory", global = true)]
    pub(crate) journal: Option<PathBuf>,
    /// The certificate authorities of that server, in PEM. Without it Mozilla's are believed.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) journal_ca: Option<PathBuf>,
    /// The name of this program in a journal that it shares: it gets back at once what it had under
    /// it, so no two programs that run at the same time have the same one. By default the host's name
    /// and the number of the process.
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) holder: Option<String>,
    /// How long until there is a connection.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "3")]
    connect_timeout: Duration,
    /// How long from there until the answer is here.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "10")]
    answer_timeout: Duration,
    /// The wait between two queries.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "5")]
    poll_every: Duration,
    /// How long a customer may take to pay.
    #[arg(long, value_name = "S", global = true, value_parser = limit, default_value = "30")]
    poll_for: Duration,
    /// How long an order of which nothing is known is asked for before it is cancelled.
    #[arg(long, value_name = "S", global = true, value_parser = limit, default_value = "60")]
    unknown_for: Duration,
    /// How long the same pay may be sent again where Alipay does not have the trade.
    #[arg(long, value_name = "S", global = true, value_parser = limit, default_value = "30")]
    pay_again_for: Duration,
    /// The wait between two cancels.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "2")]
    cancel_every: Duration,
    /// How long after the first cancel another one may be sent.
    #[arg(long, value_name = "S", global = true, value_parser = limit, default_value = "8")]
    cancel_for: Duration,
    /// Print one JSON object for each command and nothing else on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh", global = true)]
    pub(crate) lang: Option<Language>,
}

impl Options {
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.gateway, Some(Where::Simulated))
    }

    pub(crate) fn charset(&self) -> Charset {
        match self.charset {
            Encoding::Gbk => Charset::Gbk,
            Encoding::Utf8 => Charset::Utf8,
        }
    }

    pub(crate) fn deadlines(&self) -> Deadlines {
        Deadlines::new(self.connect_timeout, self.answer_timeout)
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy {
            poll_every: self.poll_every,
            poll_for: self.poll_for,
            unknown_for: self.unknown_for,
            pay_again_for: self.pay_again_for,
            cancel_every: self.cancel_every,
            cancel_for: self.cancel_for,
            answer_within: self.connect_timeout + self.answer_timeout,
        }
    }
}

/// The charsets of requests.
#[derive(Clone, Copy, ValueEnum)]
enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    Gbk,
}

/// Which gateway.
pub(crate) type Where = place::Place<GatewayUrl>;

/// A limit, which may be at once.
fn limit(text: &str) -> Result<Duration, String> {
    at_most_a_day(seconds::seconds(text)?)
}
