//! The pages: their addresses, and what a user comes back with.

use m26_pay::engine::Certainty;
use m26_pay::gateway::unionpay::page::{LoginPage, LoginState, ReturnError, returned};
use m26_pay::gateway::unionpay::{NonceStr, PageUrl, PlanId, Scope, Stamp, Timestamp, UpsdkConfig};
use m26_pay::unix_time::UnixMillis;

use super::Outcome;
use crate::args::{Config, MaybeGiven as _, Options, Page, PageName, Returned};
use crate::desk::{self, Desk};
use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Ended, Status};
use crate::told::Said;
use crate::wall::wall;

/// What a page gives to `upsdk.config`. The front token is fetched, if none is given.
pub(super) fn config(args: &Config, options: &Options) -> Outcome {
    let url = PageUrl::new(&args.url.text()?)?;
    let mut stamp = Stamp::new(wall()).map_err(failed)?;
    if let Some(nonce) = &args.nonce {
        stamp.nonce_str = NonceStr::new(&nonce.text()?)?;
    }
    if let Some(seconds) = args.timestamp {
        let at = UnixMillis(i64::from(seconds) * 1000);
        stamp.timestamp = Timestamp::new(at).map_err(Problem::usage)?;
    }
    let (app, token) = match args.front_token.read()? {
        Some(token) => (desk::offline_app(options)?, token),
        None => {
            let desk = Desk::new(options)?;
            (desk.app().clone(), desk.front_token()?)
        }
    };
    let config = UpsdkConfig::new(&app, &token, &url, stamp);
    let result = told(&config, app.app_id().as_str());
    Ok(Ended { status: Status::Done, result, text: config.to_json() })
}

/// The argument of `upsdk.config` as an object.
pub(super) fn told(config: &UpsdkConfig, app_id: &str) -> Object {
    Object::new()
        .with("appId", app_id)
        .with("timestamp", config.timestamp().to_string())
        .with("nonceStr", config.nonce_str().as_str())
        .with("signature", config.signature())
}

pub(super) fn address(args: &Page, options: &Options) -> Outcome {
    let app_id = desk::app_id(options)?;
    let redirect_uri = args.redirect_uri.read()?;
    let scope: Scope = args.scope.read()?;
    let plan_id: Option<PlanId> = args.plan_id.read()?;
    let page = match (args.page, plan_id) {
        (PageName::NoPwd, None) => {
            return Err(Problem::usage("--plan-id is missing: no-pwd needs it"));
        }
        (PageName::NoPwd, Some(_)) if scope != Scope::Contract => {
            return Err(Problem::usage("--scope is upapi_contract for the page no-pwd (4.1)"));
        }
        (PageName::NoPwd, Some(plan_id)) => LoginPage::no_pwd(redirect_uri, plan_id),
        (_, Some(_)) => {
            return Err(Problem::usage("--plan-id goes with the page no-pwd alone (4.3)"));
        }
        (PageName::Oauth, None) => LoginPage::oauth(redirect_uri, scope)?,
        (PageName::OutLogin, None) => LoginPage::out_login(redirect_uri, scope)?,
    };
    let page = match &args.state {
        Some(state) => page.state(LoginState::new(&state.text()?)?),
        None => page,
    };
    let url = page.url(&app_id);
    let result = Object::new().with("url", url.as_str());
    Ok(Ended { status: Status::Done, result, text: url })
}

/// What a user comes back with. The query may have the address in front of it.
pub(super) fn back(args: &Returned) -> Outcome {
    let state = LoginState::new(&args.state.text()?)?;
    let text = args.query.text()?;
    let query = text.split_once('?').map_or(text.as_str(), |(_, query)| query);
    let code = returned(query, Some(&state)).map_err(|error| {
        let code = match &error {
            ReturnError::Declined => Some(DECLINED.to_owned()),
            ReturnError::Refused { code, .. } => Some(code.to_string()),
            _ => None,
        };
        let kind = if code.is_some() { "refused" } else { "rejected" };
        let problem = Problem::new(kind, Certainty::Refused, error);
        code.into_iter().fold(problem, |problem, code| problem.coded(code, None))
    })?;
    Ok(Said::new().with("code", code.expose()).with("state", state.as_str()).ended())
}

/// Without random numbers or a clock nothing is signed.
fn failed(error: impl ToString) -> Problem {
    Problem::new("request", Certainty::NotSent, error)
}

/// 7.8 no. 24.
const DECLINED: &str = "user0001";
