//! The options about a user.

use std::net::IpAddr;

use clap::Args;

use super::Given;

#[derive(Args)]
pub(crate) struct Login {
    /// The code with which the user came back from the page.
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub(crate) code: Given,
}

/// A user who has agreed.
#[derive(Args)]
pub(crate) struct OfUser {
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
    /// The user's token.
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) access_token: Given,
}

#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) user: OfUser,
    /// Where the user's device is.
    #[arg(long, value_name = "IP")]
    pub(crate) client_ip: Option<IpAddr>,
    /// The app's number of this question.
    #[arg(long, value_name = "N")]
    pub(crate) biz_order_id: Given,
    /// What it is about, as UnionPay says, such as 4a.
    #[arg(long, value_name = "T")]
    pub(crate) biz_type: Given,
    /// The merchant.
    #[arg(long, value_name = "N")]
    pub(crate) merchant_id: Given,
    /// Where UnionPay says what came of it.
    #[arg(long, value_name = "URL")]
    pub(crate) notify_url: Given,
}
