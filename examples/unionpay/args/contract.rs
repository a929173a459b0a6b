//! The options about contracts.

use clap::Args;

use super::{Given, OfUser};

#[derive(Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) user: OfUser,
    /// The contract's template.
    #[arg(long, value_name = "ID")]
    pub(crate) plan_id: Given,
    /// The app's number of the contract.
    #[arg(long, value_name = "N")]
    pub(crate) contract_code: Given,
}

#[derive(Args)]
pub(crate) struct Relieve {
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
    /// UnionPay's number of the contract.
    #[arg(long, value_name = "ID")]
    pub(crate) contract_id: Given,
    /// The contract's template.
    #[arg(long, value_name = "ID")]
    pub(crate) plan_id: Given,
    /// The app's number of the contract.
    #[arg(long, value_name = "N")]
    pub(crate) contract_code: Given,
}

#[derive(Args)]
pub(crate) struct Info {
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
    /// The contract's template.
    #[arg(long, value_name = "ID")]
    pub(crate) plan_id: Given,
}
