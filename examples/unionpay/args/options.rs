//! The options that all commands share.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use m26_pay::advice::Language;
use m26_pay::gateway::Deadlines;
use m26_pay::gateway::unionpay::{AppId, BaseUrl};

use super::Given;
use crate::day::wait;
use crate::place;

/// Which platform.
pub(crate) type Where = place::Place<BaseUrl>;

#[derive(Args)]
#[command(next_help_heading = "Platform, keys and output")]
pub(crate) struct Options {
    /// The platform's address up to a call's name, or `sim` for a simulated one.
    #[arg(long, value_name = "URL|sim", global = true)]
    pub(crate) base: Option<Where>,
    /// The app, as UnionPay calls it.
    #[arg(long, value_name = "N", global = true)]
    pub(crate) app_id: Option<AppId>,
    /// The app's secret; `-` is standard input.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) secret_file: Option<PathBuf>,
    /// The symmetric key, 32 or 48 hexadecimal digits; `-` is standard input.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) symmetric_key_file: Option<PathBuf>,
    /// The app's private key: it signs what gives something away.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) partner_key: Option<PathBuf>,
    /// UnionPay's public key: it verifies notifications.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) unionpay_key: Option<PathBuf>,
    /// Where backend tokens are kept: in this program, or on a Redis server for all who use the app.
    #[arg(long, value_name = "memory|redis://…", global = true, default_value = "memory")]
    pub(crate) tokens: Tokens,
    /// A backend token that is there already.
    #[arg(long, value_name = "T", global = true, allow_hyphen_values = true)]
    pub(crate) backend_token: Option<Given>,
    /// How long until there is a connection.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "3")]
    connect_timeout: Duration,
    /// How long from there until the answer is here.
    #[arg(long, value_name = "S", global = true, value_parser = wait, default_value = "10")]
    answer_timeout: Duration,
    /// The language of the advice: en or zh. Without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_name = "en|zh", global = true)]
    pub(crate) lang: Option<Language>,
    /// Print one JSON object for each command and nothing else on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Options {
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.base, Some(Where::Simulated))
    }

    pub(crate) fn deadlines(&self) -> Deadlines {
        Deadlines::new(self.connect_timeout, self.answer_timeout)
    }
}

/// Where backend tokens are kept.
#[derive(Clone)]
pub(crate) enum Tokens {
    Memory,
    /// At this address, which may have a password in it. It may also be `@FILE`.
    Redis(Given),
}

impl FromStr for Tokens {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_redis = ["redis://", "unix://", "redis+unix://", "@", "-"];
        match text {
            "memory" => Ok(Self::Memory),
            _ if is_redis.iter().any(|start| text.starts_with(start)) => {
                Given::from_str(text).map(Self::Redis).map_err(|never| match never {})
            }
            _ => Err("it is `memory`, redis://…, unix://…, or @FILE with such an address"),
        }
    }
}
