//! What must not show: keys, payment codes, tokens, signatures, what the module signed, buyers, and
//! whatever a gateway says that is no word of Alipay's.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use m26_pay::advice::Language;
use m26_pay::gateway::alipay::payment::{
    Advice, Heard, Input, Order, Outcome, Payment, Policy, PrecreatedOrder, Step,
};
use m26_pay::gateway::alipay::refunding::{RefundHeard, RefundInput, RefundStep, Refunding};
use m26_pay::gateway::alipay::{
    AgreementNo, AnswerError, AppAuthToken, AuthCode, Call, GatewayUrl, Merchant, OutRequestNo,
    Pay, Precreate, Query, Refund, RefundQuery, Sale, SellerId, Subject, TerminalParams,
};
use m26_pay::gateway::journal::{Journal, MemoryJournal};
use m26_pay::gateway::{
    Deadlines, HttpRequest, HttpResponse, KeyInfo, Payments, PrivateKey, PublicKey, Stop,
    Transport, TransportError, TransportFault,
};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;
use support::logged::logged_by;

use crate::orders;

/// In every secret that is given, and in every text of an answer.
const MARKER: &str = "281122334455667788";

/// Everything that was shown.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    fn debug(&self, value: &dyn Debug) {
        self.text(&format!("{value:?}\n{value:#?}\n"));
    }

    fn error(&self, error: &dyn std::error::Error) {
        self.debug(&error);
        self.text(&error.to_string());
        if let Some(source) = error.source() {
            self.error(source);
        }
    }

    fn text(&self, text: &str) {
        self.0.lock().unwrap().extend(text.as_bytes());
    }

    /// Nothing of it is a secret, nor its base64, hex or bytes.
    fn hides(&self, more: &[&str]) {
        let shown = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(shown.len() > 500, "too little was shown to prove anything");
        let bytes = format!("{:?}", MARKER.as_bytes());
        let inner = bytes.trim_matches(['[', ']']);
        for secret in [MARKER, &MARKER[4..14], inner].iter().chain(more) {
            if let Some(at) = shown.find(secret) {
                panic!("a secret shows: …{}", &shown[at.saturating_sub(300)..at + 40]);
            }
        }
    }
}

impl std::io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn code() -> AuthCode {
    AuthCode::new(MARKER).unwrap()
}

fn sale(number: &str) -> Sale {
    let subject = Subject::new("lunch").unwrap();
    Sale::of(orders::number(number), "1.00".parse().unwrap(), subject).build().unwrap()
}

fn pays() -> [Pay; 3] {
    let params = || TerminalParams::new(format!("{{\"signature\":\"{MARKER}\"}}")).unwrap();
    [
        Pay::bar_code(sale("A1"), code()).terminal_params(params()),
        Pay::security_code(sale("A1"), code()),
        Pay::withholding(sale("A1"), AgreementNo::new(MARKER).unwrap()),
    ]
}

fn merchant() -> Merchant {
    let (app, alipay) = (Pair::app().private_key(), Pair::alipay().public_key());
    Merchant::new(GatewayUrl::live(), orders::identity().app_id.clone(), app, alipay)
        .unwrap()
        .app_auth_token(AppAuthToken::new(MARKER).unwrap())
}

fn refund() -> Refund {
    let number = OutRequestNo::new("R1").unwrap();
    Refund::of(orders::number("A1"), number, "1.00".parse().unwrap()).build().unwrap()
}

