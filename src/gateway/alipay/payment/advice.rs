//! What people should do about an outcome.

use super::outcome::{Open, OpenBecause, Outcome};
use crate::gateway::alipay::{Call, Meaning, Pay, Remedy};
use crate::gateway::journal::{NotPaidBy, Said};

/// What the cashier and the technician should do about an outcome.
///
/// The identifier is for programs and for translations; the sentences are English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Give the goods.
    GiveGoods,
    /// Not paid in time: another sale with another code.
    PayAgain,
    /// Refused by Alipay for what the customer can change: another code, another means.
    OtherMeans,
    /// Refused because of the merchant's contract, settings or request.
    CallTechnician,
    /// Nothing was sent: the network.
    CheckNetwork,
    /// Nothing was sent: the journal.
    CheckJournal,
    /// The money was given back.
    GivenBack,
    /// Not known yet: do not take the money a second time.
    Wait,
    /// Not known yet, and being cancelled: what was paid comes back.
    WaitCancelling,
    /// The number belongs to somebody else's trade.
    NumberTaken,
    /// Another program works on it.
    AskElsewhere,
    /// Nothing asks for it any more.
    AskAlipay,
}

impl Advice {
    /// The advice for an outcome.
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Paid(_) => Self::GiveGoods,
            Outcome::NotPaid(not_paid) => match &not_paid.proof {
                NotPaidBy::NotWritten => Self::CheckJournal,
                NotPaidBy::NotSent => Self::CheckNetwork,
                NotPaidBy::Refused(said) if is_the_merchants(said) => Self::CallTechnician,
                NotPaidBy::Refused(_) => Self::OtherMeans,
                NotPaidBy::Refunded => Self::GivenBack,
                _ => Self::PayAgain,
            },
            Outcome::Unknown(open) => Self::of_open(open),
        }
    }

    fn of_open(open: &Open) -> Self {
        match open.reason {
            OpenBecause::OtherAmount => Self::NumberTaken,
            OpenBecause::Elsewhere => Self::AskElsewhere,
            OpenBecause::GivenUp => Self::AskAlipay,
            OpenBecause::Journal => Self::CheckJournal,
            OpenBecause::NoProof if open.cancelling => Self::WaitCancelling,
            OpenBecause::NoProof | OpenBecause::Offered => Self::Wait,
        }
    }

    /// Its identifier. It stays the same from version to version.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.texts().0
    }

    /// A sentence for the cashier.
    #[must_use]
    pub const fn cashier(self) -> &'static str {
        self.texts().1
    }

    /// A sentence for the technician.
    #[must_use]
    pub const fn technician(self) -> &'static str {
        self.texts().2
    }

    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::GiveGoods => (
                "give-goods",
                "Paid. Give the goods.",
                "Alipay's verified answer has this order's number and amount.",
            ),
            Self::PayAgain => (
                "pay-again",
                "Not paid. To pay, show a new code.",
                "The trade is closed at Alipay. Use a new out_trade_no for the next attempt.",
            ),
            Self::OtherMeans => (
                "other-means",
                "Not paid: Alipay refused. Ask for a new code or another means of payment.",
                "The sub_code says why. Use a new out_trade_no for the next attempt.",
            ),
            Self::CallTechnician => (
                "call-technician",
                "Not paid: Alipay does not accept this till. Take cash and call the technician.",
                "Alipay refused the request itself: see code and sub_code. Check the app's \
                 contract, its keys, the store_id and the parameters.",
            ),
            Self::CheckNetwork => (
                "check-network",
                "Not paid: there is no connection. Try again, or take cash.",
                "No byte of the request was sent. Check the network, the name server, the \
                 gateway's address and the clock (a certificate may not be valid yet).",
            ),
            Self::CheckJournal => (
                "check-journal",
                "Do not give the goods: the till cannot write. Call the technician.",
                "The journal could not be written. Check its disk for room and for damage, then \
                 have open orders settled.",
            ),
            Self::GivenBack => (
                "given-back",
                "Not paid: the money was given back to the customer.",
                "A cancel found the trade paid and refunded it.",
            ),
            Self::Wait => (
                "wait",
                "Not known yet. Do not give the goods, and do not take the money again.",
                "No verified answer proved an outcome. The order is open in the journal and is \
                 asked for again; see its evidence for the last code.",
            ),
            Self::WaitCancelling => (
                "wait-cancelling",
                "Not known yet. Do not give the goods: what was paid is being given back.",
                "A cancel was sent and not confirmed. The order is open in the journal and is \
                 cancelled again.",
            ),
            Self::NumberTaken => (
                "number-taken",
                "Do not give the goods. Call the technician.",
                "Alipay has a trade of this out_trade_no with another amount, so it is not this \
                 order's. It was not cancelled. Find out who uses the same numbers.",
            ),
            Self::AskElsewhere => (
                "ask-elsewhere",
                "Another till works on this order. Ask there.",
                "Another program changed the order in the journal. See its owner.",
            ),
            Self::AskAlipay => (
                "ask-alipay",
                "Not known. Ask the merchant's office before you take the money again.",
                "A person gave this order up. Look for it in the merchant's Alipay account.",
            ),
        }
    }
}

/// Whether a refusal of the request to pay is the merchant's or the program's, not the customer's.
fn is_the_merchants(said: &Said) -> bool {
    let meaning = Meaning::of(Pay::METHOD, said.code, said.sub_code.as_ref());
    matches!(meaning.remedy, Remedy::Merchant | Remedy::Program)
}
