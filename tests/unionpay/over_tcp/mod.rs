//! Our own calls and transport at the simulated platform on TCP: written apart from each other, they
//! must agree on what is signed, what is sealed and how each answer looks.

mod faults;
mod rows;

use std::time::Duration;

use m26_pay::gateway::unionpay::{
    AccessToken, Answer, App, AppId, AppSecret, AuthorisationCode, BackendToken, BaseUrl, Call,
    CallError, ContractApply, ContractCode, GetBackendToken, Mobile, OpenId, PlanId, QualSend,
    SymmetricKey,
};
use m26_pay::gateway::{Deadlines, Http};
use m26_pay::sim::gateway::http::{RunningServer, Server};
use m26_pay::sim::gateway::unionpay::{
    CallName, UnionPay, UnionPayGateway, UnionPaySettings, UnionPayTruth,
};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

/// A platform on TCP, and an app that it knows.
pub struct Shop {
    pub server: RunningServer<UnionPayGateway>,
    pub base: String,
    app: App,
}

impl Shop {
    /// With other settings. Its user has agreed to every scope.
    pub fn new(change: impl FnOnce(&mut UnionPaySettings)) -> Self {
        let mut settings = UnionPaySettings::default();
        change(&mut settings);
        let partner = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
        let unionpay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
        let signing = Signing::Rsa2 { gateway: Box::new(unionpay), app: partner };
        let platform = UnionPay::new(settings.clone(), signing, 0).unwrap();
        let server = Server::bind("127.0.0.1:0").unwrap();
        let server = server.spawn(UnionPayGateway::new(platform, 0)).unwrap();
        let now = server.now();
        server.with(|gateway| {
            for scope in ["upapi_base", "upapi_mobile", "upapi_auth", "upapi_contract"] {
                assert!(gateway.unionpay_mut().grant(now, scope, 0, scope));
            }
        });
        let base = format!("http://{}/open/access/1.0", server.address());
        let app = App::new(
            BaseUrl::new(&base).unwrap(),
            AppId::new(settings.app_id).unwrap(),
            AppSecret::new(settings.secret).unwrap(),
        )
        .symmetric_key(SymmetricKey::new(&settings.symmetric_key).unwrap())
        .partner_key(Pair::app().private_key())
        .unwrap();
        Self { server, base, app }
    }

    pub fn truth(&self) -> UnionPayTruth {
        self.server.with(|gateway| gateway.unionpay_mut().truth())
    }

    /// How many requests for a call the platform has seen.
    pub fn calls(&self, call: CallName) -> u64 {
        self.server.with(|gateway| gateway.calls(call))
    }

    /// Waits until the platform has seen so many requests for a call: who waits for a short time only
    /// may be back before the server has read the request.
    pub fn wait_for(&self, call: CallName, requests: u64) {
        let end = self.server.now() + Duration::from_secs(30);
        while self.calls(call) < requests {
            assert!(self.server.now() < end, "{call} never came");
            std::thread::yield_now();
        }
    }

    /// Makes a call with a token that was fetched for it.
    fn ask<C: Call>(&self, call: &C) -> Answer<C::Answer> {
        let token = self.token();
        self.send(call, &token, Deadlines::default()).unwrap()
    }

    fn send<C: Call>(
        &self,
        call: &C,
        token: &BackendToken,
        deadlines: Deadlines,
    ) -> Result<Answer<C::Answer>, CallError> {
        self.app.call(call, Some(token), &Http::new(), deadlines, AT)
    }

    fn token(&self) -> BackendToken {
        let fetch =
            self.app.call(&GetBackendToken, None, &Http::new(), Deadlines::default(), AT).unwrap();
        fetch.result.unwrap().token
    }
}

/// What the clock of a program shows that runs now.
#[allow(clippy::disallowed_methods, reason = "drivers read the real clock")]
pub fn present() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// The platform's clock when it begins.
const AT: UnixMillis = UnixMillis(1_795_957_200_000);

fn open_id() -> OpenId {
    OpenId::new(UnionPaySettings::default().users[0].open_id.as_str()).unwrap()
}

fn plan_id() -> PlanId {
    PlanId::new(UnionPaySettings::default().plan_ids[0].as_str()).unwrap()
}

fn contract_code() -> ContractCode {
    ContractCode::new("684916616616").unwrap()
}

fn access(scope: &str) -> AccessToken {
    AccessToken::new(scope).unwrap()
}

fn code(scope: &str) -> AuthorisationCode {
    AuthorisationCode::new(scope).unwrap()
}

fn mobile() -> Mobile {
    Mobile::new("13800000001").unwrap()
}

fn apply() -> ContractApply {
    ContractApply::new(open_id(), access("upapi_contract"), plan_id(), contract_code())
}

fn chances() -> QualSend {
    let pool = UnionPaySettings::default().qual_num.parse().unwrap();
    let (number, count) = ("12321334453254334".parse().unwrap(), 2.try_into().unwrap());
    let (begin, end) = ("20261129".parse().unwrap(), "20261130".parse().unwrap());
    QualSend::new(pool, mobile(), count, number, begin, end).unwrap()
}
