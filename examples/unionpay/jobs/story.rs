//! A user's way from the login over the password to a contract, and out of it again.

use std::sync::Arc;

use m26_pay::gateway::unionpay::notify::{Arrival, ContractReleased, PasswordVerified};
use m26_pay::gateway::unionpay::page::{LoginPage, LoginState, RedirectUri, returned};
use m26_pay::gateway::unionpay::{
    AccessGranted, BizOrderId, BizType, ContractApply, ContractCode, ContractInfo, GetAccessToken,
    MerchantId, NotifyUrl, PageUrl, PlanId, Scope, Stamp, UpsdkConfig, UserAuth, UserMobile,
    VerifyPwdSeqId,
};
use m26_pay::sim::gateway::unionpay::{PageVisitor, SignedNotice, UnionPayGateway};

use super::callback::{self, Notified};
use super::{Outcome, page};
use crate::args::Options;
use crate::desk::Desk;
use crate::object::Object;
use crate::platform;
use crate::problem::Problem;
use crate::screen::{Ended, Status};
use crate::simulated::{Simulated, now};
use crate::told::Told;
use crate::wall::wall;

pub(super) fn story(options: &Options) -> Outcome {
    if !options.is_simulated() {
        return Err(Problem::usage(
            "a story needs --base sim: nobody is asked for a real contract",
        ));
    }
    let (app, platform) = platform::start(options)?;
    let desk = Desk::with(options, app, Arc::clone(&platform) as _)?;
    let mut story = Story { desk, platform, steps: Vec::new(), text: Vec::new() };
    story.page()?;
    story.login()?;
    story.contract()?;
    let Story { steps, text, .. } = story;
    let result = Object::new().list("steps", &steps);
    Ok(Ended { status: Status::Done, result, text: text.join("\n") })
}

struct Story {
    desk: Desk,
    platform: Arc<Simulated<UnionPayGateway>>,
    steps: Vec<Object>,
    text: Vec<String>,
}

impl Story {
    /// The shop's page is loaded in UnionPay's app.
    fn page(&mut self) -> Result<(), Problem> {
        let url = PageUrl::new("https://shop.example/cart#top")?;
        let stamp = Stamp::new(wall()).map_err(Problem::usage)?;
        let config = UpsdkConfig::new(self.desk.app(), &self.desk.front_token()?, &url, stamp);
        self.step(
            "config",
            page::told(&config, self.desk.app().app_id().as_str()),
            "the shop's page may use UnionPay's script",
        );
        Ok(())
    }

    /// The user logs in, and types the payment password.
    fn login(&mut self) -> Result<(), Problem> {
        let page = LoginPage::oauth(RedirectUri::new(BACK)?, Scope::Auth)?;
        let user = self.agree(page)?;
        let (open_id, access_token) = (user.open_id, user.access_token);
        self.ask("user-mobile", &UserMobile::new(open_id.clone(), access_token.clone()))?;
        self.ask("user-auth", &UserAuth::new(open_id.clone(), access_token.clone()))?;
        let question = VerifyPwdSeqId::new(
            open_id,
            access_token,
            BizOrderId::new("711076926887122")?,
            BizType::new("4a")?,
            MerchantId::new("474919534200503")?,
            NotifyUrl::new("https://shop.example/password")?,
        );
        let asked = self.ask("verify-pwd-seq-id", &question)?;
        let trans_no = asked.trans_no.as_str();
        let notice = self.platform.lock().unionpay_mut().enter_password(now(), trans_no);
        self.told::<PasswordVerified>(notice)
    }

    /// The user agrees to payments without a password, and thinks otherwise later.
    fn contract(&mut self) -> Result<(), Problem> {
        let plan_id = self.platform.lock().unionpay_mut().settings().plan_ids.concat();
        let plan_id = PlanId::new(plan_id)?;
        let user = self.agree(LoginPage::no_pwd(RedirectUri::new(BACK)?, plan_id.clone()))?;
        let code = ContractCode::new("684916616616")?;
        let open_id = user.open_id;
        let apply = ContractApply::new(open_id.clone(), user.access_token, plan_id.clone(), code);
        let contract = self.ask("contract-apply", &apply)?;
        let info = ContractInfo::new(open_id, plan_id);
        self.ask("contract-info", &info)?;
        let id = contract.contract_id.expose();
        let notice = self.platform.lock().unionpay_mut().release(now(), id);
        self.told::<ContractReleased>(notice)?;
        self.ask("contract-info", &info)?;
        Ok(())
    }

    /// The user agrees on a page, comes back, and is known by a token.
    fn agree(&mut self, page: LoginPage) -> Result<AccessGranted, Problem> {
        let state = LoginState::random().map_err(Problem::usage)?;
        let url = page.state(state.clone()).url(self.desk.app().app_id());
        let back = self.platform.lock().unionpay_mut().visit(now(), &url, YES);
        let back = back.map_err(Problem::usage)?;
        self.step("page", Object::new().with("url", url.as_str()), "the user agrees on this page");
        let query = back.split_once('?').map_or("", |(_, query)| query);
        let code = returned(query, Some(&state)).map_err(Problem::usage)?;
        let result = Object::new().with("code", code.expose()).with("state", state.as_str());
        self.step("returned", result, "the user came back with a code");
        self.ask("token", &GetAccessToken::new(code))
    }

    /// Makes a call, and gives its answer.
    fn ask<C: Told>(&mut self, name: &str, call: &C) -> Result<C::Answer, Problem> {
        let answer = self.desk.ask(call)?;
        let result = answer.result?;
        let said = C::tell(&result, &answer.fields);
        self.step(name, said.object(), &said.text().replace('\n', ", "));
        Ok(result)
    }

    /// UnionPay tells the shop something.
    fn told<N: Notified>(&mut self, notice: Option<SignedNotice>) -> Result<(), Problem> {
        let query = notice.map(|notice| notice.raw_query()).unwrap_or_default();
        let ended = callback::tell::<N>(self.desk.app(), &Arrival::Get { query: &query })?;
        self.step("callback", ended.result, &format!("UnionPay says {}, verified", N::WORD));
        Ok(())
    }

    fn step(&mut self, name: &str, result: Object, text: &str) {
        self.steps.push(Object::new().with("command", name).nest("result", &result));
        self.text.push(format!("{name}: {text}"));
    }
}

const BACK: &str = "https://shop.example/back";

const YES: PageVisitor = PageVisitor::Agrees { user: 0, mobile: true };
