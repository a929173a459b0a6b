//! What goes wrong between a client and the platform.

use std::time::{Duration, Instant};

use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, Service as _};
use m26_pay::sim::gateway::unionpay::{
    CallFields, CallName, UnionPay, UnionPayFault, UnionPayGateway,
};
use serde_json::Value;

use super::{Bench, SEALED_188, YES, open_id};

/// A platform behind HTTP, and the app that asks.
pub struct Door {
    gateway: UnionPayGateway,
    /// It makes the requests. Its own platform is the one behind the door.
    app: Bench,
}

impl Door {
    /// With faults.
    pub fn new(faults: &[&str]) -> Self {
        let mut app = Bench::new();
        let settings = app.unionpay.settings().clone();
        let signing = m26_pay::sim::gateway::Signing::StandIn;
        let unionpay = UnionPay::new(settings, signing, 0).unwrap();
        let mut gateway = UnionPayGateway::new(unionpay, 0);
        app.backend_token = gateway.unionpay_mut().take_over(app.now);
        for fault in faults {
            gateway.plan(fault.parse().unwrap());
        }
        Self { gateway, app }
    }

    pub fn bench(&mut self) -> &mut UnionPay {
        self.gateway.unionpay_mut()
    }

    pub fn fields(&mut self, call: CallName, fields: &[(&str, &str)]) -> CallFields {
        self.app.fields(call, fields)
    }

    pub fn code(&mut self, scope: &str) -> String {
        std::mem::swap(&mut self.app.unionpay, self.gateway.unionpay_mut());
        let code = self.app.code(scope, YES);
        std::mem::swap(&mut self.app.unionpay, self.gateway.unionpay_mut());
        code
    }

    pub fn log_in(&mut self, scope: &str) -> String {
        std::mem::swap(&mut self.app.unionpay, self.gateway.unionpay_mut());
        let access = self.app.log_in(scope);
        std::mem::swap(&mut self.app.unionpay, self.gateway.unionpay_mut());
        access
    }

    fn send(&mut self, now: Instant, call: CallName, body: &CallFields) -> Polled {
        let body = json(body);
        let visit = self.gateway.receive(now, &request(&path(call), body.as_bytes()));
        self.gateway.poll(now, visit)
    }

    fn packet(&mut self) -> CallFields {
        let of_user = open_id();
        let fields = [
            ("insAcctId", "T00T00000000888527"),
            ("transNumber", "1"),
            ("openId", of_user.as_str()),
            ("pointAt", SEALED_188),
        ];
        self.fields(CallName::RedPacketGive, &fields)
    }
}

fn path(call: CallName) -> String {
    format!("/open/access/1.0/{call}")
}

fn json(fields: &CallFields) -> String {
    Value::from_iter(fields.iter().map(|(name, value)| (name.to_owned(), value))).to_string()
}

fn request<'a>(path: &'a str, body: &'a [u8]) -> RawRequest<'a> {
    let content_type = Some("application/json;charset=UTF-8");
    RawRequest { post: true, path, query: b"", content_type, body }
}

/// What comes whole, as JSON.
pub fn post(door: &mut Door, call: CallName, fields: &CallFields) -> Value {
    let now = door.app.now;
    match door.send(now, call, fields) {
        Polled::Done(Outgoing::Whole(response)) => serde_json::from_slice(&response.body).unwrap(),
        other => panic!("no whole answer: {other:?}"),
    }
}

/// What a client hears of a red packet, and how many were given.
fn give(door: &mut Door) -> (Polled, u64) {
    let (now, fields) = (door.app.now, door.packet());
    let polled = door.send(now, CallName::RedPacketGive, &fields);
    (polled, door.bench().truth().packets)
}

