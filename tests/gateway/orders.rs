//! Orders for tests.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::payment::{Order, PrecreatedOrder};
use m26_pay::gateway::alipay::{
    AppId, AuthCode, GatewayUrl, Identity, OutTradeNo, Pay, Precreate, Sale, Subject,
    TimeoutExpress,
};
use m26_pay::gateway::journal::Holder;
use m26_pay::unix_time::UnixMillis;

/// When virtual time begins.
#[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
pub fn epoch() -> Instant {
    static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
    *EPOCH
}

/// Whose orders they are.
pub fn identity() -> Arc<Identity> {
    static IDENTITY: LazyLock<Arc<Identity>> = LazyLock::new(|| {
        Arc::new(Identity {
            gateway: GatewayUrl::new("https://gateway.example/gateway.do").unwrap(),
            app_id: AppId::new("2026000000000001").unwrap(),
            seller_id: None,
        })
    });
    IDENTITY.clone()
}

pub fn number(text: &str) -> OutTradeNo {
    OutTradeNo::new(text).unwrap()
}

pub fn holder() -> Holder {
    Holder::new("till 1")
}

/// An order by the customer's code, which Alipay closes after so long.
pub fn barcode(out_trade_no: &str, amount: Amount, timeout: Duration) -> Order {
    let code = AuthCode::new("284612345678901234").unwrap();
    let sale = sale(out_trade_no, amount, timeout);
    Order::new(identity(), holder(), Pay::bar_code(sale, code), UnixMillis(0))
}

/// An order by the till's code.
pub fn precreated(out_trade_no: &str, amount: Amount, timeout: Duration) -> PrecreatedOrder {
    let sale = sale(out_trade_no, amount, timeout);
    PrecreatedOrder::new(identity(), holder(), Precreate::new(sale), UnixMillis(0))
}

fn sale(out_trade_no: &str, amount: Amount, timeout: Duration) -> Sale {
    let timeout: TimeoutExpress = format!("{}m", timeout.as_secs() / 60).parse().unwrap();
    let subject = Subject::new("lunch").unwrap();
    Sale::of(number(out_trade_no), amount, subject).expiry(timeout).build().unwrap()
}
