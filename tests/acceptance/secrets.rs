//! No log shows a secret, at any level.
#![allow(clippy::unwrap_used, reason = "these are tests, the helpers too")]

use m26_pay::alipay::{
    BusinessNo, Config, DeviceId, DeviceSupplierNo, Environment, ItemId, MerchantUserId, Open,
    ProductKey, QrCode, Report, Sign, SignData, SignMode, TerminalId, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::Settings;
use m26_pay::flows::{Configure, Synchronise};
use m26_pay::m26::Raw;
use m26_pay::outbox::{
    Id, Item, Limits, NewPayment, Outbox, OutboxPolicy, Payload, Payment, PaymentKey, SqliteStore,
    Upload,
};
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::script::Scripted;
use m26_pay::sim::virtual_port::VirtualPort;
use support::logged::logged;

const KEY: &str = "SAMPLEKEY";
const CODE: &str = "281234567890123456";
const NUMBER: &str = "2019012922001450181015731428";

#[test]
fn neither_what_goes_well_nor_what_does_not_is_logged_with_its_secrets() {
    let (signatures, log) = logged(|| [Profile::quectel(), Profile::luat()].map(a_day));
    let [_, signature] = signatures;
    // It is a log of what was done.
    let done = ["AT+ALIPAYSIGN", "AT+ALIPAYCFG", "a report was answered", "damaged"];
    assert!(done.iter().all(|done| log.contains(done)), "{log}");
    for secret in [KEY, CODE, NUMBER, &signature, &CODE[2..], &NUMBER[5..]] {
        assert!(!log.contains(secret), "the log holds {secret}:\n{log}");
    }
}

/// A payment with a damaged echo before it, a mismatch, a refusal and a time-out. The signature.
fn a_day(profile: Profile) -> String {
    let settings = if profile.result_before_ok {
        modem::ModemSettings::luat()
    } else {
        modem::ModemSettings::default()
    };
    let script = format!(
        "on AT+ALIPAYDID urc \"IPAYSIGN=1,\\\"{CODE}\\\"\"\n\
         on 2 AT+ALIPAYREP refuse 3\n\
         on 3 AT+ALIPAYREP missing-ok\n"
    );
    let device = Scripted::new(Faulty::new(Modem::new(settings), 0), script.parse().unwrap());
    let port = VirtualPort::new(device);
    let mut client = Client::connect(port, Settings::new(profile));
    client.run(Synchronise::default()).unwrap();
    let config = Config {
        device_supplier_no: DeviceSupplierNo::new("1").unwrap(),
        merchant_user_id: MerchantUserId::new("2").unwrap(),
        item_id: ItemId::new("3").unwrap(),
        product_key: ProductKey::new(KEY).unwrap(),
        env: Environment::TEST,
        terminal_id: TerminalId::new("4").unwrap(),
    };
    client.run(Configure::new(config)).unwrap();
    client.send(&Open).unwrap();
    client.send(&DeviceId).unwrap();
    let sign = Sign::new(SignMode::PayerCode, SignData::new(CODE).unwrap())
        .amount(Amount::from_fen(1025).unwrap());
    let signed = client.send(&sign).unwrap();
    let report = Report::of(Amount::from_fen(1025).unwrap(), TradeResult::Success, 1)
        .business_no(BusinessNo::new(NUMBER).unwrap())
        .qr_code(QrCode::new(CODE).unwrap())
        .time_consuming(1)
        .build()
        .unwrap();
    client.send(&report).unwrap();
    let refused = client.send(&report).unwrap_err();
    let raw = client.send(&Raw::new(format!("AT+ALIPAYSIGN=9,\"{CODE}\"")));
    let late = client.send(&report);
    // Errors are logged by whoever meets them.
    tracing::warn!(%refused, ?refused, ?raw, ?late, "failed");
    by_way_of_the_outbox(&mut client, &report);
    signed.get("signature").unwrap()
}

/// A report that is sent again, a payment that is refused, and a file that is damaged.
fn by_way_of_the_outbox(
    client: &mut Client<VirtualPort<Scripted<Faulty<Modem>>>>,
    report: &Report,
) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let policy = OutboxPolicy {
        limits: Limits { waiting: Some(2), ..Limits::default() },
        ..OutboxPolicy::default()
    };
    let outbox = Outbox::open(&path, policy.clone()).unwrap();
    outbox.append(report).unwrap();
    outbox.append(report).unwrap();
    let full = outbox.append(report).unwrap_err();
    let payment =
        NewPayment::new(Payload::new(CODE).unwrap()).key(PaymentKey::new(NUMBER).unwrap());
    outbox.add_payment(payment.clone()).unwrap();
    let began = VirtualPort::new(Modem::new(modem::ModemSettings::default())).now();
    let uploaded = outbox.upload_payments(began, &mut |payment: &Item<Payment>| {
        tracing::info!(?payment, "uploading");
        Upload::Refused
    });
    let drained = client.run(outbox.drain().patience(std::time::Duration::from_secs(600)));
    let record = outbox.get(Id::<Report>::new(1));
    tracing::warn!(%full, ?full, ?payment, ?uploaded, ?drained, ?record, ?outbox, "kept");
    drop(outbox);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(NUMBER.len()).rposition(|part| part == NUMBER.as_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let damaged = Outbox::open(&path, policy).unwrap_err();
    let salvage = SqliteStore::salvage(&path);
    tracing::warn!(%damaged, ?damaged, ?salvage, "damaged");
}