/// Bodies that hold the marker wherever a gateway can put it: `name` is the node's.
fn bodies(name: &str) -> Vec<Vec<u8>> {
    let nodes = [
        format!(
            r#"{{"code":"10000","out_trade_no":"A1","trade_no":"2026","total_amount":"1.00",
            "trade_status":"{MARKER}","action":"{MARKER}","buyer_logon_id":"{MARKER}","{MARKER}":1,
            "qr_code":"{MARKER}","fund_change":"{MARKER}","refund_status":"{MARKER}"}}"#
        ),
        format!(
            r#"{{"code":"10000","out_trade_no":"A1","trade_no":"2026","total_amount":"1.00",
            "qr_code":"{MARKER}","trade_status":"TRADE_SUCCESS","buyer_user_id":"{MARKER}"}}"#
        ),
        format!(
            r#"{{"code":"10000","out_trade_no":"A1","trade_no":"2026","total_amount":"1.00",
            "buyer_user_id":"{MARKER}","fund_change":"Y"}}"#
        ),
        format!(
            r#"{{"code":"40004","msg":"{MARKER}","sub_code":"{MARKER}","sub_msg":"{MARKER}"}}"#
        ),
        format!(r#"{{"code":"40004","sub_code":"ACQ.{MARKER}"}}"#),
        format!(r#"{{"code":"{MARKER}"}}"#),
        format!(r#"{{"code":"10000","out_trade_no":"{MARKER}","trade_no":"{MARKER}"}}"#),
        format!(
            r#"{{"code":"10000","out_trade_no":"A1","trade_no":"-{MARKER}","total_amount":"{MARKER}"}}"#
        ),
    ];
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for node in &nodes {
        let sign = data_encoding::BASE64.encode(&Pair::alipay().sign(node.as_bytes()));
        for name in [name, "error_response"] {
            bodies.push(format!(r#"{{"{name}":{node},"sign":"{sign}"}}"#).into());
            bodies.push(format!(r#"{{"{name}":{node},"sign":"{MARKER}"}}"#).into());
            bodies.push(format!(r#"{{"{name}":{node}}}"#).into());
        }
    }
    let noise =
        ["<html>28", "{\"a\":\"28", "28", "[28]"].map(|text| text.replace("28", MARKER).into());
    bodies.extend(noise);
    bodies
}

fn response(body: &[u8]) -> HttpResponse {
    HttpResponse::new(200, Some("text/html;charset=utf-8".to_owned()), body.to_vec())
}

/// Reads every body as an answer to this call, and shows what it came to.
fn read<C: Call<Answer: Debug> + Debug>(shown: &Shown, call: &C) {
    let merchant = merchant();
    shown.debug(call);
    let request = merchant.request(call, UnixMillis(1_795_000_000_000)).unwrap();
    shown.debug(&request);
    for body in bodies(&(C::METHOD.replace('.', "_") + "_response")) {
        let response = response(&body);
        shown.debug(&response);
        let answer = merchant.read(call, &response);
        shown.debug(&answer);
        match &answer {
            Ok(answer) => {
                if let Err(refusal) = &answer.result {
                    shown.error(refusal);
                }
            }
            Err(error) => shown.error(error),
        }
    }
}

#[test]
fn trap_44_no_call_and_no_answer_shows_a_secret() {
    let shown = Shown::default();
    for pay in pays() {
        read(&shown, &pay);
    }
    read(&shown, &Precreate::new(sale("A1")));
    read(&shown, &Query::new(orders::number("A1")));
    read(&shown, &m26_pay::gateway::alipay::Cancel::new(orders::number("A1")));
    read(&shown, &m26_pay::gateway::alipay::Close::new(orders::number("A1")));
    read(&shown, &refund());
    read(&shown, &RefundQuery::new(orders::number("A1"), OutRequestNo::new("R1").unwrap()));
    shown.debug(&merchant());
    shown.debug(&merchant().seller_id(SellerId::new("2088000000000001").unwrap()));
    shown.hides(&[]);
}

#[test]
fn trap_44_no_machine_and_no_entry_shows_a_secret() {
    let shown = Shown::default();
    let now = orders::epoch();
    let at = UnixMillis(1_795_000_000_000);
    for pay in pays() {
        let order = Order::new(orders::identity(), orders::holder(), pay, at);
        shown.debug(&order);
        let mut payment = Payment::new(now, order, Policy::default());
        shown.debug(&payment.step(now, Input::Begin));
        let step = payment.step(now, Input::Written(1));
        assert!(matches!(step, Step::Pay(_)));
        shown.debug(&step);
        shown.debug(&payment);
        shown.debug(payment.entry());
    }
    let order =
        PrecreatedOrder::new(orders::identity(), orders::holder(), Precreate::new(sale("A1")), at);
    shown.debug(&order);
    let mut payment = Payment::precreated(now, order, Policy::default());
    let _ = payment.step(now, Input::Begin);
    shown.debug(&payment.step(now, Input::Written(1)));
    let input = Input::Answer(Heard::Code(m26_pay::secret::Secret::new(MARKER.to_owned())));
    shown.debug(&input);
    shown.debug(&payment.step(now, input));
    shown.debug(&payment);
    shown.debug(&payment.qr_code());
    let (identity, holder) = (orders::identity(), orders::holder());
    let mut refunding =
        Refunding::new(now, identity, holder, refund(), at, Policy::default()).unwrap();
    shown.debug(&refunding.step(now, RefundInput::Begin));
    let step = refunding.step(now, RefundInput::Written(1));
    assert!(matches!(step, RefundStep::Refund(_)));
    shown.debug(&step);
    shown.debug(&refunding);
    shown.debug(&RefundHeard::NotYet);
    shown.hides(&[]);
}

#[test]
fn trap_44_no_key_shows() {
    let shown = Shown::default();
    let file = Pair::app().private_pkcs8();
    let text = data_encoding::BASE64.encode(&file);
    let key = PrivateKey::read(text.as_bytes()).unwrap();
    shown.debug(&key);
    shown.debug(&key.public());
    shown.debug(&KeyInfo::of(&file));
    shown.text(&KeyInfo::of(text.as_bytes()).to_string());
    // In the wrong place, cut off, and with a byte changed.
    shown.error(&PublicKey::read(text.as_bytes()).unwrap_err());
    shown.error(&PrivateKey::read(&text.as_bytes()[..600]).unwrap_err());
    let mut changed = file.clone();
    changed[300] ^= 1;
    shown.error(&PrivateKey::read(&changed).unwrap_err());
    shown.error(&PrivateKey::read(format!("-----BEGIN {MARKER}").as_bytes()).unwrap_err());
    let inner = |from: usize| format!("{:?}", &file[from..from + 12]);
    let parts = [text[40..60].to_owned(), text[700..720].to_owned()];
    let bytes = [inner(30), inner(400)].map(|bytes| bytes.trim_matches(['[', ']']).to_owned());
    let all: Vec<&str> = parts.iter().chain(&bytes).map(String::as_str).collect();
    shown.text(&"-".repeat(500));
    shown.hides(&all);
}

#[test]
fn trap_44_no_invalid_argument_shows_what_was_given() {
    let shown = Shown::default();
    let bad = format!("{MARKER}\u{7f}");
    shown.error(&AuthCode::new(bad.clone()).unwrap_err());
    shown.error(&AuthCode::new(MARKER.repeat(100)).unwrap_err());
    shown.error(&AgreementNo::new(bad.clone()).unwrap_err());
    shown.error(&AppAuthToken::new(bad.clone()).unwrap_err());
    shown.error(&TerminalParams::new(bad).unwrap_err());
    // A password has no place in an address that is written into journals.
    shown.error(&GatewayUrl::new(format!("https://a:{MARKER}@b.example/gateway.do")).unwrap_err());
    shown.text(&"-".repeat(500));
    shown.hides(&[]);
}

/// Answers everything with one body, or nothing.
struct Says(Option<Vec<u8>>);

impl Debug for Says {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Says")
    }
}

impl Transport for Says {
    fn send(&self, _: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
        match &self.0 {
            Some(body) => Ok(response(body)),
            None => Err(TransportError::new(TransportFault::Closed)),
        }
    }
}

#[test]
fn trap_44_no_run_shows_a_secret_in_its_receipt_or_in_a_log() {
    let shown = Shown::default();
    let writer = shown.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    logged_by(subscriber, || {
        let mut bodies: Vec<Option<Vec<u8>>> =
            bodies("alipay_trade_pay_response").into_iter().map(Some).collect();
        bodies.push(None);
        for body in bodies {
            let journal = MemoryJournal::new();
            let payments =
                Payments::new(merchant(), Says(body), journal, orders::holder()).policy(hasty());
            let receipt = payments
                .pay(pays()[0].clone(), &Stop::new(), |payment, now| {
                    shown.debug(payment);
                    shown.debug(&payment.progress(now));
                })
                .unwrap();
            shown.debug(&receipt);
            shown.text(&receipt.outcome.to_string());
            let advice: Advice = receipt.outcome.advice();
            shown.debug(&advice);
            shown.text(advice.technician(Language::English).as_ref());
            if let Some(trouble) = &receipt.trouble {
                shown.error(trouble);
            }
            if let Outcome::Unknown(_) = receipt.outcome {
                shown.debug(&payments.settle(&Stop::new()).unwrap());
            }
            let entries = payments.journal().numbered(&orders::number("A1")).unwrap();
            shown.debug(&entries);
            shown.debug(&payments);
        }
    });
    shown.hides(&[]);
}

#[test]
fn trap_44_no_answer_error_shows_what_came() {
    let error = AnswerError::AnotherTrade { field: "out_trade_no" };
    assert!(!error.to_string().contains(char::is_numeric), "{error}");
}

/// No wait at all: everything is over at once.
fn hasty() -> Policy {
    use std::time::Duration;
    Policy {
        poll_every: Duration::from_millis(1),
        poll_for: Duration::ZERO,
        unknown_for: Duration::ZERO,
        pay_again_for: Duration::ZERO,
        cancel_every: Duration::from_millis(1),
        cancel_for: Duration::from_millis(2),
        ..Policy::default()
    }
}
