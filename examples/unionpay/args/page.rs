//! The options about pages and notifications.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Given;

#[derive(Args)]
pub(crate) struct Config {
    /// The page's own address.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Given,
    /// A front token that is there already; else one is fetched.
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) front_token: Option<Given>,
    /// 16 letters and digits; else random ones.
    #[arg(long, value_name = "N")]
    pub(crate) nonce: Option<Given>,
    /// Seconds after 1970; else now.
    #[arg(long, value_name = "S")]
    pub(crate) timestamp: Option<u32>,
}

/// Which page, and where it sends the user back to.
#[derive(Args)]
pub(crate) struct Page {
    #[arg(value_enum, value_name = "PAGE")]
    pub(crate) page: PageName,
    /// Where the user is sent back to: https, in the domain that UnionPay knows.
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_uri: Given,
    /// What the user is asked for, such as upapi_base.
    #[arg(long, value_name = "S")]
    pub(crate) scope: Given,
    /// What the user brings back: up to 128 letters and digits.
    #[arg(long, value_name = "S")]
    pub(crate) state: Option<Given>,
    /// The contract's template, for no-pwd.
    #[arg(long, value_name = "ID")]
    pub(crate) plan_id: Option<Given>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageName {
    /// In UnionPay's app.
    Oauth,
    /// Outside of it.
    OutLogin,
    /// A contract for payments without a password.
    NoPwd,
}

#[derive(Args)]
pub(crate) struct Returned {
    /// What the user has to bring back.
    #[arg(long, value_name = "S")]
    pub(crate) state: Given,
    /// The query of the address that the user came back to; `-` is standard input.
    #[arg(value_name = "QUERY|-", allow_hyphen_values = true)]
    pub(crate) query: Given,
}

/// Which notification.
#[derive(Subcommand)]
pub(crate) enum Event {
    /// 5.2.3: a user takes the authorisation back.
    AuthorisationRemoved(Received),
    /// 5.3.2: a user has typed the payment password.
    PasswordVerified(Received),
    /// 5.4.3: a user has released a contract.
    ContractReleased(Received),
}

/// How it came.
#[derive(Args)]
pub(crate) struct Received {
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) method: Method,
    /// The header `Content-Type` of a POST.
    #[arg(long, value_name = "T")]
    pub(crate) content_type: Option<String>,
    /// The raw query of a GET, or the body of a POST; `-` is standard input.
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    #[value(name = "GET")]
    Get,
    #[value(name = "POST")]
    Post,
}
