//! The certificate mode (公钥证书方式): certificates in the place of Alipay's public key.

mod chain;
mod error;
mod parsed;

use std::fmt;

use crate::gateway::{KeyInfo, PublicKey};
use crate::unix_time::UnixMillis;

use parsed::Parsed;

pub use error::{CertificateError, CertificateFault, CertificatePlace};

/// The three files of the developer centre, in PEM, or one certificate in DER.
#[derive(Clone, Copy)]
pub struct CertificateFiles<'a> {
    /// The application's certificate (应用公钥证书, `appCertPublicKey_….crt`).
    pub app: &'a [u8],
    /// Alipay's certificate and those between it and the root (支付宝公钥证书,
    /// `alipayCertPublicKey_RSA2.crt`). Alipay's is the first.
    pub alipay: &'a [u8],
    /// Alipay's root certificates (支付宝根证书, `alipayRootCert.crt`).
    pub root: &'a [u8],
}

/// Only the lengths.
impl fmt::Debug for CertificateFiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateFiles")
            .field("app", &self.app.len())
            .field("alipay", &self.alipay.len())
            .field("root", &self.root.len())
            .finish()
    }
}

/// What a merchant in certificate mode sends and expects: the numbers of the three certificates, and
/// Alipay's public key.
///
/// ```text
/// number = lower hex of MD5( issuer + serial number in decimal )
/// issuer = CN=…,OU=…,O=…,C=…            the last part first (RFC 4514, 2.1)
/// alipay_root_cert_sn = number_number   of the roots that are signed with RSA, in the file's order
/// ```
///
/// It is how Alipay's SDKs for Java (AntCertificationUtil) and Node.js (antcertutil) make them.
/// Roots on elliptic curves, SM2 among them, do not count.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificates {
    app_cert_sn: String,
    alipay_root_cert_sn: String,
    alipay_cert_sn: String,
    app_key: PublicKey,
    alipay_key: PublicKey,
    valid_until: UnixMillis,
}

impl Certificates {
    /// Reads the files, and checks them at this time by the wall clock: the application's and Alipay's
    /// certificate are valid, and Alipay's was issued by a valid root of the file, over certificates
    /// that are valid too.
    ///
    /// Those that issue applications' certificates are in no file, so the application's is checked as
    /// far as its issuers are there. Nor is it demanded that an issuer may issue (RFC 5280, 4.2.1.9):
    /// the certificates that issue Alipay's in its sandbox do not say so.
    ///
    /// # Errors
    /// If something is wrong with a file; the error says in which place, and what to do.
    pub fn read(files: CertificateFiles<'_>, at: UnixMillis) -> Result<Self, CertificateError> {
        let CertificateFiles { app, alipay, root } = files;
        let app = first(app).map_err(at_place(CertificatePlace::App))?;
        let alipay = first(alipay).map_err(at_place(CertificatePlace::Alipay))?;
        let roots = parsed::read(root).map_err(at_place(CertificatePlace::Root))?;

        let numbers: Vec<_> =
            roots.iter().filter(|root| root.is_rsa_signed()).map(Parsed::number).collect();
        if numbers.is_empty() {
            return Err(at_place(CertificatePlace::Root)(CertificateFault::NoRsaRoot));
        }
        let app_until = match chain::follow(&app.0, &app.1, &roots, at) {
            Err(CertificateFault::Issuer) => Ok(app.0.valid_until()),
            followed => followed,
        };
        let app_until = app_until.map_err(at_place(CertificatePlace::App))?;
        let alipay_until = chain::follow(&alipay.0, &alipay.1, &roots, at);
        let alipay_until = alipay_until.map_err(at_place(CertificatePlace::Alipay))?;
        Ok(Self {
            app_cert_sn: app.0.number(),
            alipay_root_cert_sn: numbers.join("_"),
            alipay_cert_sn: alipay.0.number(),
            app_key: app.0.key().map_err(at_place(CertificatePlace::App))?,
            alipay_key: alipay.0.key().map_err(at_place(CertificatePlace::Alipay))?,
            valid_until: app_until.min(alipay_until),
        })
    }

    /// The number of the application's certificate, which each request carries.
    #[must_use]
    pub fn app_cert_sn(&self) -> &str {
        &self.app_cert_sn
    }

    /// The numbers of the roots, which each request carries.
    #[must_use]
    pub fn alipay_root_cert_sn(&self) -> &str {
        &self.alipay_root_cert_sn
    }

    /// The number of Alipay's certificate, which answers carry.
    #[must_use]
    pub fn alipay_cert_sn(&self) -> &str {
        &self.alipay_cert_sn
    }

    /// Until when all certificates are valid that were needed. Nothing looks at it again: warn before
    /// it, and read newer files.
    #[must_use]
    pub fn valid_until(&self) -> UnixMillis {
        self.valid_until
    }

    /// The key that the application signs with, by its certificate.
    pub(super) fn app_key(&self) -> &PublicKey {
        &self.app_key
    }

    /// The key that Alipay signs with, by its certificate.
    #[must_use]
    pub fn alipay_key(&self) -> &PublicKey {
        &self.alipay_key
    }
}

/// The numbers alone.
impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("app_cert_sn", &self.app_cert_sn)
            .field("alipay_root_cert_sn", &self.alipay_root_cert_sn)
            .field("alipay_cert_sn", &self.alipay_cert_sn)
            .field("valid_until", &self.valid_until)
            .finish()
    }
}

/// The first certificate of a file, and the others.
fn first(file: &[u8]) -> Result<(Parsed, Vec<Parsed>), CertificateFault> {
    let mut all = parsed::read(file)?.into_iter();
    match all.next() {
        Some(first) => Ok((first, all.collect())),
        None => Err(CertificateFault::Missing { found: KeyInfo::of(file) }),
    }
}

fn at_place(place: CertificatePlace) -> impl Fn(CertificateFault) -> CertificateError {
    move |fault| CertificateError { place, fault }
}
