//! Merchant, transport and journal, as the options say.

use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "legacy-rsa")]
use m26_pay::gateway::LegacyPrivateKey;
use m26_pay::gateway::alipay::{AppId, Call, Fields, GatewayUrl, Merchant, MerchantError};
use m26_pay::gateway::{
    Deadlines, Http, Payments, PrivateKey, PublicKey, SignType, Transport, Verifier,
};
use m26_pay::sim::gateway::Signing;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Gateway};

use crate::args::{Options, Where};
use crate::book::{self, Book};
use crate::files::{key, read_key};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::simulated::{Simulated, StandIn};
use crate::wall::wall;

pub(crate) type Carrier = Arc<dyn Transport + Send + Sync>;

/// Where a merchant asks Alipay.
pub(crate) struct Counter {
    pub(crate) merchant: Merchant,
    transport: Carrier,
    deadlines: Deadlines,
}

impl Counter {
    /// The merchant's, as the options say. Nothing is sent by it.
    pub(crate) fn new(options: &Options) -> Result<Self, Problem> {
        let (merchant, transport) = match &options.gateway {
            None => return Err(Problem::usage(NO_GATEWAY)),
            Some(Where::At(gateway)) => {
                let merchant = real(options, gateway)?;
                (merchant, Arc::new(Http::new()) as Carrier)
            }
            Some(Where::Simulated) => {
                let clock = u64::try_from(wall().0 / 1000).unwrap_or_default();
                let settings = AlipaySettings { clock, ..AlipaySettings::default() };
                let gateway = Gateway::new(settings, Signing::StandIn, 0);
                (simulated(options)?, Arc::new(Simulated::new(gateway)) as Carrier)
            }
        };
        Ok(Self { merchant, transport, deadlines: options.deadlines() })
    }

    /// Payments of this merchant with this journal.
    pub(crate) fn payments(self, journal: Book, options: &Options) -> Payments<Carrier, Book> {
        Payments::new(self.merchant, self.transport, journal, book::holder(options))
            .policy(options.policy())
            .deadlines(options.deadlines())
    }

    /// Sends one call and gives what its answer says.
    pub(crate) fn ask<C: Call>(&self, call: &C) -> Result<(C::Answer, Fields), Problem> {
        let request = self.merchant.request(call, wall())?;
        let response = self.transport.send(&request, self.deadlines)?;
        let answer = self.merchant.read(call, &response)?;
        Ok((answer.result?, answer.fields))
    }
}

/// The merchant's, to sign what other programs send. Alipay's key is looked at if it is given.
pub(crate) fn signing(options: &Options, sign_type: SignType) -> Result<Merchant, Problem> {
    let missing =
        |option| Problem::usage(format_args!("{option} is missing: nothing is signed without it"));
    let app_id = options.app_id.clone().ok_or_else(|| missing("--app-id"))?;
    let path = options.key.as_deref().ok_or_else(|| missing("--key"))?;
    let own = signer(path, sign_type)?;
    let gateway = GatewayUrl::live();
    let merchant = match Platform::of(options)? {
        Some(alipay) => alipay.merchant(gateway, app_id, own)?,
        None => Merchant::new(gateway, app_id, own, NoAnswers)?,
    };
    Ok(merchant.charset(options.charset()))
}

/// Alipay's key, to look at what came from elsewhere. The application's own is not needed; if it is
/// given, it must not be the other half of this one.
pub(crate) fn verifier(options: &Options) -> Result<PublicKey, Problem> {
    let alipay = Platform::of(options)?
        .ok_or_else(|| Problem::usage("--alipay-key is missing: nothing is verified without it"))?
        .into_key();
    match key("--key", options.key.as_deref(), PrivateKey::read)? {
        Some(own) if own.public() == alipay => Err(MerchantError::OwnKey.into()),
        _ => Ok(alipay),
    }
}

fn real(options: &Options, gateway: &GatewayUrl) -> Result<Merchant, Problem> {
    let app_id = options.app_id.clone().ok_or_else(|| missing("--app-id"))?;
    let own = key("--key", options.key.as_deref(), PrivateKey::read)?;
    let own = own.ok_or_else(|| missing("--key"))?;
    let alipay = Platform::of(options)?.ok_or_else(|| missing("--alipay-key"))?;
    Ok(alipay.merchant(gateway.clone(), app_id, own)?.charset(options.charset()))
}

/// The keys are looked at, and stand-ins are used: nobody has the private half of Alipay's.
fn simulated(options: &Options) -> Result<Merchant, Problem> {
    let app_id = match &options.app_id {
        Some(app_id) => app_id.clone(),
        None => AppId::new(SIMULATED_APP)?,
    };
    let gateway = GatewayUrl::new(SIMULATED_URL)?;
    let own = key("--key", options.key.as_deref(), PrivateKey::read)?;
    if let (Some(own), Some(alipay)) = (own, Platform::of(options)?) {
        alipay.merchant(gateway.clone(), app_id.clone(), own)?;
    }
    Ok(Merchant::new(gateway, app_id, StandIn, StandIn)?.charset(options.charset()))
}

#[cfg(not(feature = "legacy-rsa"))]
fn signer(path: &Path, sign_type: SignType) -> Result<PrivateKey, Problem> {
    if sign_type == SignType::Rsa {
        return Err(Problem::usage(NO_LEGACY));
    }
    read_key("--key", path, PrivateKey::read)
}

/// Keys of less than 2048 bits too.
#[cfg(feature = "legacy-rsa")]
fn signer(path: &Path, sign_type: SignType) -> Result<LegacyPrivateKey, Problem> {
    read_key("--key", path, |file| LegacyPrivateKey::read(file, sign_type))
}

/// In the place of Alipay's key, where nothing of Alipay's is read.
#[derive(Debug)]
struct NoAnswers;

impl Verifier for NoAnswers {
    fn verify(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

fn missing(option: &str) -> Problem {
    Problem::usage(format_args!("{option} is missing: a gateway at a URL needs it"))
}

const NO_GATEWAY: &str = "--gateway is missing: give the address of a gateway, such as \
                          https://openapi.alipay.com/gateway.do, or `sim` for a simulated one";

#[cfg(not(feature = "legacy-rsa"))]
const NO_LEGACY: &str = "--sign-type RSA is not in this program: build it with the feature \
                         `legacy-rsa` (Rust 1.87 or newer), or sign with RSA2, as Alipay advises";

const SIMULATED_APP: &str = "2026000000000001";

/// It is no address of anything. It is the same in each run, so that a journal knows its orders.
const SIMULATED_URL: &str = "http://localhost/simulated";
