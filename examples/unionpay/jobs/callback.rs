//! What UnionPay tells the app by itself.

use m26_pay::engine::Certainty;
use m26_pay::gateway::unionpay::App;
use m26_pay::gateway::unionpay::notify::{
    Arrival, AuthorisationRemoved, ContractReleased, Notice, NoticeError, PasswordVerified, Reply,
};
use m26_pay::unix_time::UnixMillis;

use super::Outcome;
use crate::args::{Event, Method, Options, Received, bytes};
use crate::desk;
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Status};
use crate::told::{Said, beijing};

/// Verifies a notification; without UnionPay's key nothing is.
pub(super) fn callback(event: &Event, options: &Options) -> Outcome {
    if options.unionpay_key.is_none() && !options.is_simulated() {
        return Err(Problem::usage("--unionpay-key is missing: nothing is verified without it"));
    }
    let app = desk::offline_app(options)?;
    match event {
        Event::AuthorisationRemoved(received) => read::<AuthorisationRemoved>(&app, received),
        Event::ContractReleased(received) => read::<ContractReleased>(&app, received),
        Event::PasswordVerified(received) => read::<PasswordVerified>(&app, received),
    }
}

fn read<N: Notified>(app: &App, received: &Received) -> Outcome {
    let file = bytes(&received.file)?;
    let arrival = match received.method {
        Method::Get => {
            let query =
                std::str::from_utf8(&file).unwrap_or_default().trim_end_matches(['\r', '\n']);
            Arrival::Get { query }
        }
        Method::Post => {
            Arrival::Post { content_type: received.content_type.as_deref(), body: &file }
        }
    };
    tell::<N>(app, &arrival)
}

/// What a notification says.
pub(super) fn tell<N: Notified>(app: &App, arrival: &Arrival<'_>) -> Outcome {
    match app.notice::<N>(arrival) {
        Ok(event) => {
            let said = event.tell(Said::new().with("verified", true).with("event", N::WORD));
            let result = with_reply(&said, Reply::Received);
            let text = format!("{}\nreply: {}", said.text(), Reply::Received.body());
            Ok(Ended { status: Status::Done, result, text })
        }
        Err(error) => Err(rejected::<N>(error)),
    }
}

/// It is not UnionPay's, or not for this app; it is answered too.
fn rejected<N: Notified>(error: NoticeError) -> Problem {
    let verified = matches!(error, NoticeError::Field { .. } | NoticeError::OtherApp);
    let said = Said::new().with("verified", verified).with("event", N::WORD);
    let result = with_reply(&said, error.reply());
    Problem { result: Some(result), ..Problem::new("rejected", Certainty::Refused, error) }
}

fn with_reply(said: &Said, reply: Reply) -> Object {
    said.object().nest("reply", &reply.body())
}

/// An event of which the tool tells.
pub(super) trait Notified: Notice {
    /// Its name on the command line.
    const WORD: &'static str;

    fn tell(&self, said: Said) -> Said;
}

impl Notified for AuthorisationRemoved {
    const WORD: &'static str = "authorisation-removed";

    fn tell(&self, said: Said) -> Said {
        let said = said.with("openId", self.open_id.expose());
        said.with("timestamp", seconds(self.timestamp)).with("nonceStr", self.nonce_str.as_str())
    }
}

impl Notified for PasswordVerified {
    const WORD: &'static str = "password-verified";

    fn tell(&self, said: Said) -> Said {
        said.with("openId", self.open_id.expose())
            .with("bizOrderId", self.biz_order_id.as_str())
            .with("merchantId", self.merchant_id.as_str())
            .with("bizType", self.biz_type.as_str())
            .with("transNo", self.trans_no.as_str())
            .with("timestamp", seconds(self.timestamp))
            .with("nonceStr", self.nonce_str.as_str())
    }
}

impl Notified for ContractReleased {
    const WORD: &'static str = "contract-released";

    fn tell(&self, said: Said) -> Said {
        said.with("openId", self.open_id.expose())
            .with("contractId", self.contract_id.expose())
            .with("operateTime", beijing(self.operate_time))
            .with("trid", self.trid.as_deref())
            .with("timestamp", seconds(self.timestamp))
            .with("nonceStr", self.nonce_str.as_str())
    }
}

/// As it is written on the wire.
fn seconds(at: UnixMillis) -> String {
    (at.0 / 1000).to_string()
}