#[test]
fn each_fault_is_what_it_says() {
    for fault in UnionPayFault::ALL {
        let mut door = Door::new(&[&format!("{fault}:red.packet.give")]);
        let (polled, packets) = give(&mut door);
        let whole = |polled: Polled| match polled {
            Polled::Done(Outgoing::Whole(response)) => response,
            other => panic!("{fault}: {other:?}"),
        };
        match fault {
            UnionPayFault::Lost => assert_eq!(polled, Polled::Never),
            UnionPayFault::Late => {
                let due = door.app.now + Duration::from_secs(15);
                assert_eq!((polled, packets), (Polled::Wait(due), 1));
            }
            UnionPayFault::Closed => assert_eq!(polled, Polled::Done(Outgoing::Closed)),
            UnionPayFault::CutOff => {
                assert!(matches!(polled, Polled::Done(Outgoing::CutOff(_))), "{polled:?}");
                assert_eq!(packets, 1);
            }
            UnionPayFault::BadGateway => assert_eq!(whole(polled).status, 502),
            UnionPayFault::Html => assert_eq!(whole(polled).content_type, "text/html"),
            UnionPayFault::Redirect => {
                assert_eq!((whole(polled).status, packets), (302, 0));
            }
            UnionPayFault::Duplicated => {
                assert!(String::from_utf8(whole(polled).body).unwrap().contains(r#""resp":"00""#));
                assert_eq!(packets, 2);
            }
            UnionPayFault::WrongSignature => {
                assert!(String::from_utf8(whole(polled).body).unwrap().contains("SIM001"));
                assert_eq!(packets, 0);
            }
            // A gift goes by no backend token.
            UnionPayFault::Evicted | UnionPayFault::Misspelled => {
                assert_eq!((whole(polled).status, packets), (200, 1));
            }
            other => panic!("{other} is not tried"),
        }
        assert_eq!(door.gateway.calls(CallName::RedPacketGive), 1);
        // It strikes once.
        let (polled, _) = give(&mut door);
        assert!(matches!(polled, Polled::Done(Outgoing::Whole(r)) if r.status == 200), "{fault}");
        assert_eq!(door.gateway.calls(CallName::RedPacketGive), 2);
    }
}

#[test]
fn an_answer_that_proves_nothing_may_be_of_a_request_that_was_carried_out() {
    for fault in ["lost", "closed", "502", "html"] {
        let faults: Vec<_> = (1..=32).map(|n| format!("{fault}:red.packet.give:{n}")).collect();
        let faults: Vec<_> = faults.iter().map(String::as_str).collect();
        let mut door = Door::new(&faults);
        for _ in 0..32 {
            give(&mut door);
        }
        let packets = door.bench().truth().packets;
        assert!(0 < packets && packets < 32, "{fault}: {packets}");
    }
}

#[test]
fn an_eviction_shows_at_the_next_call_by_a_token() {
    let mut door = Door::new(&["evicted:contract.status"]);
    let of_user = open_id();
    let fields = door.fields(CallName::ContractStatus, &[("openId", &of_user)]);
    assert_eq!(post(&mut door, CallName::ContractStatus, &fields)["resp"], "a10");
}

#[test]
fn it_takes_a_post_of_json_and_nothing_else() {
    let mut door = Door::new(&[]);
    let (now, fields) = (door.app.now, door.packet());
    let body = json(&fields);
    let path = path(CallName::RedPacketGive);
    let good = request(&path, body.as_bytes());
    for bad in [
        RawRequest { post: false, ..good },
        RawRequest { content_type: None, ..good },
        RawRequest { content_type: Some("application/x-www-form-urlencoded"), ..good },
        RawRequest { query: b"appId=1", ..good },
        RawRequest { body: b"{", ..good },
    ] {
        let visit = door.gateway.receive(now, &bad);
        let Polled::Done(Outgoing::Whole(response)) = door.gateway.poll(now, visit) else {
            panic!("{bad:?} is not answered");
        };
        assert!(String::from_utf8(response.body).unwrap().contains("SIM008"), "{bad:?}");
    }
    let visit =
        door.gateway.receive(now, &RawRequest { path: "/open/access/1.0/user_mobile", ..good });
    let Polled::Done(Outgoing::Whole(response)) = door.gateway.poll(now, visit) else { panic!() };
    assert_eq!(response.status, 501);
    assert_eq!(door.bench().truth().packets, 0);
}

#[test]
fn a_client_that_leaves_may_have_given() {
    let mut door = Door::new(&["late:red.packet.give"]);
    let (now, fields) = (door.app.now, door.packet());
    let body = json(&fields);
    let visit =
        door.gateway.receive(now, &request(&path(CallName::RedPacketGive), body.as_bytes()));
    door.gateway.leave(visit);
    assert_eq!(door.gateway.poll(now + Duration::from_secs(20), visit), Polled::Never);
    assert_eq!(door.bench().truth().packets, 1);
    let notes = door.gateway.notes().join("\n");
    assert!(notes.contains("red.packet.give no. 1 (fault: late)"), "{notes}");
    assert!(notes.contains("gone before the answer"), "{notes}");
    assert!(!notes.contains(&open_id()), "{notes}");
}
