//! A payment at the gateway: its request is made and its answer is read. Beside it the two operations
//! of RSA alone, over texts of the same length.

use std::sync::OnceLock;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    AppId, AuthCode, GatewayUrl, Merchant, OutTradeNo, Pay, PayAnswer, Sale, StoreId, Subject,
    TerminalParams,
};
use m26_pay::gateway::{HttpResponse, PrivateKey, PublicKey, Signer as _, Verifier as _};
use m26_pay::unix_time::UnixMillis;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;

use crate::{Run, Seen, Unit, feed};

/// What Alipay says.
pub fn answer() -> Vec<u8> {
    concat!(
        r#"{"code":"10000","msg":"Success","trade_no":"2026112922001400010001000001","#,
        r#""out_trade_no":"A10001_0","buyer_logon_id":"sam***@example.com","#,
        r#""total_amount":"88.88","receipt_amount":"88.88","buyer_pay_amount":"88.88","#,
        r#""point_amount":"0.00","invoice_amount":"88.88","gmt_payment":"2026-11-29 21:00:05","#,
        r#""fund_bill_list":[{"amount":"88.88","fund_channel":"ALIPAYACCOUNT"}],"#,
        r#""store_name":"NJ_001","buyer_user_id":"2088000000000001"}"#,
    )
    .into()
}

/// What a till does: a signed request, and the answer to it.
pub fn whole() -> Run {
    let (app, alipay) = (key(APP), key(ALIPAY));
    let merchant = Merchant::new(GatewayUrl::live(), app_id(), app, alipay.public());
    let (merchant, pay) = (merchant.expect("two keys"), pay());
    let response = response(&alipay, &answer());
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let request = merchant.request(&pay, AT).expect("it is signed");
        assert!(!request.body().is_empty());
        let Ok(answer) = merchant.read(&pay, &response) else { return };
        if let Ok(PayAnswer::Paid(paid)) = answer.result {
            seen.fen = paid.total_amount.fen();
        }
    }))
}

/// The RSA in it: a signature over as much text, and the verification of as long an answer.
pub fn rsa_alone() -> Run {
    let (app, alipay) = (key(APP), key(ALIPAY));
    let verifier: PublicKey = alipay.public();
    let (text, node) = (vec![b'x'; SIGNED], answer());
    let signature = alipay.sign(&node).expect("it is signed");
    feed(Unit(move |_: &[u8], seen: &mut Seen| {
        let own = app.sign(&text).expect("it is signed");
        if own.len() == 256 && verifier.verify(&node, &signature) {
            seen.fen = AMOUNT;
        }
    }))
}

/// What each of them finds.
pub const AMOUNT: u64 = 8888;

fn app_id() -> AppId {
    AppId::new("2026000000000001").expect("digits")
}

fn pay() -> Pay {
    let number = OutTradeNo::new("A10001_0").expect("a number");
    let amount = "88.88".parse().expect("an amount");
    let sale = Sale::of(number, amount, Subject::new("午餐").expect("a subject"))
        .store_id(StoreId::new("NJ_001").expect("a store"))
        .build();
    let code = AuthCode::new("284612345678901234").expect("a code");
    let params = TerminalParams::new(format!("{{\"signature\":\"{}\"}}", "x".repeat(353)));
    Pay::bar_code(sale.expect("a sale"), code).terminal_params(params.expect("it has room"))
}

fn response(alipay: &PrivateKey, node: &[u8]) -> HttpResponse {
    let sign = BASE64.encode(&alipay.sign(node).expect("it is signed"));
    let tail = format!(",\"sign\":\"{sign}\"}}");
    let body = [&b"{\"alipay_trade_pay_response\":"[..], node, tail.as_bytes()];
    HttpResponse::new(200, Some("text/html;charset=utf-8".to_owned()), body.concat())
}

/// A key that depends on its number alone, so that each run counts equal instructions; made once.
pub fn key(number: usize) -> PrivateKey {
    static MADE: [OnceLock<Vec<u8>>; SEEDS.len()] = [const { OnceLock::new() }; SEEDS.len()];
    let der = MADE[number].get_or_init(|| {
        let mut rng = ChaCha8Rng::seed_from_u64(SEEDS[number]);
        let key = RsaPrivateKey::new(&mut rng, 2048).expect("a key");
        key.to_pkcs1_der().expect("it is written").as_bytes().to_vec()
    });
    PrivateKey::read(der).expect("it is read")
}

/// The application's key and Alipay's.
pub const APP: usize = 0;
pub const ALIPAY: usize = 1;

/// Seeds whose primes are found soon, for who counts their finding too.
const SEEDS: [u64; 2] = [129, 65];

/// As long as the text of the request.
const SIGNED: usize = 760;

/// 2026-11-29 21:00:00 in Beijing.
const AT: UnixMillis = UnixMillis(1_795_957_200_000);
