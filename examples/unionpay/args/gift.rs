//! The options about messages, cards, red packets and draws.

use clap::{Args, ValueEnum};

use super::Given;

#[derive(Args)]
pub(crate) struct Push {
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
    /// What the user reads: up to 140 characters, of which a Chinese one counts two.
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) content: Given,
    /// Where it leads, in one of the app's domains.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Given,
}

#[derive(Args)]
pub(crate) struct Card {
    /// What is done: 01 add, 02 update, 03 delete.
    #[arg(long, value_enum)]
    pub(crate) trans_tp: TransTp,
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
    /// The card's template.
    #[arg(long, value_name = "ID")]
    pub(crate) card_module_id: Given,
    /// The card's number.
    #[arg(long, value_name = "N")]
    pub(crate) buss_card_no: Given,
    /// The card's kind.
    #[arg(long, value_name = "T")]
    pub(crate) card_sub_tp: Given,
    /// Where it was issued, by UnionPay's codes.
    #[arg(long, value_name = "N")]
    pub(crate) region: Option<Given>,
    /// The social security's platform.
    #[arg(long, value_name = "N")]
    pub(crate) channel_no: Option<Given>,
    /// The holder's name.
    #[arg(long, value_name = "T")]
    pub(crate) name: Option<Given>,
    /// The holder's identity card.
    #[arg(long, value_name = "N")]
    pub(crate) cert_id: Option<Given>,
    /// The holder's phone number.
    #[arg(long, value_name = "N")]
    pub(crate) mobile_no: Option<Given>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TransTp {
    #[value(name = "01")]
    Add,
    #[value(name = "02")]
    Update,
    #[value(name = "03")]
    Delete,
}

/// Somebody gets a red packet: at least one of the three says who.
#[derive(Args)]
pub(crate) struct Give {
    /// The account: T00 and the institution's code.
    #[arg(long, value_name = "ID")]
    pub(crate) ins_acct_id: Given,
    /// The app's number of this gift: the same one asks for the same gift again.
    #[arg(long, value_name = "N")]
    pub(crate) trans_number: Given,
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Option<Given>,
    /// The user's phone number.
    #[arg(long, value_name = "N")]
    pub(crate) mobile: Option<Given>,
    /// A card in the user's name.
    #[arg(long, value_name = "N")]
    pub(crate) pan: Option<Given>,
    /// How much, in fen.
    #[arg(long, value_name = "FEN")]
    pub(crate) point_at: Given,
    /// A note.
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) remark: Option<Given>,
}

/// By what a user is known in draws.
#[derive(Args)]
pub(crate) struct Qualified {
    /// The pool of chances.
    #[arg(long, value_name = "N")]
    pub(crate) qual_num: Given,
    /// By what the user is known.
    #[arg(long, value_enum)]
    pub(crate) qual_type: QualType,
    /// The user, by that.
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    pub(crate) qual_value: Given,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum QualType {
    CardNo,
    Mobile,
    OpenId,
}

#[derive(Args)]
pub(crate) struct Select {
    #[command(flatten)]
    pub(crate) user: Qualified,
}

#[derive(Args)]
pub(crate) struct Send {
    #[command(flatten)]
    pub(crate) user: Qualified,
    /// How many chances.
    #[arg(long, value_name = "N")]
    pub(crate) count: Given,
    /// The app's number of this gift, never used twice.
    #[arg(long, value_name = "N")]
    pub(crate) trans_number: Given,
    /// The first day, yyyyMMdd.
    #[arg(long, value_name = "DAY")]
    pub(crate) start_date: Given,
    /// The last day, yyyyMMdd.
    #[arg(long, value_name = "DAY")]
    pub(crate) end_date: Given,
}

#[derive(Args)]
pub(crate) struct Reduce {
    #[command(flatten)]
    pub(crate) user: Qualified,
    /// The activity.
    #[arg(long, value_name = "N")]
    pub(crate) activity_number: Given,
    /// The amount of the order that the draw is for. The document does not say in which unit.
    #[arg(long, value_name = "N")]
    pub(crate) order_amount: Option<Given>,
    /// The user's identity card.
    #[arg(long, value_name = "N")]
    pub(crate) cert_id: Option<Given>,
    /// The device.
    #[arg(long, value_name = "T")]
    pub(crate) ic_terminal: Option<Given>,
    /// The code of the red packet.
    #[arg(long, value_name = "C")]
    pub(crate) qr_code: Option<Given>,
    /// The app's number of this draw, never used twice.
    #[arg(long, value_name = "N")]
    pub(crate) trans_number: Given,
}
