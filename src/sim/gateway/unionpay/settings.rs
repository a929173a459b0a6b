//! What a simulated UnionPay is like.

use std::fmt;
use std::time::Duration;

use super::form::AnswerForm;
use super::user::UnionPayUser;
use crate::sim::gateway::Fen;

/// What a simulated UnionPay is like, and the one app that it knows.
///
/// Where the document leaves something open or contradicts itself, a setting says how this platform
/// does it, so that a client can be tried against each.
#[derive(Clone)]
pub struct UnionPaySettings {
    /// How long the user's token lives: 3,600 s (4.3).
    pub access_token_for: Duration,
    /// The activity that can be drawn from.
    pub activity_number: String,
    /// The app, as UnionPay calls it.
    pub app_id: String,
    /// What a draw gives.
    pub award: Prize,
    /// How long an app is banned that asks too often: 24 hours (7.8 no. 29).
    pub ban_for: Duration,
    /// The wall clock at the first call, in Unix seconds.
    pub clock: u64,
    /// How long an authorisation code lives: 5 minutes (7.8 no. 6).
    pub code_for: Duration,
    /// The hosts that pages may redirect to, messages may lead to, and notifications are sent to
    /// (3.1).
    pub domains: Vec<String>,
    /// Whether a new backend token ends the one before (7.8 no. 14).
    pub evicts: bool,
    /// In which form answers come.
    pub form: AnswerForm,
    /// The institution's account, from which red packets are paid: `T00` and its code (7.10).
    pub ins_acct_id: String,
    /// How much is in that account.
    pub ins_balance: Fen,
    /// Whether a notification's empty fields are signed: the code of 7.5 leaves them out, note 4 of
    /// 5.8.1 does not.
    pub notices_sign_empties: bool,
    /// How verifyPwdSeqId is signed: 2.4.1 says SHA-256, the sample is RSA.
    pub password_by_rsa: bool,
    /// How many requests a minute are taken: 1,000 (7.8 no. 29).
    pub per_minute: usize,
    /// The contract templates.
    pub plan_ids: Vec<String>,
    /// The pool of chances to draw.
    pub qual_num: String,
    /// The app's secret (3.2).
    pub secret: String,
    /// The symmetric key: 48 or 32 hexadecimal digits (3.2).
    pub symmetric_key: String,
    /// The tax refunds that are known, by their numbers.
    pub tax_refunds: Vec<TaxRefund>,
    /// How far the timestamp of a request may be off: 5 minutes (7.8 no. 3).
    pub timestamp_within: Duration,
    /// How long a backend and a front token live: 7,200 s (5.1.1, 5.1.2).
    pub token_for: Duration,
    /// Whether a red packet with a number that was used gives nothing and answers as before. If not,
    /// it is given again: that the number is unique is said of draws only. Not specified.
    pub trans_number_is_once: bool,
    /// `trid` of released contracts, "for special scenes" (5.4.3). It may be empty.
    pub trid: String,
    /// The users.
    pub users: Vec<UnionPayUser>,
}

/// What a draw gives (5.8.5).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Prize {
    /// A coupon of the mall with this number and this name.
    Coupon(String, String),
    /// Nothing: the budget is used up, and AM03051 is answered (7.10 note 2).
    Empty,
    /// A red packet.
    RedPacket(Fen),
}

/// A tax refund and the card that it goes to (5.6.1).
#[derive(Clone)]
pub struct TaxRefund {
    /// Its number.
    pub refund_no: String,
    /// The number of the card.
    pub card_no: String,
    /// Of which type it is: 1 debit, 2 credit, 3 in between, 4 both.
    pub card_type: u8,
}

impl Default for UnionPaySettings {
    fn default() -> Self {
        let text = String::from;
        Self {
            access_token_for: Duration::from_secs(3600),
            activity_number: text("1320190910000374"),
            app_id: text("fb707efe000000000000000c3a9e06d8"),
            award: Prize::RedPacket(Fen(188)),
            ban_for: Duration::from_secs(24 * 3600),
            // 2026-11-29 21:00:00 in Beijing.
            clock: 1_795_957_200,
            code_for: Duration::from_secs(300),
            domains: vec![text("shop.example")],
            evicts: true,
            form: AnswerForm::Tables,
            ins_acct_id: text("T00T00000000888527"),
            ins_balance: Fen(100_000),
            notices_sign_empties: false,
            password_by_rsa: true,
            per_minute: 1000,
            plan_ids: vec![text("9ca088374a8141ff95dca35a12d73240")],
            qual_num: text("681ee844-40de-0376-1257-3ace7bc3a7c2"),
            secret: text("simulated-secret"),
            symmetric_key: text("0123456789abcdeffedcba98765432100011223344556677"),
            tax_refunds: vec![TaxRefund {
                refund_no: text("1232144356436"),
                card_no: text("6200000000000000"),
                card_type: 1,
            }],
            timestamp_within: Duration::from_secs(300),
            token_for: Duration::from_secs(7200),
            trans_number_is_once: false,
            trid: text("62000000001"),
            users: vec![UnionPayUser::sample(1), UnionPayUser::sample(2)],
        }
    }
}

/// Without keys and persons.
impl fmt::Debug for UnionPaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnionPaySettings")
            .field("app_id", &self.app_id)
            .field("clock", &self.clock)
            .field("evicts", &self.evicts)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// Without the card.
impl fmt::Debug for TaxRefund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxRefund({})", self.refund_no)
    }
}
