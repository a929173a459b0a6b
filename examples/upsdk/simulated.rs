//! A simulated UnionPay, on a port of its own.

use std::time::{SystemTime, UNIX_EPOCH};

use m26_pay::gateway::unionpay::{App, AppId, AppSecret, BaseUrl};
use m26_pay::sim::gateway::Signing;
use m26_pay::sim::gateway::http::{RunningServer, Server};
use m26_pay::sim::gateway::unionpay::{UnionPay, UnionPayGateway, UnionPaySettings};

/// The platform, and the application that it knows.
pub(crate) struct Simulated {
    pub(crate) app: App,
    pub(crate) server: RunningServer<UnionPayGateway>,
}

pub(crate) fn start() -> Result<Simulated, String> {
    let settings = UnionPaySettings { clock: unix_time(), ..UnionPaySettings::default() };
    let (app_id, secret) = (settings.app_id.clone(), settings.secret.clone());
    let unionpay = UnionPay::new(settings, Signing::StandIn, 0).map_err(|it| it.to_string())?;
    let server = Server::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let server = server.spawn(UnionPayGateway::new(unionpay, 0)).map_err(|it| it.to_string())?;
    let base = format!("http://{}/open/access/1.0", server.address());
    let app = || Ok(App::new(BaseUrl::new(base)?, AppId::new(app_id)?, AppSecret::new(secret)?));
    let app = app().map_err(|error: m26_pay::argument::InvalidArgument| error.to_string())?;
    Ok(Simulated { app, server })
}

#[allow(clippy::disallowed_methods, reason = "the simulated platform has the real time")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
