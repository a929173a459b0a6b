//! The simulated UnionPay, through its public interface and on virtual time.

mod calls;
mod doors;
mod faults;
mod forms;
mod notices;
mod pages;
mod tokens;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use m26_pay::sim::gateway::unionpay::{
    CallFields, CallName, PageVisitor, UnionPay, UnionPayReply, UnionPaySettings, UnionPayTruth,
    UnionPayUser,
};
use m26_pay::sim::gateway::{Signing, stand_in};
use rsa::sha2::{Digest as _, Sha256};

/// A platform, the time, and the app that asks.
struct Bench {
    unionpay: UnionPay,
    now: Instant,
    backend_token: String,
}

impl Bench {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// One with other settings, which has given a backend token.
    fn with(change: impl FnOnce(&mut UnionPaySettings)) -> Self {
        let mut settings = UnionPaySettings::default();
        change(&mut settings);
        let unionpay = UnionPay::new(settings, Signing::StandIn, 0).unwrap();
        let mut bench = Self { unionpay, now: epoch(), backend_token: String::new() };
        bench.backend_token = bench.token();
        bench
    }

    fn after(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn truth(&self) -> UnionPayTruth {
        self.unionpay.truth()
    }

    /// A new backend token.
    fn token(&mut self) -> String {
        text(&self.ask(CallName::BackendToken, &[]), "backendToken")
    }

    /// A call with these fields and those that every call of its kind has.
    fn ask(&mut self, call: CallName, fields: &[(&str, &str)]) -> UnionPayReply {
        let fields = self.fields(call, fields);
        self.send(call, &fields)
    }

    fn send(&mut self, call: CallName, fields: &CallFields) -> UnionPayReply {
        self.unionpay.call(self.now, call, fields)
    }

    fn fields(&mut self, call: CallName, fields: &[(&str, &str)]) -> CallFields {
        let settings = self.unionpay.settings();
        let mut all: BTreeMap<String, String> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.insert("appId".into(), settings.app_id.clone());
        let signed = match call {
            CallName::BackendToken
            | CallName::FrontToken
            | CallName::QualReduce
            | CallName::QualSend
            | CallName::RedPacketGive
            | CallName::VerifyPwdSeqId => true,
            _ => {
                all.insert("backendToken".into(), self.backend_token.clone());
                false
            }
        };
        if signed {
            all.insert("nonceStr".into(), "KFTrLiCknhMlKKuv".into());
            all.insert("timestamp".into(), self.unix().to_string());
            let mut texts = all.clone();
            for (name, value) in &mut texts {
                if let Some((_, plain)) = SEALED.iter().find(|(sealed, _)| sealed == value) {
                    assert!(["count", "pointAt", "qualValue", "mobile"].contains(&name.as_str()));
                    *value = (*plain).to_owned();
                }
            }
            let by_secret = matches!(call, CallName::BackendToken | CallName::FrontToken);
            if by_secret {
                texts.insert("secret".into(), self.unionpay.settings().secret.clone());
            }
            let pairs: Vec<_> =
                texts.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let text = pairs.join("&");
            let signature = if by_secret { sha256(&text) } else { stand_in(text.as_bytes()) };
            all.insert("signature".into(), signature);
        }
        all.into_iter().collect()
    }

    /// The platform's clock.
    fn unix(&self) -> u64 {
        UnionPaySettings::default().clock + (self.now - epoch()).as_secs()
    }

    /// The first user logs in with this scope: the user's token.
    fn log_in(&mut self, page: &str) -> String {
        let code = self.code(page, YES);
        let fields = [("code", code.as_str()), ("grantType", "authorization_code")];
        text(&self.ask(CallName::Token, &fields), "accessToken")
    }

    /// The code that a page sends the user back with.
    fn code(&mut self, page: &str, visitor: PageVisitor) -> String {
        let url = page_url(page);
        let back = self.unionpay.visit(self.now, &url, visitor).unwrap();
        let code = back.split_once("code=").unwrap().1.split('&').next().unwrap();
        percent_encoding::percent_decode_str(code).decode_utf8().unwrap().into_owned()
    }
}

const YES: PageVisitor = PageVisitor::Agrees { user: 0, mobile: true };

/// 3DES of these texts under the settings' key, by
/// `printf %s TEXT | openssl enc -des-ede3 -K 0123456789abcdeffedcba98765432100011223344556677 -a`.
const SEALED: [(&str, &str); 4] = [
    (SEALED_1, "1"),
    (SEALED_188, "188"),
    (SEALED_MOBILE, "13800000001"),
    (SEALED_OTHER, "13800000002"),
];
const SEALED_1: &str = "hbbAm86xSxA=";
const SEALED_188: &str = "C97haoF41O4=";
const SEALED_MOBILE: &str = "IVGHriTJdq3jUUYV4WcmQA==";
const SEALED_OTHER: &str = "IVGHriTJdq1jnlPl6xWUog==";

/// The address of a page for this scope.
fn page_url(scope: &str) -> String {
    let page = match scope {
        "upapi_contract" => "noPwd/html/open.html",
        "upapi_login" | "upapi_user" => "auth/outApp/html/outLogin.html",
        _ => "html/oauth.html",
    };
    let plan = if scope == "upapi_contract" { format!("&planId={PLAN_ID}") } else { String::new() };
    format!(
        "https://open.95516.com/s/open/{page}?appId=fb707efe000000000000000c3a9e06d8\
         &redirectUri=https%3A%2F%2Fshop.example%2Fback&responseType=code&scope={scope}\
         &state=s1{plan}"
    )
}

/// What a password is asked for with.
fn question<'a>(open_id: &'a str, access_token: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("openId", open_id),
        ("bizOrderId", "711076926887122"),
        ("bizType", "4h"),
        ("merchantId", "474919534200503"),
        ("notifyUrl", "https://shop.example/pwd"),
        ("accessToken", access_token),
    ]
}

const PLAN_ID: &str = "9ca088374a8141ff95dca35a12d73240";

fn open_id() -> String {
    UnionPayUser::sample(1).open_id
}

#[track_caller]
fn text(reply: &UnionPayReply, name: &str) -> String {
    let value = reply.get(name).unwrap_or_else(|| panic!("no {name} in {reply:?}"));
    value.as_str().unwrap().to_owned()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn epoch() -> Instant {
    use std::sync::OnceLock;
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "virtual time needs one point to count from")]
    *EPOCH.get_or_init(Instant::now)
}
