//! What people should do about an outcome.

use super::outcome::{Open, OpenBecause, Outcome};
use crate::advice::{self, Language};
use crate::gateway::alipay::{Call, Meaning, Pay, Remedy};
use crate::gateway::journal::{NotPaidBy, Said};

/// What the cashier and the technician should do about an outcome.
///
/// The identifier is for programs; the sentences are there in each [`Language`].
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
        self.sentences().id()
    }

    /// A sentence for the cashier.
    #[must_use]
    pub const fn cashier(self, language: Language) -> &'static str {
        self.sentences().cashier(language)
    }

    /// A sentence for the technician.
    #[must_use]
    pub const fn technician(self, language: Language) -> &'static str {
        self.sentences().technician(language)
    }

    /// As what the errors of this crate have.
    #[must_use]
    pub const fn sentences(self) -> advice::Advice {
        match self {
            Self::GiveGoods => advice::alipay::GIVE_GOODS,
            Self::PayAgain => advice::alipay::PAY_AGAIN,
            Self::OtherMeans => advice::alipay::OTHER_MEANS,
            Self::CallTechnician => advice::alipay::CALL_TECHNICIAN,
            Self::CheckNetwork => advice::alipay::CHECK_NETWORK,
            Self::CheckJournal => advice::alipay::CHECK_JOURNAL,
            Self::GivenBack => advice::alipay::GIVEN_BACK,
            Self::Wait => advice::alipay::WAIT,
            Self::WaitCancelling => advice::alipay::WAIT_CANCELLING,
            Self::NumberTaken => advice::alipay::NUMBER_TAKEN,
            Self::AskElsewhere => advice::alipay::ASK_ELSEWHERE,
            Self::AskAlipay => advice::alipay::ASK_ALIPAY,
        }
    }
}

/// Whether a refusal of the request to pay is the merchant's or the program's, not the customer's.
fn is_the_merchants(said: &Said) -> bool {
    let meaning = Meaning::of(Pay::METHOD, said.code, said.sub_code.as_ref());
    matches!(meaning.remedy, Remedy::Merchant | Remedy::Program)
}
