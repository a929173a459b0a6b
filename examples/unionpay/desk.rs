//! App, transport and tokens, as the options say.

use std::path::Path;
use std::sync::Arc;

use m26_pay::gateway::unionpay::token::{
    MemoryTokens, RedisTokens, RedisTokensSettings, TokenStore,
};
use m26_pay::gateway::unionpay::{
    Answer, App, AppId, AppSecret, BackendToken, BaseUrl, Call, FrontToken, SymmetricKey, UnionPay,
};
use m26_pay::gateway::{Deadlines, Http, PrivateKey, PublicKey, Transport};
use m26_pay::sim::gateway::unionpay as sim;

use crate::args::{Given, Options, Tokens, Where, bytes};
use crate::files::key;
use crate::platform;
use crate::problem::Problem;
use crate::wall::wall;

pub(crate) type Carrier = Arc<dyn Transport + Send + Sync>;

/// Where the app asks UnionPay.
pub(crate) struct Desk {
    unionpay: UnionPay<Carrier, Arc<dyn TokenStore>>,
    carrier: Carrier,
    deadlines: Deadlines,
    backend_token: Option<BackendToken>,
    pub(crate) shares_tokens: bool,
}

impl Desk {
    /// The app's, as the options say. Nothing is sent by it.
    pub(crate) fn new(options: &Options) -> Result<Self, Problem> {
        match &options.base {
            None => Err(Problem::usage(NO_BASE)),
            Some(Where::At(base)) => {
                Self::with(options, app(options, base)?, Arc::new(Http::new()))
            }
            Some(Where::Simulated) => {
                let (app, gateway) = platform::start(options)?;
                Self::with(options, app, gateway)
            }
        }
    }

    /// The same where a gateway carries the requests that others look into too.
    pub(crate) fn with(options: &Options, app: App, carrier: Carrier) -> Result<Self, Problem> {
        let store: Arc<dyn TokenStore> = match &options.tokens {
            Tokens::Memory => Arc::new(MemoryTokens::new()),
            Tokens::Redis(url) => {
                let settings = RedisTokensSettings::new(url.text()?.as_str());
                let tokens = RedisTokens::new(settings)
                    .map_err(|error| Problem::usage(format_args!("--tokens: {error}")))?;
                Arc::new(tokens)
            }
        };
        let deadlines = options.deadlines();
        Ok(Self {
            unionpay: UnionPay::new(app, Arc::clone(&carrier), store).deadlines(deadlines),
            carrier,
            deadlines,
            backend_token: options.backend_token.as_ref().map(Given::read).transpose()?,
            shares_tokens: matches!(options.tokens, Tokens::Redis(_)),
        })
    }

    pub(crate) fn app(&self) -> &App {
        self.unionpay.app()
    }

    /// Makes one call.
    pub(crate) fn ask<C: Call>(&self, call: &C) -> Result<Answer<C::Answer>, Problem> {
        match &self.backend_token {
            Some(token) => {
                let (app, carrier) = (self.unionpay.app(), &self.carrier);
                Ok(app.call(call, Some(token), carrier, self.deadlines, wall())?)
            }
            None => Ok(self.unionpay.call(call)?),
        }
    }

    /// The token that all share who have the store.
    pub(crate) fn backend_token(&self) -> Result<BackendToken, Problem> {
        Ok(self.unionpay.backend_token()?)
    }

    pub(crate) fn front_token(&self) -> Result<FrontToken, Problem> {
        Ok(self.unionpay.front_token()?)
    }
}

/// The app of the options, for what asks nobody. The secret is not needed for it.
pub(crate) fn offline_app(options: &Options) -> Result<App, Problem> {
    match &options.base {
        Some(Where::Simulated) => Ok(platform::start(options)?.0),
        _ => {
            let secret = secret(options)?.map_or_else(|| AppSecret::new(UNUSED), Ok)?;
            keyed(options, App::new(BaseUrl::live(), app_id(options)?, secret))
        }
    }
}

pub(crate) fn app_id(options: &Options) -> Result<AppId, Problem> {
    match &options.app_id {
        Some(app_id) => Ok(app_id.clone()),
        None if options.is_simulated() => Ok(AppId::new(sim::UnionPaySettings::default().app_id)?),
        None => Err(missing("--app-id")),
    }
}

/// The symmetric key of the options.
pub(crate) fn symmetric_key(options: &Options) -> Result<SymmetricKey, Problem> {
    match symmetric_hex(options)? {
        Some(hex) => Ok(SymmetricKey::new(&hex)?),
        None => Err(missing("--symmetric-key-file")),
    }
}

fn app(options: &Options, base: &BaseUrl) -> Result<App, Problem> {
    let app_id = app_id(options)?;
    let secret = secret(options)?.ok_or_else(|| missing("--secret-file"))?;
    keyed(options, App::new(base.clone(), app_id, secret))
}

/// With the keys of the options.
fn keyed(options: &Options, app: App) -> Result<App, Problem> {
    let app = match symmetric_hex(options)? {
        Some(hex) => app.symmetric_key(SymmetricKey::new(&hex)?),
        None => app,
    };
    let (partner, unionpay) = rsa_keys(options)?;
    let app = match partner {
        Some(key) => app.partner_key(key)?,
        None => app,
    };
    Ok(match unionpay {
        Some(key) => app.unionpay_key(key)?,
        None => app,
    })
}

/// The secret of the options.
pub(crate) fn secret(options: &Options) -> Result<Option<AppSecret>, Problem> {
    let secret = options.secret_file.as_deref().map(line).transpose()?;
    secret.map(|secret| Ok(AppSecret::new(secret)?)).transpose()
}

/// The digits of the symmetric key; a simulated platform has one of its own.
pub(crate) fn symmetric_hex(options: &Options) -> Result<Option<String>, Problem> {
    match &options.symmetric_key_file {
        Some(path) => line(path).map(Some),
        None if options.is_simulated() => Ok(Some(sim::UnionPaySettings::default().symmetric_key)),
        None => Ok(None),
    }
}

/// The text of a file without what is around it.
fn line(path: &Path) -> Result<String, Problem> {
    let file = bytes(path)?;
    let text = std::str::from_utf8(&file).map_err(|error| {
        Problem::usage(format_args!("{} is not UTF-8: {error}", path.display()))
    })?;
    Ok(text.trim().to_owned())
}

/// The keys of the options, the app's own first.
pub(crate) fn rsa_keys(
    options: &Options,
) -> Result<(Option<PrivateKey>, Option<PublicKey>), Problem> {
    Ok((
        key("--partner-key", options.partner_key.as_deref(), PrivateKey::read)?,
        key("--unionpay-key", options.unionpay_key.as_deref(), PublicKey::read)?,
    ))
}

fn missing(option: &str) -> Problem {
    Problem::usage(format_args!("{option} is missing"))
}

const NO_BASE: &str = "--base is missing: give the platform's address up to a call's name, such as \
                       https://open.95516.com/open/access/1.0, or `sim` for a simulated one";

/// Nothing is signed by it.
const UNUSED: &str = "unused";
