//! The merchant of the options.

use m26_pay::campus::guard::Now;
use m26_pay::gateway::alipay::{
    AppAuthToken, AppId, CertificateFiles, Certificates, GatewayUrl, Merchant, SellerId,
};
use m26_pay::gateway::{PrivateKey, PublicKey};

use super::options::m26pay_payments_options;
use crate::failure::Failure;
use crate::status::M26PAY_INVALID;
use crate::text;

/// # Safety
/// As [`text::text`] for the texts in it.
pub(super) unsafe fn merchant(options: &m26pay_payments_options) -> Result<Merchant, Failure> {
    let texts = |what, it| {
        // SAFETY: as the caller promises.
        unsafe { text::optional(what, it) }
    };
    let bytes = |what, it| {
        // SAFETY: as the caller promises.
        unsafe { text::bytes(what, it) }
    };
    let gateway = match texts("gateway", options.gateway)? {
        Some(url) => GatewayUrl::new(url)?,
        None => GatewayUrl::live(),
    };
    // SAFETY: as the caller promises.
    let app_id = AppId::new(unsafe { text::text("app_id", options.app_id) }?)?;
    let own = PrivateKey::read(bytes("private_key", options.private_key)?)
        .map_err(|error| Failure::key("private_key", error))?;

    let certificates =
        [options.app_certificate, options.alipay_certificate, options.root_certificate];
    let mut merchant = if certificates.iter().all(|it| it.is_none()) {
        let alipay = PublicKey::read(bytes("alipay_key", options.alipay_key)?)
            .map_err(|error| Failure::key("alipay_key", error))?;
        Merchant::new(gateway, app_id, own, alipay)?
    } else if options.alipay_key.is_none() {
        let files = CertificateFiles {
            app: bytes("app_certificate", options.app_certificate)?,
            alipay: bytes("alipay_certificate", options.alipay_certificate)?,
            root: bytes("root_certificate", options.root_certificate)?,
        };
        Merchant::with_certificates(
            gateway,
            app_id,
            own,
            Certificates::read(files, Now::read().wall)?,
        )?
    } else {
        return Err(Failure::misuse(M26PAY_INVALID, BOTH));
    };
    if let Some(seller_id) = texts("seller_id", options.seller_id)? {
        merchant = merchant.seller_id(SellerId::new(seller_id)?);
    }
    if let Some(token) = texts("app_auth_token", options.app_auth_token)? {
        merchant = merchant.app_auth_token(AppAuthToken::new(token)?);
    }
    Ok(merchant)
}

const BOTH: &str = "alipay_key and the certificates are both given: with certificates Alipay's key is in \
                    alipay_certificate, so leave alipay_key out";
