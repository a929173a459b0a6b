//! A simulated platform in this program.

use std::sync::Arc;

use m26_pay::gateway::unionpay::{App, AppSecret, BaseUrl, SymmetricKey};
use m26_pay::sim::gateway::Signing;
use m26_pay::sim::gateway::unionpay::{UnionPay, UnionPayGateway, UnionPaySettings};

use crate::args::Options;
use crate::desk::{app_id, rsa_keys, secret, symmetric_hex};
use crate::problem::Problem;
use crate::simulated::{Simulated, StandIn, now};
use crate::wall::wall;

/// The app of the options, and a platform that knows it, with a user who has agreed to everything.
///
/// RSA keys are looked at, and stand-ins are used: nobody has the private half of UnionPay's.
pub(crate) fn start(options: &Options) -> Result<(App, Arc<Simulated<UnionPayGateway>>), Problem> {
    let mut settings = UnionPaySettings {
        app_id: app_id(options)?.to_string(),
        clock: u64::try_from(wall().0 / 1000).unwrap_or_default(),
        ..UnionPaySettings::default()
    };
    if let Some(secret) = secret(options)? {
        settings.secret = secret.expose().to_owned();
    }
    if let Some(hex) = symmetric_hex(options)? {
        settings.symmetric_key = hex;
    }
    let secret = AppSecret::new(settings.secret.as_str())?;
    let app = App::new(BaseUrl::new(BASE)?, app_id(options)?, secret)
        .symmetric_key(SymmetricKey::new(&settings.symmetric_key)?);
    if let (Some(partner), Some(unionpay)) = rsa_keys(options)? {
        app.clone().partner_key(partner)?.unionpay_key(unionpay)?;
    }
    let app = app.partner_key(StandIn)?.unionpay_key(StandIn)?;

    let unionpay = UnionPay::new(settings, Signing::StandIn, 0);
    let mut unionpay = unionpay.map_err(Problem::usage)?;
    for scope in SCOPES {
        unionpay.grant(now(), scope, 0, scope);
    }
    Ok((app, Arc::new(Simulated::new(UnionPayGateway::new(unionpay, 0)))))
}

/// It is no address of anything.
const BASE: &str = "http://localhost/open/access/1.0";

/// What the user has agreed to (4.1, 4.3).
const SCOPES: [&str; 6] =
    ["upapi_base", "upapi_mobile", "upapi_auth", "upapi_contract", "upapi_login", "upapi_user"];
