//! What can be written on the command line.

mod contract;
mod gift;
mod options;
mod page;
mod user;
mod value;

use clap::{Parser, Subcommand};

pub(crate) use contract::{Apply, Info, Relieve};
pub(crate) use gift::{Card, Give, Push, QualType, Qualified, Reduce, Select, Send, TransTp};
pub(crate) use options::{Options, Tokens, Where};
pub(crate) use page::{Config, Event, Method, Page, PageName, Received, Returned};
pub(crate) use user::{Login, OfUser, Verify};
pub(crate) use value::{Given, MaybeGiven, bytes};

/// Calls UnionPay's open platform, and reads what comes back from its pages and by itself.
#[derive(Parser)]
#[command(name = "unionpay", version, after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// 5.1.1: a token for the backend. A new one ends the one before, wherever that is used.
    BackendToken,
    /// 5.1.2: a token for pages.
    FrontToken,
    /// 4.3: who the user is that came back with this code.
    Token(Login),
    /// 5.2.1: the user's phone number.
    UserMobile(OfUser),
    /// 5.2.2: the user's name and certificate.
    UserAuth(OfUser),
    /// 5.3.1: ask the user for the payment password.
    VerifyPwdSeqId(Box<Verify>),
    /// 5.4.1: sign a contract for payments without a password.
    ContractApply(Apply),
    /// 5.4.2: release a contract.
    ContractRelieve(Relieve),
    /// 5.4.4: how many orders of the user are not finished.
    ContractStatus(Whose),
    /// 5.4.5: whether there is a contract.
    ContractInfo(Info),
    /// 5.5.1: send the user a message.
    NewMsgPush(Push),
    /// 5.6.1: the card that a tax refund goes to.
    ReturnTax(Refund),
    /// 5.7.1: add, update or delete an industry card.
    PutIndustryCard(Box<Card>),
    /// 5.8.1: give a red packet. What is accepted may yet give nothing (7.10 note 1).
    RedPacketGive(Box<Give>),
    /// 5.8.2: what is in the account for red packets.
    RedPacketSelect(Account),
    /// 5.8.3: the user's chances to draw.
    QualSelect(Select),
    /// 5.8.4: give chances to draw.
    QualSend(Send),
    /// 5.8.5: draw.
    QualReduce(Box<Reduce>),
    /// What a page gives to `upsdk.config` (7.1).
    Config(Config),
    /// The address of a page on which the user logs in or agrees to a contract (4.3).
    Page(Page),
    /// What a user comes back with from a page.
    Returned(Returned),
    /// Verify a notification, and say what to reply.
    #[command(subcommand, arg_required_else_help = false)]
    Callback(Event),
    /// Encrypt a text under the symmetric key (2.4.2).
    Encrypt(Text),
    /// Decrypt a text under the symmetric key (2.4.2).
    Decrypt(Text),
    /// A user's way from the login over the password to a contract, against `--base sim`.
    Story,
}

/// A user.
#[derive(clap::Args)]
pub(crate) struct Whose {
    /// The user.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) open_id: Given,
}

#[derive(clap::Args)]
pub(crate) struct Refund {
    /// The number of the tax refund.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) refund_no: Given,
}

#[derive(clap::Args)]
pub(crate) struct Account {
    /// The account: T00 and the institution's code.
    #[arg(long, value_name = "ID")]
    pub(crate) ins_acct_id: Given,
    /// The app's number of this question.
    #[arg(long, value_name = "N")]
    pub(crate) trans_number: Given,
}

#[derive(clap::Args)]
pub(crate) struct Text {
    /// The text; `-` is standard input.
    #[arg(value_name = "TEXT|-", allow_hyphen_values = true)]
    pub(crate) text: Given,
}

impl Command {
    /// The name that objects carry.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::BackendToken => "backend-token",
            Self::Callback(_) => "callback",
            Self::Config(_) => "config",
            Self::ContractApply(_) => "contract-apply",
            Self::ContractInfo(_) => "contract-info",
            Self::ContractRelieve(_) => "contract-relieve",
            Self::ContractStatus(_) => "contract-status",
            Self::Decrypt(_) => "decrypt",
            Self::Encrypt(_) => "encrypt",
            Self::FrontToken => "front-token",
            Self::NewMsgPush(_) => "new-msg-push",
            Self::Page(_) => "page",
            Self::PutIndustryCard(_) => "put-industry-card",
            Self::QualReduce(_) => "qual-reduce",
            Self::QualSelect(_) => "qual-select",
            Self::QualSend(_) => "qual-send",
            Self::RedPacketGive(_) => "red-packet-give",
            Self::RedPacketSelect(_) => "red-packet-select",
            Self::ReturnTax(_) => "return-tax",
            Self::Returned(_) => "returned",
            Self::Story => "story",
            Self::Token(_) => "token",
            Self::UserAuth(_) => "user-auth",
            Self::UserMobile(_) => "user-mobile",
            Self::VerifyPwdSeqId(_) => "verify-pwd-seq-id",
        }
    }
}

const HELP: &str = "\
Every value of an option or a command may be `-`, which reads it from standard input, or `@FILE`,
which reads it from a file: command lines are public. One of them can be `-`.

Exit status:
  0   done
  10  refused by the platform, or a callback that does not verify
  20  unknown: it may have been carried out or not
  1   failed before anything was sent
  2   wrong usage

--base is the address up to a call's name, https://open.95516.com/open/access/1.0. `sim` has a
simulated platform in this program, which begins without a contract each time. It needs no --app-id
and no keys, and knows one user, who has agreed to every scope: `upapi_mobile` is the code and the
access token for that scope, and so with the others.

A call by a backend token has one fetched, which ends the one before: where a service runs, share
its tokens by --tokens redis://HOST/ or --backend-token.";
