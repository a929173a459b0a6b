//! Calls to UnionPay that are signed without RSA, from their arguments to the bytes that leave.

use m26_pay::gateway::unionpay::{
    App, AppSecret, BaseUrl, GetBackendToken, Signing, VerifyPwdSeqId,
};
use m26_pay::unix_time::UnixMillis;

use crate::{Run, Seen, Unit, feed};

/// The call for a token: the application is its argument.
pub fn token() -> Run {
    feed(Unit(move |arguments: &[u8], seen: &mut Seen| {
        let request = app(arguments).expect("valid").request(&GetBackendToken, None, AT);
        seen.body = request.expect("it is made").body().len();
    }))
}

/// The longest of the calls that can be signed so: ten fields.
pub fn ten_fields() -> Run {
    let app = app(&application()).expect("valid").signing::<VerifyPwdSeqId>(Signing::SHA256);
    feed(Unit(move |arguments: &[u8], seen: &mut Seen| {
        let request = app.request(&call(arguments).expect("valid"), None, AT).expect("it is made");
        seen.body = request.body().len();
    }))
}

/// An application, a line each.
pub fn application() -> Vec<u8> {
    b"fb707efe000000000000000c3a9e06d8\nc2VjcmV0IG9mIHRoaXMgYXBwbGljYXRpb24=".into()
}

/// The arguments of ten fields, a line each.
pub fn arguments() -> Vec<u8> {
    concat!(
        "42q4vi0Ae+8oe0R0dx0SMSYF2HCjVHWSp5qN5DukLHxhc9uRqTOD4swVOlhc86M4\n",
        "APwY8AIr7UTGLSH1jn+psJUlPU9Ew8osvA7wuCoq2nPFg1qkM1lnXiwEwR+SlYCjTkc//JjyyQNAS8KT6l6eCGsF\n",
        "711076926887122\n4h\n474919534200503\nhttps://notify.example/pay\n192.168.8.104",
    )
    .into()
}

/// The lengths of what leaves.
pub const TOKEN_BODY: usize = 178;
pub const TEN_FIELDS_BODY: usize = 504;

fn app(arguments: &[u8]) -> Option<App> {
    let (app_id, secret) = std::str::from_utf8(arguments).ok()?.split_once('\n')?;
    Some(App::new(BaseUrl::live(), app_id.parse().ok()?, AppSecret::new(secret).ok()?))
}

fn call(arguments: &[u8]) -> Option<VerifyPwdSeqId> {
    let mut lines = std::str::from_utf8(arguments).ok()?.lines();
    let mut next = || lines.next();
    let open_id = next()?.parse().ok()?;
    let access_token = next()?.parse().ok()?;
    let order = next()?.parse().ok()?;
    let (business, merchant) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let notify_url = next()?.parse().ok()?;
    let call = VerifyPwdSeqId::new(open_id, access_token, order, business, merchant, notify_url);
    Some(call.client_ip(next()?.parse().ok()?))
}

/// 2026-11-29 21:00:00 in Beijing.
const AT: UnixMillis = UnixMillis(1_795_957_200_000);
