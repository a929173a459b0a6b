//! UnionPay's half: tokens, users, contracts, red packets and draws.
//!
//! [`UnionPay`] answers a call at once and truly, and keeps the truth about what it has given away.
//! [`UnionPayGateway`] has it behind HTTP, and loses, delays and disguises what is said: that is where a
//! client's trouble comes from. [`UnionPay::visit`] is a user at one of the pages, and
//! [`SignedNotice`]s are what UnionPay tells an app by itself.
//!
//! ```
//! use m26_pay::sim::gateway::Signing;
//! use m26_pay::sim::gateway::unionpay::{CallFields, CallName, UnionPay, UnionPaySettings};
//! # use std::time::Instant;
//! # #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
//! # fn epoch() -> Instant { Instant::now() }
//!
//! let mut unionpay = UnionPay::new(UnionPaySettings::default(), Signing::StandIn, 0)?;
//! let unsigned = CallFields::from_iter([("appId", "fb707efe000000000000000c3a9e06d8")]);
//! let reply = unionpay.call(epoch(), CallName::BackendToken, &unsigned);
//! assert_eq!(reply.resp(), "N62107");
//! # Ok::<(), m26_pay::sim::gateway::unionpay::BadSymmetricKey>(())
//! ```

mod call_name;
mod card;
mod code;
mod contract;
mod door;
mod draw;
mod fault;
mod fields;
mod form;
mod gateway;
mod limit;
mod login;
mod message;
mod notice;
mod page;
mod password;
mod red_packet;
mod reply;
mod settings;
mod table;
mod tax;
mod tdes;
mod token;
mod truth;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use data_encoding::BASE64;
use fastrand::Rng;

use super::clock::Clock;
use super::{Signing, beijing};
use card::CardKey;
use code::Code;
use contract::Contract;
use fields::Given;
use limit::Limit;
use password::Question;
use reply::Params;
use tdes::SymmetricKey;
use token::Tokens;
use user::Consents;

pub use call_name::{CallName, UnknownCallName};
pub use fault::{PlannedFault, UnionPayFault, UnionPayFaultError};
pub use fields::CallFields;
pub use form::AnswerForm;
pub use gateway::UnionPayGateway;
pub use notice::SignedNotice;
pub use page::{PageVisitor, VisitError};
pub use reply::UnionPayReply;
pub use settings::{Prize, TaxRefund, UnionPaySettings};
pub use truth::UnionPayTruth;
pub use user::UnionPayUser;

/// A simulated UnionPay, with one app.
///
/// Calls are answered at once. The first `now` it sees is the moment it starts; `now` that goes back
/// counts as no time at all.
#[derive(Debug)]
pub struct UnionPay {
    settings: UnionPaySettings,
    signing: Signing,
    symmetric_key: SymmetricKey,
    rng: Rng,
    clock: Clock,
    limit: Limit,
    backend_tokens: Tokens,
    front_tokens: Tokens,
    /// By authorisation code, and by the user's token.
    codes: Consents,
    accesses: Consents,
    contracts: Vec<Contract>,
    questions: Vec<Question>,
    cards: BTreeSet<CardKey>,
    /// How often who may draw, by the end of the time and its beginning.
    chances: BTreeMap<draw::Holder, BTreeMap<draw::Span, u64>>,
    /// The transaction numbers that were used, by call.
    numbers: BTreeSet<(CallName, String)>,
    truth: UnionPayTruth,
}

impl UnionPay {
    /// A platform that knows its app and its users, and has given nothing yet. `signing` holds
    /// UnionPay's private key, and the partner's public one. The same seed and the same calls give
    /// the same answers.
    ///
    /// # Errors
    ///
    /// If the settings' symmetric key is none.
    pub fn new(
        settings: UnionPaySettings,
        signing: Signing,
        seed: u64,
    ) -> Result<Self, BadSymmetricKey> {
        let symmetric_key = SymmetricKey::read(&settings.symmetric_key).ok_or(BadSymmetricKey)?;
        Ok(Self {
            settings,
            signing,
            symmetric_key,
            rng: Rng::with_seed(seed),
            clock: Clock::default(),
            limit: Limit::default(),
            backend_tokens: Tokens::default(),
            front_tokens: Tokens::default(),
            codes: Consents::default(),
            accesses: Consents::default(),
            contracts: Vec::new(),
            questions: Vec::new(),
            cards: BTreeSet::new(),
            chances: BTreeMap::new(),
            numbers: BTreeSet::new(),
            truth: UnionPayTruth::default(),
        })
    }

    /// What it is like.
    pub fn settings(&self) -> &UnionPaySettings {
        &self.settings
    }

