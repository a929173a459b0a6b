//! Payment without a password: contract.apply, .relieve, .status, .info.

use std::fmt;
use std::time::Instant;

use super::fields::Given;
use super::{Answer, SignedNotice, UnionPay, code, reply};

/// A contract that a user has agreed to.
pub(super) struct Contract {
    user: usize,
    plan_id: String,
    contract_code: String,
    contract_id: String,
    /// When it began, in Beijing.
    began: String,
    /// When it was released.
    pub(super) released: Option<String>,
}

impl UnionPay {
    /// 5.4.1. The same contract code answers the same contract again; a second contract of one user
    /// under one plan is refused. Both not specified.
    pub(super) fn contract_apply(&mut self, now: Instant, given: &Given) -> Answer {
        let consent = self.consent(now, given)?;
        if consent.scope != CONTRACT_SCOPE {
            return Err(code::NO_RIGHT);
        }
        let (plan_id, contract_code) = (given.get("planId"), given.get("contractCode"));
        if !self.settings.plan_ids.iter().any(|it| it == plan_id) {
            return Err(code::CONTRACT);
        }
        let found = self.contract(consent.user, plan_id);
        if let Some(found) = found {
            if found.contract_code != contract_code {
                return Err(code::CONTRACT);
            }
        } else {
            let contract = Contract {
                user: consent.user,
                plan_id: plan_id.into(),
                contract_code: contract_code.into(),
                contract_id: format!("62184000{:011}", self.contracts.len() + 1),
                began: self.beijing(now),
                released: None,
            };
            self.contracts.push(contract);
        }
        let contract = self.contract(consent.user, plan_id).ok_or(code::CONTRACT)?;
        Ok(reply::params([
            ("contractCode", contract_code.into()),
            ("contractId", contract.contract_id.as_str().into()),
            ("openId", given.get("openId").into()),
            ("operateTime", contract.began.as_str().into()),
            ("planId", plan_id.into()),
        ]))
    }

    /// 5.4.2. A contract that was released is not there any more; not specified.
    pub(super) fn contract_relieve(&mut self, now: Instant, given: &Given) -> Answer {
        let user = self.user(given.get("openId"))?;
        let at = self.beijing(now);
        let contract = self.contracts.iter_mut().find(|contract| {
            contract.user == user
                && contract.released.is_none()
                && contract.contract_id == given.get("contractId")
                && contract.plan_id == given.get("planId")
                && contract.contract_code == given.get("contractCode")
        });
        contract.ok_or(code::CONTRACT)?.released = Some(at.clone());
        Ok(reply::params([
            ("contractCode", given.get("contractCode").into()),
            ("openId", given.get("openId").into()),
            ("operateTime", at.into()),
            ("planId", given.get("planId").into()),
        ]))
    }

    /// 5.4.4.
    pub(super) fn contract_status(&mut self, _: Instant, given: &Given) -> Answer {
        let user = self.user(given.get("openId"))?;
        let unfinished = self.settings.users.get(user).map_or(0, |user| user.unfinished);
        Ok(reply::params([("enable", unfinished.into())]))
    }

    /// 5.4.5: empty as long as there was none, 1 while it is in force, 3 once it is released.
    pub(super) fn contract_info(&mut self, _: Instant, given: &Given) -> Answer {
        let user = self.user(given.get("openId"))?;
        let plan_id = given.get("planId");
        let of_both = |it: &&Contract| it.user == user && it.plan_id == plan_id;
        let latest = self.contracts.iter().rev().find(of_both);
        let (id, status) = latest.map_or(("", ""), |contract| {
            (contract.contract_id.as_str(), if contract.released.is_none() { "1" } else { "3" })
        });
        Ok(reply::params([("contractId", id.into()), ("contractStatus", status.into())]))
    }

    /// The user releases a contract in UnionPay's app: the notification of it (5.4.3). Nothing, if
    /// no such contract is in force.
    pub fn release(&mut self, now: Instant, contract_id: &str) -> Option<SignedNotice> {
        let now = self.advance(now);
        let at = self.beijing(now);
        let contract = self.contracts.iter_mut();
        let contract = contract
            .filter(|contract| contract.released.is_none())
            .find(|contract| contract.contract_id == contract_id)?;
        contract.released = Some(at.clone());
        let user = contract.user;
        let open_id = self.settings.users.get(user)?.open_id.clone();
        // With punctuation, as in the sample.
        let at = super::form::punctuated(&at);
        let trid = self.settings.trid.clone();
        Some(self.notice(
            now,
            [
                ("contractId", contract_id.to_owned()),
                ("openId", open_id),
                ("operateTime", at),
                ("trid", trid),
            ],
        ))
    }

    /// The contract in force of this user under this plan.
    fn contract(&self, user: usize, plan_id: &str) -> Option<&Contract> {
        let of_both = |it: &&Contract| it.user == user && it.plan_id == plan_id;
        self.contracts.iter().filter(of_both).find(|contract| contract.released.is_none())
    }
}

/// Without numbers.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.released.is_none() { "in force" } else { "released" };
        write!(f, "Contract({state}, redacted)")
    }
}

const CONTRACT_SCOPE: &str = "upapi_contract";
