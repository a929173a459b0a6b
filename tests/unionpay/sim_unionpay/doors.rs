//! What every request is asked before it is carried out.

use m26_pay::sim::gateway::unionpay::{CallFields, CallName};

use super::{Bench, SEALED_1, SEALED_188, open_id};

/// The fields with one of them otherwise; without it, if there is no value.
fn spoil(fields: &CallFields, name: &str, value: Option<&str>) -> CallFields {
    let others = fields.iter().filter(|(other, _)| *other != name);
    others.chain(value.map(|value| (name, value))).collect()
}

fn packet(bench: &mut Bench) -> CallFields {
    let of_user = open_id();
    bench.fields(
        CallName::RedPacketGive,
        &[
            ("insAcctId", "T00T00000000888527"),
            ("transNumber", "1"),
            ("openId", &of_user),
            ("mobile", ""),
            ("pan", ""),
            ("pointAt", SEALED_188),
            ("remark", ""),
        ],
    )
}

#[test]
fn a_missing_field_is_refused_by_its_own_code() {
    let mut bench = Bench::new();
    let fields = packet(&mut bench);
    for (name, resp) in [
        ("appId", "N62100"),
        ("nonceStr", "N62107"),
        ("timestamp", "N62108"),
        ("signature", "N62104"),
        ("insAcctId", "SIM003"),
    ] {
        for value in [None, Some("")] {
            let fields = spoil(&fields, name, value);
            let reply = bench.send(CallName::RedPacketGive, &fields);
            assert_eq!(reply.resp(), resp, "{name} {value:?}");
        }
    }
    assert_eq!(bench.send(CallName::RedPacketGive, &fields).resp(), "00");
    assert_eq!(bench.truth().packets, 1);
}

#[test]
fn a_signature_is_over_every_field_that_was_sent() {
    let mut bench = Bench::new();
    let fields = packet(&mut bench);
    for (name, value) in [
        ("transNumber", Some("2")),
        ("remark", None),
        ("remark", Some("r")),
        ("pointAt", Some(SEALED_1)),
        ("signature", Some("c2lnbmF0dXJl")),
    ] {
        let fields = spoil(&fields, name, value);
        assert_eq!(bench.send(CallName::RedPacketGive, &fields).resp(), "SIM001", "{name}");
    }
    assert_eq!(bench.truth().packets, 0);
}

#[test]
fn the_secret_must_not_be_sent() {
    let mut bench = Bench::new();
    let fields = bench.fields(CallName::BackendToken, &[]);
    let fields = spoil(&fields, "secret", Some("simulated-secret"));
    assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "SIM003");
}

#[test]
fn the_time_has_ten_digits_and_is_now() {
    let mut bench = Bench::new();
    let fields = bench.fields(CallName::BackendToken, &[]);
    for time in ["1795957200000", "179595720", "yesterday!", "1795956899", "1795957501"] {
        let fields = spoil(&fields, "timestamp", Some(time));
        assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "SIM002", "{time}");
    }
    bench.after(300);
    assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "00");
    bench.after(1);
    assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "SIM002");
    for nonce in ["short", "KFTrLiCknhMlKKu+"] {
        let fields = spoil(&fields, "nonceStr", Some(nonce));
        assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "SIM003", "{nonce}");
    }
}

#[test]
fn another_app_is_not_known() {
    let mut bench = Bench::new();
    let fields = bench.fields(CallName::BackendToken, &[]);
    let fields = spoil(&fields, "appId", Some("fb707efe000000000000000c3a9e06d9"));
    assert_eq!(bench.send(CallName::BackendToken, &fields).resp(), "N62126");
}

#[test]
fn what_is_not_under_the_key_is_refused() {
    let mut bench = Bench::new();
    let fields = packet(&mut bench);
    for text in ["188", "AAAAAAAAAAA=", "*"] {
        let fields = spoil(&fields, "pointAt", Some(text));
        assert_eq!(bench.send(CallName::RedPacketGive, &fields).resp(), "SIM007", "{text}");
    }
}

#[test]
fn more_than_a_thousand_requests_a_minute_ban_for_a_day() {
    let mut bench = Bench::new();
    let of_user = open_id();
    let fields = bench.fields(CallName::ContractStatus, &[("openId", &of_user)]);
    // One was the token's.
    for _ in 1..1000 {
        assert_eq!(bench.send(CallName::ContractStatus, &fields).resp(), "00");
    }
    assert_eq!(bench.send(CallName::ContractStatus, &fields).resp(), "SIM004");
    assert_eq!(bench.after(24 * 3600 - 1).send(CallName::ContractStatus, &fields).resp(), "SIM004");
    assert_eq!(bench.after(1).send(CallName::ContractStatus, &fields).resp(), "a10");
}

#[test]
fn a_body_is_one_object_of_texts() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        br#"{"appId":1}"#,
        br#"{"appId":"1","appId":"2"}"#,
        br#"{"appId":"1"} x"#,
        b"appId=1",
        b"\xff",
    ] {
        assert_eq!(CallFields::read(body), None, "{}", String::from_utf8_lossy(body));
    }
    let read = CallFields::read(br#"{"appId":"1","pan":""}"#).unwrap();
    assert_eq!(read, CallFields::from_iter([("appId", "1"), ("pan", "")]));
    assert_eq!(format!("{read:?}"), r#"{"appId", "pan"}"#);
}