    /// The same, to change it: that holds for what comes after it. Keys stay as they were.
    pub fn settings_mut(&mut self) -> &mut UnionPaySettings {
        &mut self.settings
    }

    /// What is true, whoever was told what.
    pub fn truth(&self) -> UnionPayTruth {
        let in_force = self.contracts.iter().filter(|contract| contract.released.is_none()).count();
        UnionPayTruth {
            backend_tokens: self.backend_tokens.given,
            front_tokens: self.front_tokens.given,
            cards: self.cards.len(),
            contracts: in_force,
            chances: self.chances.values().flat_map(BTreeMap::values).sum(),
            ..self.truth
        }
    }

    /// Whether a front token can be used at a page now.
    pub fn is_front_token(&mut self, now: Instant, token: &str) -> bool {
        let now = self.advance(now);
        self.front_tokens.is_good(now, token)
    }

    /// Answers a call.
    pub fn call(&mut self, now: Instant, call: CallName, fields: &CallFields) -> UnionPayReply {
        let now = self.advance(now);
        let answered = self.check(now, call, fields).and_then(|given| {
            let answer = match call {
                CallName::BackendToken => Self::backend_token,
                CallName::ContractApply => Self::contract_apply,
                CallName::ContractInfo => Self::contract_info,
                CallName::ContractRelieve => Self::contract_relieve,
                CallName::ContractStatus => Self::contract_status,
                CallName::FrontToken => Self::front_token,
                CallName::NewMsgPush => Self::push,
                CallName::PutIndustryCard => Self::put_card,
                CallName::QualReduce => Self::draw,
                CallName::QualSelect => Self::chances,
                CallName::QualSend => Self::give_chances,
                CallName::RedPacketGive => Self::give_packet,
                CallName::RedPacketSelect => Self::packet_account,
                CallName::ReturnTax => Self::return_tax,
                CallName::Token => Self::token,
                CallName::UserAuth => Self::user_auth,
                CallName::UserMobile => Self::user_mobile,
                CallName::VerifyPwdSeqId => Self::ask_password,
            };
            answer(self, now, &given)
        });
        UnionPayReply::new(call, answered)
    }

    /// A backend token of somebody else who has the app's secret: it ends the one before, if the
    /// settings say so.
    pub fn take_over(&mut self, now: Instant) -> String {
        let now = self.advance(now);
        self.new_backend_token(now)
    }

    fn backend_token(&mut self, now: Instant, _: &Given) -> Answer {
        let token = self.new_backend_token(now);
        let lives = self.settings.token_for.as_secs();
        Ok(reply::params([("backendToken", token.into()), ("expiresIn", lives.into())]))
    }

    fn new_backend_token(&mut self, now: Instant) -> String {
        let token = self.ticket(16);
        let until = now + self.settings.token_for;
        self.backend_tokens.give(now, token.clone(), until, self.settings.evicts);
        token
    }

    /// Not specified; chosen: a new front token ends no other one, or each visitor of a page would
    /// end the page of the one before.
    fn front_token(&mut self, now: Instant, _: &Given) -> Answer {
        let token = self.ticket(16);
        let lives = self.settings.token_for;
        self.front_tokens.give(now, token.clone(), now + lives, false);
        Ok(reply::params([("expiresIn", lives.as_secs().into()), ("frontToken", token.into())]))
    }

    fn advance(&mut self, now: Instant) -> Instant {
        self.clock.advance(now)
    }

    /// The wall clock at a moment, in Unix seconds.
    fn unix(&self, at: Instant) -> u64 {
        self.clock.unix(self.settings.clock, at)
    }

    /// Now in Beijing, in 14 digits.
    fn beijing(&self, at: Instant) -> String {
        beijing::civil(self.unix(at)).strftime("%Y%m%d%H%M%S").to_string()
    }

    /// A new secret of so many bytes, in base64. It begins with `+/`: who mistakes these in an
    /// address is found out.
    fn ticket(&mut self, bytes: usize) -> String {
        let mut ticket = vec![0xfb, 0xf0];
        ticket.resize_with(bytes, || self.rng.u8(..));
        BASE64.encode(&ticket)
    }

    /// A number that was not used before at this call; nothing of it happens twice.
    fn is_new(&mut self, call: CallName, number: &str) -> bool {
        self.numbers.insert((call, number.into()))
    }

    fn user(&self, open_id: &str) -> Result<usize, Code> {
        let found = self.settings.users.iter().position(|user| user.open_id == open_id);
        found.ok_or(code::OPEN_ID)
    }
}

/// The text of the settings is no symmetric key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the symmetric key is not 48 or 32 hexadecimal digits")]
pub struct BadSymmetricKey;

/// What a call comes to.
type Answer = Result<Params, Code>;
