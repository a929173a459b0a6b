//! What Alipay is known by: its public key, or certificates.

use std::path::Path;

use m26_pay::gateway::alipay::{
    AppId, CertificateFiles, CertificatePlace, Certificates, GatewayUrl, Merchant, MerchantError,
};
use m26_pay::gateway::{PublicKey, Signer};

use crate::args::Options;
use crate::files::{key, read};
use crate::problem::Problem;
use crate::wall::wall;

pub(crate) enum Platform {
    Certificates(Box<Certificates>),
    Key(PublicKey),
}

impl Platform {
    /// As the options name it; nothing, if they do not.
    pub(crate) fn of(options: &Options) -> Result<Option<Self>, Problem> {
        let paths = [
            ("--app-cert", options.app_cert.as_deref()),
            ("--alipay-cert", options.alipay_cert.as_deref()),
            ("--root-cert", options.root_cert.as_deref()),
        ];
        match paths.map(|(_, path)| path) {
            [None, None, None] => {
                Ok(key("--alipay-key", options.alipay_key.as_deref(), PublicKey::read)?
                    .map(Self::Key))
            }
            [Some(_), Some(_), Some(_)] if options.alipay_key.is_some() => {
                Err(Problem::usage(BOTH))
            }
            [Some(app), Some(alipay), Some(root)] => certificates(app, alipay, root).map(Some),
            _ => {
                let left_out = paths.iter().find(|(_, path)| path.is_none());
                let option = left_out.map_or("", |(option, _)| option);
                Err(Problem::usage(format_args!("{option} is missing: {TOGETHER}")))
            }
        }
    }

    /// The merchant of whom Alipay is known so.
    pub(crate) fn merchant(
        self,
        gateway: GatewayUrl,
        app_id: AppId,
        own: impl Signer + 'static,
    ) -> Result<Merchant, MerchantError> {
        match self {
            Self::Certificates(certificates) => {
                Merchant::with_certificates(gateway, app_id, own, *certificates)
            }
            Self::Key(alipay) => Merchant::new(gateway, app_id, own, alipay),
        }
    }

    /// The key that verifies.
    pub(crate) fn into_key(self) -> PublicKey {
        match self {
            Self::Certificates(certificates) => certificates.alipay_key().clone(),
            Self::Key(alipay) => alipay,
        }
    }
}

fn certificates(app: &Path, alipay: &Path, root: &Path) -> Result<Platform, Problem> {
    let files = CertificateFiles {
        app: &read("--app-cert", app)?,
        alipay: &read("--alipay-cert", alipay)?,
        root: &read("--root-cert", root)?,
    };
    let certificates = Certificates::read(files, wall()).map_err(|error| {
        let (option, path) = match error.place {
            CertificatePlace::App => ("--app-cert", app),
            CertificatePlace::Alipay => ("--alipay-cert", alipay),
            _ => ("--root-cert", root),
        };
        Problem::usage(format_args!("{option} {}: {error}", path.display()))
    })?;
    Ok(Platform::Certificates(Box::new(certificates)))
}

const BOTH: &str = "--alipay-key and the certificates are both there: with certificates \
                    (公钥证书方式) Alipay's key is in --alipay-cert, so leave --alipay-key out";

const TOGETHER: &str = "--app-cert, --alipay-cert and --root-cert belong together";
